import { setTimeout as pause } from 'node:timers/promises';
import type { Sweeper } from '../delivery/ports.js';
import type { RoundBook } from '../trace/rounds.js';
import { evaluate } from './evaluate.js';
import { noticeOf } from './notice.js';
import type { AlertStore, Facts, NoticeChannel } from './ports.js';
import { rulesInForce } from './rules.js';

interface AlertParts {
  readonly store: AlertStore;
  readonly leases: Pick<Sweeper, 'holdLease'>;
  readonly owner: string;
  readonly book: Pick<RoundBook, 'note'>;
  /** What this node knows of itself and its database. */
  readonly local: () => Promise<Pick<Facts, 'certificates' | 'disks' | 'backups'>>;
  readonly channels: readonly NoticeChannel[];
  readonly publicUrl: string;
  /** Milliseconds between two looks; between two notices there are twice as many. */
  readonly everyMs: number;
  readonly problem: (error: unknown) => void;
}

/** What became of a test notice on one channel. */
export interface ChannelTest {
  readonly channel: NoticeChannel['name'];
  readonly error: string | null;
}

/** Looks at the rules, keeps one incident for each cause, and tells what is new. One node of a cluster does, by a lease. */
export interface Alerts {
  start(): void;
  stop(): Promise<void>;
  test(): Promise<readonly ChannelTest[]>;
}

/** Incidents told together; more wait for the next notice. */
const MOST_NEWS = 1_000;

export function createAlerts(parts: AlertParts): Alerts {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  const run = async () => {
    let toldAt = 0;
    while (!stopping.signal.aborted) {
      const isDue = Date.now() - toldAt >= 2 * parts.everyMs;
      if (await once(parts, isDue).catch((error: unknown) => (parts.problem(error), false))) toldAt = Date.now();
      await pause(parts.everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start: () => void (loop = run()),
    stop: async () => {
      stopping.abort();
      await loop;
      await Promise.all(parts.channels.map((channel) => channel.close()));
    },
    test: () => Promise.all(parts.channels.map(tryOut)),
  };
}

/** True where something was told. */
async function once(parts: AlertParts, isDue: boolean): Promise<boolean> {
  const { leases, owner, everyMs, book } = parts;
  if (!(await leases.holdLease('alerts', owner, 3 * everyMs + 10_000))) return false;
  await book.note('alerts', () => look(parts));
  return isDue && tell(parts);
}

async function look({ store, local, everyMs }: AlertParts) {
  const rules = rulesInForce(await store.rules());
  const window = Math.max(1, ...rules.filter(({ enabled }) => enabled).map(({ windowMinutes }) => windowMinutes));
  const facts = { ...(await store.facts(window)), ...(await local()) };
  const found = evaluate(rules, facts);
  await store.record(found, 2 * everyMs);
  return { found: found.length };
}

/** Of a notice that no channel has taken nobody was told: it comes again. */
async function tell({ store, channels, publicUrl, problem }: AlertParts): Promise<boolean> {
  if (channels.length === 0) return false;
  const news = await store.news(MOST_NEWS);
  if (news.length === 0) return false;
  const notice = noticeOf(news, publicUrl);
  const sent = await Promise.allSettled(channels.map((channel) => channel.send(notice)));
  for (const one of sent) if (one.status === 'rejected') problem(one.reason);
  if (sent.some(({ status }) => status === 'fulfilled')) await store.told(news);
  return true;
}

async function tryOut(channel: NoticeChannel): Promise<ChannelTest> {
  const notice = { subject: '[Crocevia] test', text: 'A test of this alert channel.', news: [] };
  const error = await channel.send(notice).then(
    () => null,
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  );
  return { channel: channel.name, error };
}
