import type { Fault, Scene } from '../fault.js';

let isolated = 0;
const linesToIt = ({ servers }: Scene) => [...servers.lines.values()].map(({ amqp }) => amqp[isolated]!);

export const isolateBroker: Fault = {
  id: 'F9',
  says: 'a RabbitMQ node is out of reach for its peers and for all processes, and nobody is told',
  needsPeers: true,
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 35_000, stops: true },
  begin: async (scene) => {
    const { rabbit } = scene.servers;
    isolated = scene.random.pick(rabbit.running());
    for (const line of linesToIt(scene)) line.freeze();
    rabbit.part(isolated);
  },
  end: async (scene) => {
    for (const line of linesToIt(scene)) line.mend();
    await scene.servers.rabbit.heal();
  },
};
