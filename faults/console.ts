import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { ADMIN_TOKEN } from '../test/support/gateway.js';
import type { Entry, Told } from './ledger.js';

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
const PAGE = 500;

interface Page {
  readonly items: readonly {
    readonly id: string;
    readonly messageId: string;
    readonly state: string;
    readonly acceptedAt: string;
    readonly attempts: number;
    readonly deliveries: readonly { readonly receiver: string; readonly state: string }[];
  }[];
  readonly next: string | null;
}

async function page(url: string, query: string): Promise<Page> {
  const answer = await request(`${url}/admin/messages?${query}`, { headers });
  if (answer.statusCode !== 200)
    throw new Error(`the console answers ${answer.statusCode}: ${await answer.body.text()}`);
  return (await answer.body.json()) as Page;
}

/** A receiver that is sent the same for ever does not hold up the bench for ever. */
const MOST_LIMITS = 20;

/**
 * Waits until the operators' API knows of no message that is still open; resolves too where nothing has arrived for `limitMs`, as a load over
 * what the machine can deliver leaves much behind. Milliseconds it took.
 */
export async function drained(url: string, limitMs: number, arrived: () => number): Promise<number> {
  const begun = Date.now();
  const end = begun + MOST_LIMITS * limitMs;
  for (let [seen, at] = [-1, begun]; Date.now() < Math.min(end, at + limitMs); await pause(250)) {
    const count = arrived();
    if (count > seen) [seen, at] = [count, Date.now()];
    const open = await page(url, 'state=ACCEPTED&limit=1').catch(() => null);
    if (open?.items.length === 0) break;
  }
  return Date.now() - begun;
}

/** `acceptedAt`: milliseconds since the epoch. */
export interface HeldMessage {
  readonly acceptedAt: number;
  readonly attempts: number;
}

/** The newest messages whose delivery to a receiver is suspended for this fault, at most a page of them. */
export async function heldFor(url: string, receiver: string, fault: string): Promise<readonly HeldMessage[]> {
  const { items } = await page(url, `state=ACCEPTED&receiver=${receiver}&fault=${fault}&limit=${PAGE}`);
  const held = items.filter(({ deliveries }) => deliveries.some(({ state }) => state === 'SUSPENDED'));
  return held.map(({ acceptedAt, attempts }) => ({ acceptedAt: Date.parse(acceptedAt), attempts }));
}

/** Whether a version of a service comes to be in force there, or not in force, within the time. */
export async function hasVersion(
  url: string,
  { id, version }: { readonly id: string; readonly version: number },
  isThere: boolean,
  limitMs: number,
): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await pause(100)) {
    const answer = await request(`${url}/admin/services/${id}/versions/${version}`, { headers }).catch(() => null);
    await answer?.body.dump();
    if (answer && (answer.statusCode === 200) === isThere) return true;
  }
  return false;
}

/** Every message that was accepted, as the operators' API tells it. */
export async function readMessages(url: string): Promise<readonly Told[]> {
  const told: Told[] = [];
  for (let before: string | null = ''; before !== null;) {
    const { items, next }: Page = await page(url, `limit=${PAGE}${before === '' ? '' : `&before=${before}`}`);
    for (const { id, messageId, state, deliveries } of items) {
      if (state !== 'REJECTED') told.push({ gatewayId: id, id: messageId, state, deliveries });
    }
    before = next;
  }
  return told;
}

/** The whole journal: server-sent events from the first one until nothing more comes; a stream that is cut is resumed, as a browser does. */
export async function readJournal(url: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const { last, isQuiet } = await readStream(url, cursor, entries);
    cursor = isQuiet ? null : last;
  }
  return entries;
}

/** Reads into `entries`; `last`: the cursor of the newest event that came whole. */
async function readStream(url: string, after: string, entries: Entry[]): Promise<{ last: string; isQuiet: boolean }> {
  const quiet = new AbortController();
  const { body } = await request(`${url}/admin/events?after=${after}`, {
    headers,
    signal: quiet.signal,
    bodyTimeout: 0,
  });
  let [last, rest] = [after, ''];
  let timer = setTimeout(() => quiet.abort(), QUIET_MS);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), QUIET_MS);
      const blocks = (rest + String(chunk)).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        entries.push(...entryOf(block));
        last = /^id: (.*)$/m.exec(block)?.[1] ?? last;
      }
    }
  } catch (error) {
    if (!quiet.signal.aborted) console.log(`  the journal's stream was cut after ${last}: ${String(error)}`);
  } finally {
    clearTimeout(timer);
  }
  if (!quiet.signal.aborted && last === after) throw new Error(`the console's journal ends after ${after}`);
  return { last, isQuiet: quiet.signal.aborted };
}

/** Longer than the journal keeps a fresh gap in its numbers back. */
const QUIET_MS = 3_500;
/** What refuses a message has a story too, which is not of the ledger's. */
const OF_REFUSALS = 'message.rejected';

function entryOf(block: string): readonly Entry[] {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (data === undefined) return [];
  const { messageId, event, seq } = JSON.parse(data) as { messageId: string; event: string; seq: number };
  return event === OF_REFUSALS ? [] : [{ gatewayId: messageId, event, seq }];
}
