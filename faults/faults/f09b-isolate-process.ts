import type { Fault, Scene } from '../fault.js';
import { ALL_NODES, type NodeName } from '../nodes.js';

let isolated: NodeName = 'd1';
const itsLines = ({ servers }: Scene) => Object.values(servers.lines.get(isolated)!).flat();

export const isolateProcess: Fault = {
  id: 'F9b',
  says: 'one process reaches neither PostgreSQL nor RabbitMQ any more, and is not told',
  limits: { accept: 12_000, deliver: 35_000 },
  begin: async (scene) => {
    isolated = scene.random.pick(ALL_NODES);
    for (const line of itsLines(scene)) line.freeze();
  },
  end: async (scene) => itsLines(scene).forEach((line) => line.mend()),
};
