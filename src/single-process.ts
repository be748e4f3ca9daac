import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sweeper } from './delivery/ports.js';

const NAME = 'single-process';
const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
const ASK_EVERY_MS = 500;
/** Longer than a lease: what a killed process held has lapsed by then. */
const PATIENCE_MS = LEASE_MS + 2_000;

/** Another process works on the same database, and no RabbitMQ joins the two. */
export class SecondProcess extends Error {
  constructor() {
    super(
      'Another gateway process works on the database of DATABASE_URL. Without AMQP_URL there may be one only: stop the other one, or set AMQP_URL for both.',
    );
    this.name = 'SecondProcess';
  }
}

interface SingleProcessParts {
  readonly leases: Pick<Sweeper, 'holdLease'>;
  readonly owner: string;
  /** Told when the lease is in another's hands: this process must end. */
  readonly lost: () => void;
  /** Told that the lease could not be renewed because the ledger is away. */
  readonly problem: (error: unknown) => void;
}

/** The lease row by which PostgreSQL with the in-process broker stays one process. */
export interface SingleProcess {
  /** Waits for the lease of a process that died. Throws SecondProcess where the other one lives. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function holdSingleProcess({ leases, owner, lost, problem }: SingleProcessParts): SingleProcess {
  // Two processes may have been given the same name.
  const holder = `${owner} ${randomUUID()}`;
  const stopping = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const hold = (ms: number) => leases.holdLease(NAME, holder, ms);
  const renewed = () => hold(LEASE_MS).catch((error: unknown) => (problem(error), true));
  const renew = async () => {
    for (;;) {
      await pause(RENEW_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      if (!(await renewed())) return lost();
    }
  };
  return {
    start: async () => {
      const end = Date.now() + PATIENCE_MS;
      while (!(await hold(LEASE_MS))) {
        if (Date.now() > end) throw new SecondProcess();
        await pause(ASK_EVERY_MS);
      }
      renewing = renew();
    },
    stop: async () => {
      stopping.abort();
      await renewing;
      await hold(0).catch(problem);
    },
  };
}
