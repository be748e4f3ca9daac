import type { Fault } from '../fault.js';
import { ALL_NODES } from '../nodes.js';

export const rollingRestart: Fault = {
  id: 'F3',
  says: 'SIGTERM and restart, one process after the other',
  limits: { accept: 1_000, deliver: 10_000 },
  begin: async ({ nodes }) => {
    for (const name of ALL_NODES) {
      await nodes.stop(name);
      await nodes.start(name);
    }
  },
  end: async () => undefined,
};
