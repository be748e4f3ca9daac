import type { Fault } from '../fault.js';

export const stopDatabase: Fault = {
  id: 'F12',
  says: 'SIGSTOP of PostgreSQL',
  limits: { accept: 25_000, deliver: 45_000, stops: true },
  begin: async ({ servers: { pair } }) => pair.signalPrimary('SIGSTOP'),
  end: async ({ servers: { pair } }) => pair.signalPrimary('SIGCONT'),
};
