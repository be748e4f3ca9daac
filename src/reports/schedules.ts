import { newId } from '../new-id.js';
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { Mailer } from '../outbound/mail.js';
import type { Scope } from '../statistics/ports.js';
import type { RoundBook } from '../trace/rounds.js';
import { WRITERS } from './formats.js';
import type { ScheduleStore } from './ports.js';
import type { Report } from './reports.js';
import { nextMorning, wholePeriod, type ReportSchedule } from './schedule.js';

type Order = Omit<ReportSchedule, 'id' | 'nextAt' | 'sentAt' | 'error'>;

interface ScheduleParts {
  readonly store: ScheduleStore;
  readonly report: Report;
  /** Null: no mail server is set. */
  readonly mailer: Mailer | null;
  /** What an operator sees now; undefined: it is no operator any more. */
  readonly scopeOf: (operator: string) => Scope | undefined;
  readonly leases: { holdLease(name: string, owner: string, ms: number): Promise<boolean> };
  /** Id of this node. */
  readonly owner: string;
  readonly book: Pick<RoundBook, 'note'>;
  readonly publicUrl: string;
  readonly problem: (error: unknown) => void;
}

/** Reports by mail: one node of a cluster sends them, by a lease. A mail may come twice where that node dies; its Message-ID is the same. */
export interface Schedules {
  start(): void;
  stop(): Promise<void>;
  /** Throws report-schedule-limit, mail-missing. */
  add(order: Order): Promise<ReportSchedule>;
  /** Sends the last whole period at once. Throws mail-missing, mail-not-taken. */
  sendNow(schedule: ReportSchedule): Promise<void>;
}

export const MOST_SCHEDULES = 20;
const EVERY_MS = 5_000;
const LEASE_MS = 60_000;
const RETRY_MS = 900_000;
const AT_ONCE = 10;
/** Between two sendings of one report at an operator's word. */
const PACE_MS = 60_000;
const LONGEST_ERROR = 300;

export function createSchedules(parts: ScheduleParts): Schedules {
  const { store, leases, owner, problem } = parts;
  const stopping = new AbortController();
  const justSent = new LRUCache<string, true>({ max: 10_000, ttl: PACE_MS });
  let loop: Promise<void> = Promise.resolve();
  const sendDue = async () => {
    const counts = { sent: 0, failed: 0 };
    for (const schedule of await store.due(RETRY_MS, AT_ONCE)) {
      if (stopping.signal.aborted) break;
      const isSent = await send(parts, schedule, schedule.nextAt).then(
        () => true,
        (error: unknown) => (problem(error), false),
      );
      counts[isSent ? 'sent' : 'failed'] += 1;
    }
    return counts;
  };
  const once = async () => {
    if (!(await leases.holdLease('reports', owner, LEASE_MS))) return;
    await parts.book.note('reports', sendDue);
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      await once().catch(problem);
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start: () => void (loop = parts.mailer === null ? loop : run()),
    stop: async () => {
      stopping.abort();
      await loop;
      parts.mailer?.close();
    },
    add: (order) => add(parts, order),
    sendNow: async (schedule) => {
      if (justSent.has(schedule.id)) throw tooSoon();
      justSent.set(schedule.id, true);
      await mailed(parts, schedule, new Date()).catch((error: unknown) => {
        justSent.delete(schedule.id);
        throw error instanceof Fault ? error : new Fault('mail-not-taken', { detail: reasonOf(error), place: 'to' });
      });
    },
  };
}

const tooSoon = () =>
  new Fault('report-schedule-limit', {
    detail: 'It was sent less than a minute ago.',
    retryAfterSeconds: PACE_MS / 1_000,
  });

async function add({ store, mailer }: ScheduleParts, order: Order): Promise<ReportSchedule> {
  if (mailer === null) throw mailMissing();
  const nextAt = nextMorning(order.every, new Date());
  const schedule = { ...order, id: newId(), nextAt, sentAt: null, error: null };
  if (await store.add(schedule, MOST_SCHEDULES)) return schedule;
  const detail = `Operator ${order.owner} has ${MOST_SCHEDULES} report schedules already.`;
  throw new Fault('report-schedule-limit', { detail });
}

/** What nobody took is tried again; what came due meanwhile is sent once, of its last period. */
async function send(parts: ScheduleParts, schedule: ReportSchedule, at: Date): Promise<void> {
  try {
    await mailed(parts, schedule, at);
    await parts.store.sent(schedule.id, nextMorning(schedule.every, new Date()));
  } catch (error) {
    await parts.store.failed(schedule.id, reasonOf(error));
    throw error;
  }
}

async function mailed({ mailer, report, scopeOf, publicUrl }: ScheduleParts, schedule: ReportSchedule, at: Date) {
  const { id, kind, by, format, every, to, owner } = schedule;
  if (mailer === null) throw mailMissing();
  const scope = scopeOf(owner);
  if (scope === undefined) throw new Error(`${owner} is no operator any more; nobody else's scope fits.`);
  const period = wholePeriod(every, at);
  const table = await report({ kind, by, ...period }, scope);
  const { mediaType, write } = WRITERS[format];
  const name = `${kind}-${by}-${period.from}-${period.to}`;
  await mailer.send({
    to,
    subject: `${table.title}, ${period.from} to ${period.to}`,
    text: `Lines: ${table.rows.length}.\nSent each ${every} as ${owner} asked: ${publicUrl}/console/reports\n`,
    id: `<${id}.${period.from}@crocevia>`,
    attachment: { filename: `${name}.${format}`, contentType: mediaType, content: await write(table) },
  });
}

const mailMissing = () => new Fault('mail-missing', { detail: 'CROCEVIA_SMTP_URL is not set.' });
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_ERROR).replaceAll('\u0000', '');
