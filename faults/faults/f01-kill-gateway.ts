import type { Fault } from '../fault.js';
import { ALL_NODES, type NodeName } from '../nodes.js';

let killed: NodeName = 'g1';

export const killOne: Fault = {
  id: 'F1',
  says: 'kill -9 of one process',
  limits: { accept: 1_000, deliver: 30_000 },
  begin: async ({ nodes, random }) => nodes.kill((killed = random.pick(ALL_NODES))),
  end: ({ nodes }) => nodes.start(killed),
};
