import type { Fault } from '../fault.js';

export const latency: Fault = {
  id: 'F15',
  says: '200 ms more to PostgreSQL and RabbitMQ, each way',
  limits: { accept: 5_000, deliver: 30_000 },
  begin: async ({ servers }) => {
    for (const line of servers.everyLine()) line.delay(200);
  },
  end: async ({ servers }) => {
    for (const line of servers.everyLine()) line.delay(0);
  },
};
