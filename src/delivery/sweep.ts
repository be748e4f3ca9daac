import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../message/delivery.js';
import { Fault } from '../message/fault.js';
import type { Settle } from '../receipt/settle.js';
import type { Tidy } from '../retention/retention.js';
import type { RoundBook } from '../trace/rounds.js';
import type { Sweeper } from './ports.js';

interface SweepParts {
  readonly sweeper: Sweeper;
  readonly settle: Settle;
  readonly owner: string;
  /** Told when deliveries became QUEUED again, so that the relay need not wait for its own tick. */
  readonly requeued: () => void;
  /** Lets go of what has been kept for long enough. */
  readonly tidy: Tidy;
  /** Removes uploads that nobody has finished. */
  readonly sweepUploads: () => Promise<void>;
  readonly book: Pick<RoundBook, 'note'>;
  readonly problem: (error: unknown) => void;
}

const EVERY_MS = 500;
const LEASE_MS = 10_000;
const LIMIT = 500;
const PARTITIONS_EVERY_MS = 3_600_000;
const QUESTIONS_EVERY_MS = 60_000;
const UPLOADS_EVERY_MS = 5_000;
const PARTITION_DAYS = 7;

/**
 * What time does to deliveries: retries come due, leases of dead dispatchers run out, agreements' times end. One node
 * of a cluster sweeps at a time, held by a lease row; when it dies another takes over after the lease.
 */
export interface Sweep {
  start(): void;
  stop(): Promise<void>;
}

export function createSweep(parts: SweepParts): Sweep {
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let [partitionsDue, questionsDue, uploadsDue] = [0, 0, 0];
  let [tidying, uploads]: (Promise<void> | null)[] = [null, null];
  const once = async () => {
    if (!(await parts.sweeper.holdLease('sweeper', parts.owner, LEASE_MS))) return;
    await parts.book.note('sweep', () => sweepOnce(parts));
    if (Date.now() >= questionsDue) {
      await parts.sweeper.endUnfinished(UNFINISHED, LIMIT);
      questionsDue = Date.now() + QUESTIONS_EVERY_MS;
    }
    if (Date.now() >= uploadsDue) {
      uploadsDue = Date.now() + UPLOADS_EVERY_MS;
      // Large ones, or a payload store that is slow, hold up no retry.
      uploads ??= parts.book
        .note('uploads', parts.sweepUploads)
        .catch(parts.problem)
        .finally(() => (uploads = null));
    }
    if (Date.now() < partitionsDue) return;
    await parts.book.note('partitions', () => parts.sweeper.preparePartitions(PARTITION_DAYS));
    partitionsDue = Date.now() + PARTITIONS_EVERY_MS;
    // It may take longer than the lease: another node that begins meanwhile finds what is left.
    tidying ??= parts.book
      .note('retention', () => parts.tidy(stopping.signal))
      .catch(parts.problem)
      .finally(() => (tidying = null));
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      await once().catch(parts.problem);
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    start: () => void (loop = run()),
    stop: async () => {
      stopping.abort();
      await loop;
      await Promise.all([tidying, uploads]);
    },
  };
}

const UNFINISHED = new Fault('query-unfinished', {
  detail: 'The end of the question was not written down, and its consumer was given no answer.',
}).toRecord();

async function sweepOnce(parts: SweepParts) {
  const [due, recovered] = [await parts.sweeper.requeueDue(LIMIT), await parts.sweeper.recoverLeases(LIMIT)];
  if (due + recovered > 0) parts.requeued();
  return { due, recovered, expired: await expire(parts) };
}

async function expire({ sweeper, settle }: SweepParts): Promise<number> {
  const all = await sweeper.expired(LIMIT);
  await Promise.all(
    all.map((delivery) => sweeper.expire(delivery, settle(delivery, { state: 'EXPIRED', fault: overdue(delivery) }))),
  );
  return all.length;
}

const overdue = ({ expiresAt, receiver }: Delivery) =>
  new Fault('delivery-expired', {
    detail: `Not delivered by ${expiresAt.toISOString()}.`,
    place: receiver.participant,
  }).toRecord();
