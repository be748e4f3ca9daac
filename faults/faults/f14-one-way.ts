import type { Fault } from '../fault.js';

export const oneWay: Fault = {
  id: 'F14',
  says: 'nothing comes back from PostgreSQL and RabbitMQ, and nobody is told',
  limits: { accept: 25_000, deliver: 45_000, stops: true },
  begin: async ({ servers }) => {
    for (const line of servers.everyLine()) line.mute();
  },
  end: async ({ servers }) => {
    for (const line of servers.everyLine()) line.mend();
  },
};
