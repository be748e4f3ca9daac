import type { Fault } from '../fault.js';

export const failover: Fault = {
  id: 'F11',
  says: 'loss of the primary: its synchronous standby takes over, the former one joins it anew',
  limits: { accept: 5_000, deliver: 30_000 },
  begin: async ({ servers: { pair } }) => {
    await pair.killPrimary();
    await pair.promote();
  },
  end: ({ servers: { pair } }) => pair.rejoin(),
};
