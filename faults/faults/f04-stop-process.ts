import type { Fault } from '../fault.js';
import { ALL_NODES, type NodeName } from '../nodes.js';

let stopped: NodeName = 'd1';

export const stopOne: Fault = {
  id: 'F4',
  says: 'SIGSTOP of one process',
  limits: { accept: 12_000, deliver: 30_000 },
  begin: async ({ nodes, random }) => nodes.signal((stopped = random.pick(ALL_NODES)), 'SIGSTOP'),
  end: async ({ nodes }) => nodes.signal(stopped, 'SIGCONT'),
};
