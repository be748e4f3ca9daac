import type { Fault } from '../fault.js';

export const resets: Fault = {
  id: 'F13',
  says: 'every connection to PostgreSQL and RabbitMQ is reset',
  limits: { accept: 3_000, deliver: 10_000 },
  begin: async ({ servers }) => {
    for (const line of servers.everyLine()) line.mend();
  },
  end: async () => undefined,
};
