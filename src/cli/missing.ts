import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { bulkhead } from 'cockatiel';
import { Command } from 'commander';
import { call, CommandError, explain, type Connection } from './client.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

/** What a line of the log says was accepted. */
export interface Accepted {
  /** The gateway's. */
  readonly id: string;
  /** As the log writes it, ISO 8601. */
  readonly time: string;
  /** System that has sent it. */
  readonly sender: string;
}

const AT_ONCE = 8;

/** `crocevia missing`: what a ledger that was restored does not know of what the logs say was accepted. */
export function missingCommand({ connection, print }: Parts): Command {
  return new Command('missing')
    .description('after a restore: what these logs say was accepted and the ledger does not know (operators)')
    .argument('[logs...]', 'files of the JSON log of every node; none: standard input')
    .option(
      '--since <time>',
      'only what was accepted from then on, as the point that was restored: 2026-11-28T14:00:00Z',
    )
    .action(async (files: readonly string[], { since }: { since?: string }) => {
      const operator = connection();
      const accepted = await acceptedIn(files, sinceOf(since));
      const missing = await unknownOf(accepted, operator);
      for (const { time, id, sender } of missing) print(`${time}  ${id}  ${sender}`);
      print(summary(accepted.length, missing));
      process.exitCode = missing.length > 0 ? 1 : 0;
    });
}

function sinceOf(text: string | undefined): number {
  const at = text === undefined ? 0 : Date.parse(text);
  if (Number.isNaN(at)) throw new CommandError(`--since ${text ?? ''} is no time\n  expected: 2026-11-28T14:00:00Z`);
  return at;
}

async function acceptedIn(files: readonly string[], since: number): Promise<readonly Accepted[]> {
  const found = new Map<string, Accepted>();
  const inputs = files.length > 0 ? files.map((file) => createReadStream(file)) : [process.stdin];
  for (const input of inputs)
    for (const one of await acceptedOf(input)) if (Date.parse(one.time) >= since) found.set(one.id, one);
  return [...found.values()];
}

async function acceptedOf(input: Readable): Promise<readonly Accepted[]> {
  const read: Accepted[] = [];
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const one = readAccepted(line);
      if (one !== null) read.push(one);
    }
  } catch (error) {
    throw new CommandError(`A log cannot be read: ${(error as Error).message}`);
  }
  return read;
}

/** Null where the line tells of something else. What collects logs may have put something before the JSON. */
export function readAccepted(line: string): Accepted | null {
  const start = line.indexOf('{');
  if (start < 0 || !line.includes('"message.accepted"')) return null;
  try {
    const { event, messageId, time, by } = JSON.parse(line.slice(start)) as Partial<Record<string, unknown>>;
    if (event !== 'message.accepted' || typeof messageId !== 'string' || typeof time !== 'string') return null;
    return { id: messageId, time, sender: String(by) };
  } catch {
    return null;
  }
}

async function unknownOf(accepted: readonly Accepted[], connection: Connection): Promise<readonly Accepted[]> {
  const asked = bulkhead(AT_ONCE, Infinity);
  const isUnknown = async ({ id }: Accepted) => {
    const { status, text } = await call(connection, 'GET', `/admin/messages/${encodeURIComponent(id)}`);
    if (status >= 300 && status !== 404) throw new CommandError(explain(status, text));
    return status === 404;
  };
  const unknown = await Promise.all(accepted.map((one) => asked.execute(() => isUnknown(one))));
  return accepted.filter((_, at) => unknown[at]);
}

function summary(accepted: number, missing: readonly Accepted[]): string {
  if (accepted === 0) return 'The logs tell of no accepted message.';
  if (missing.length === 0) return `All ${accepted} accepted messages are in the ledger.`;
  const senders = new Set(missing.map(({ sender }) => sender)).size;
  return `${missing.length} of ${accepted} accepted messages are not in the ledger: ${senders} ${senders === 1 ? 'system' : 'systems'} must send them again under the same id.`;
}
