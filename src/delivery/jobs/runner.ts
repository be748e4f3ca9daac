import { setTimeout as pause } from 'node:timers/promises';
import { Fault, faultFrom } from '../../message/fault.js';
import type { Registry } from '../../registry/registry.js';
import type { RoundBook } from '../../trace/rounds.js';
import type { CarryOut } from '../orders.js';
import type { Obeyed, Sweeper } from '../ports.js';
import { reasonAgainst } from './other-system.js';
import { createPace, type Pace } from './pace.js';
import { APPROVAL_MS } from './jobs.js';
import type { DueItem, ItemOutcome, Job, JobQueue, Place } from './ports.js';

interface RunnerParts {
  readonly queue: JobQueue;
  readonly leases: Pick<Sweeper, 'holdLease'>;
  readonly carryOut: CarryOut;
  readonly registry: () => Registry;
  readonly owner: string;
  /** Told when deliveries became QUEUED. */
  readonly requeued: () => void;
  readonly book: Pick<RoundBook, 'note'>;
  readonly problem: (error: unknown) => void;
}

const EVERY_MS = 250;
const IDLE_MS = 1_000;
const LEASE_MS = 10_000;
const JOBS_AT_ONCE = 200;
const ABANDONED_MS = 600_000;
const ABANDON_EVERY_MS = 60_000;

/**
 * Runs jobs, each at its own rate. One node of a cluster does, held by a lease row; when it dies another goes on after the
 * lease. An item is a compare-and-set on what was seen when the job was made, and its journal row names the job: nothing
 * is done twice, whoever dies between the two commits.
 */
export interface JobRunner {
  start(): void;
  stop(): Promise<void>;
}

export function createJobRunner(parts: RunnerParts): JobRunner {
  const { queue, leases, owner, problem } = parts;
  const stopping = new AbortController();
  const paces = new Map<string, Pace>();
  const tally = createTally();
  let loop: Promise<void> = Promise.resolve();
  let abandonDue = 0;
  const holds = () => leases.holdLease('jobs', owner, LEASE_MS);
  const once = async (): Promise<number> => {
    const began = performance.now();
    if (!(await holds())) return IDLE_MS;
    if (began >= abandonDue) {
      await queue.abandon(ABANDONED_MS);
      await queue.expire(APPROVAL_MS);
    }
    abandonDue = began >= abandonDue ? began + ABANDON_EVERY_MS : abandonDue;
    const jobs = await queue.running(JOBS_AT_ONCE);
    for (const id of paces.keys()) if (!jobs.some((job) => job.id === id)) paces.delete(id);
    if (jobs.length === 0) return (tally.clear(), IDLE_MS);
    // Each turn that failed was told.
    await parts.book.note('jobs', () => turns(jobs)).catch(() => undefined);
    return Math.max(0, EVERY_MS - (performance.now() - began));
  };
  /** Throws what the last turn that failed threw, when every job has had its own. */
  const turns = async (jobs: readonly Job[]) => {
    let failed: readonly unknown[] = [];
    for (const job of jobs) {
      if (stopping.signal.aborted || !(await holds())) break;
      await turn(job, paceOf(job, paces), parts).then(
        tally.add,
        (error: unknown) => (problem(error), (failed = [error])),
      );
    }
    if (failed.length > 0) throw failed[0];
    return tally.counts();
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      const rest = await once().catch((error: unknown) => (problem(error), IDLE_MS));
      await pause(rest, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start: () => void (loop = run()),
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

function paceOf({ id }: Job, paces: Map<string, Pace>): Pace {
  const pace = paces.get(id) ?? createPace();
  paces.set(id, pace);
  return pace;
}

/** What became of items since there is something to run: the last turn of a job may have none. */
function createTally() {
  let counts = { obeyed: 0, skipped: 0, refused: 0 };
  const count = (outcomes: readonly ItemOutcome[], of: ItemOutcome['result']) =>
    outcomes.filter(({ result }) => result === of).length;
  return {
    clear: () => void (counts = { obeyed: 0, skipped: 0, refused: 0 }),
    add: (outcomes: readonly ItemOutcome[]) =>
      void (counts = {
        obeyed: counts.obeyed + count(outcomes, 'done'),
        skipped: counts.skipped + count(outcomes, 'skipped'),
        refused: counts.refused + count(outcomes, 'failed'),
      }),
    counts: () => counts,
  };
}

async function turn(job: Job, pace: Pace, parts: RunnerParts): Promise<readonly ItemOutcome[]> {
  const { queue } = parts;
  const room = pace.take(job.rate, performance.now());
  if (room === 0) return [];
  const items = await queue.next(job.id, room);
  const before = await queue.changedBy(job.id, placesOf(items));
  const outcomes = await Promise.all(
    items.map(async (item) => (isIn(before, item) ? done(item) : carry(item, job, parts))),
  );
  if (job.action === 'retry' && outcomes.some(({ result }) => result === 'done')) parts.requeued();
  const certain = await withoutDoubt(job, items, outcomes, queue);
  await queue.record(job.id, certain);
  return certain;
}

/** What could not be changed may have been changed by this job on another node, a moment ago. */
async function withoutDoubt(
  { id }: Job,
  items: readonly DueItem[],
  outcomes: readonly ItemOutcome[],
  queue: JobQueue,
): Promise<readonly ItemOutcome[]> {
  const doubtful = items.filter((_, at) => outcomes[at]?.result === 'skipped');
  if (doubtful.length === 0) return outcomes;
  const changed = await queue.changedBy(id, placesOf(doubtful));
  return outcomes.map((outcome, at) => (isIn(changed, items[at]!) ? done(items[at]!) : outcome));
}

const placesOf = (items: readonly DueItem[]): readonly Place[] => items.flatMap(({ subject }) => subject ?? []);
const isIn = (ids: ReadonlySet<string>, { subject }: DueItem) => subject !== null && ids.has(subject.deliveryId);
const done = ({ n, seen }: DueItem): ItemOutcome => ({ n, result: 'done', found: seen.state, fault: null });

/** Throws where the ledger is away: the item keeps its turn. */
async function carry(item: DueItem, job: Job, parts: RunnerParts): Promise<ItemOutcome> {
  const { n, subject } = item;
  if (subject === null) return { n, result: 'skipped', found: null, fault: null };
  const against = job.system === null ? null : reasonAgainst(job.system, subject, parts.registry());
  if (against) return { n, result: 'failed', found: subject.state, fault: against.code };
  try {
    const obeyed = await obey(item, subject, job, parts.carryOut);
    return { n, result: obeyed?.moved ? 'done' : 'skipped', found: obeyed?.was ?? null, fault: null };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'internal') throw error;
    parts.problem(error);
    return { n, result: 'failed', found: subject.state, fault: faultFrom(error).code };
  }
}

function obey(
  { seen }: DueItem,
  subject: NonNullable<DueItem['subject']>,
  job: Job,
  carryOut: CarryOut,
): Promise<Obeyed> {
  const { action, operator, reason, id, again, system } = job;
  const order = { operator, reason, job: id };
  if (action === 'cancel') return carryOut.cancel(subject, order);
  if (action === 'discard') return carryOut.discard(subject, { ...order, seen });
  return carryOut.retry(subject, { ...order, again, seen, ...(system !== null && { system }) });
}
