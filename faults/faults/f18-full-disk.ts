import type { Fault } from '../fault.js';

export const fullDisk: Fault = {
  id: 'F18',
  says: 'the disk of PostgreSQL is full, its files and its write-ahead log',
  needsVolume: true,
  limits: { accept: 30_000, deliver: 60_000, stops: true },
  begin: async ({ servers: { pair } }) => pair.fillDisk(),
  end: ({ servers: { pair } }) => pair.freeDisk(),
};
