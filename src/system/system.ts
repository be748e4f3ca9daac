import { constrainedMemory, memoryUsage } from 'node:process';
import { totalmem } from 'node:os';
import type { PayloadPlace } from '../payloads/open-payloads.js';
import { faultFrom } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { Round, RoundBook } from '../trace/rounds.js';
import type { DatabaseFacts, DatabaseReader } from './ports.js';

interface SystemParts {
  readonly database: DatabaseReader;
  readonly ping: () => Promise<void>;
  readonly readings: {
    disks(): Promise<readonly { readonly place: string; readonly free: number; readonly size: number }[]>;
    levels(): Promise<{ readonly bytes: number }>;
  };
  readonly book: Pick<RoundBook, 'last'>;
  readonly payloads: PayloadPlace['kind'];
}

/** How a node and what it stands on are doing. */
export interface SystemFacts {
  readonly at: Date;
  /** When this process began. */
  readonly startedAt: Date;
  readonly nodejs: string;
  readonly memory: { readonly used: number; readonly size: number };
  readonly payloads: PayloadPlace['kind'];
  readonly disks: readonly { readonly place: string; readonly free: number; readonly size: number }[];
  /** Null: it cannot be asked. */
  readonly database: (DatabaseFacts & { readonly ms: number; readonly bytes: number }) | null;
  readonly databaseFault: FaultCode | null;
  /** Of this node since its start. */
  readonly rounds: readonly Round[];
}

/** Never rejects for a database that is away. */
export type ReadSystem = () => Promise<SystemFacts>;

export function createReadSystem(parts: SystemParts): ReadSystem {
  return async () => {
    const at = new Date();
    const disks = parts.readings.disks();
    return {
      at,
      startedAt: new Date(at.getTime() - process.uptime() * 1_000),
      nodejs: process.version,
      memory: { used: memoryUsage.rss(), size: memorySize() },
      payloads: parts.payloads,
      disks: await disks,
      rounds: parts.book.last(),
      ...(await databaseOf(parts)),
    };
  };
}

/** Of the container, or of the machine where none is set. */
function memorySize(): number {
  const limit = constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

async function databaseOf({
  database,
  ping,
  readings,
}: SystemParts): Promise<Pick<SystemFacts, 'database' | 'databaseFault'>> {
  try {
    const began = performance.now();
    await ping();
    const ms = Math.round((performance.now() - began) * 10) / 10;
    const [facts, { bytes }] = await Promise.all([database.facts(), readings.levels()]);
    return { database: { ...facts, ms, bytes }, databaseFault: null };
  } catch (error) {
    return { database: null, databaseFault: faultFrom(error).code };
  }
}
