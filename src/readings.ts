import { statfs } from 'node:fs/promises';
import type { Config } from './config.js';
import { seldom } from './seldom.js';
import type { LedgerLevels, Levels } from './trace/ports.js';

/** A disk on which this node itself keeps data. */
export interface Disk {
  readonly place: string;
  /** Bytes. */
  readonly free: number;
  readonly size: number;
}

/** What metrics, alerts and operators are told of, read in one way. */
export interface Readings {
  disks(): Promise<readonly Disk[]>;
  /** Throws Fault store-unavailable. */
  levels(): Promise<Levels>;
}

/** Who asks often is told the same levels for this time. */
const LEVELS_MS = 15_000;

export const createReadings = (config: Places, levels: LedgerLevels): Readings => ({
  disks: () => disksOf(config),
  levels: seldom(LEVELS_MS, () => levels.read()),
});

type Places = Pick<Config, 'databaseUrl' | 'dataDir' | 'payloads'>;

export const disksOf = (config: Places): Promise<readonly Disk[]> => Promise.all(placesOf(config).map(diskAt));

function placesOf({ databaseUrl, dataDir, payloads }: Places): readonly [string, string][] {
  return [
    ...(databaseUrl === null ? [['data', dataDir] as [string, string]] : []),
    ...(payloads.kind === 'directory' ? [['payloads', payloads.directory] as [string, string]] : []),
  ];
}

async function diskAt([place, directory]: [string, string]): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { place, free: bavail * bsize, size: blocks * bsize };
}
