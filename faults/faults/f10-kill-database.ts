import type { Fault } from '../fault.js';

export const killDatabase: Fault = {
  id: 'F10',
  says: 'kill -9 of PostgreSQL, and its restart',
  limits: { accept: 5_000, deliver: 30_000, stops: true },
  begin: ({ servers: { pair } }) => pair.killPrimary(),
  end: ({ servers: { pair } }) => pair.restartPrimary(),
};
