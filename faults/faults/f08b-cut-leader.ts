import { QUEUE, type Fault, type Scene } from '../fault.js';

let cut = 0;
const linesToIt = ({ servers }: Scene) => [...servers.lines.values()].map(({ amqp }) => amqp[cut]!);

export const cutLeader: Fault = {
  id: 'F8b',
  says: 'the RabbitMQ node that leads a queue is out of reach for all processes, and nobody is told; its peers reach it',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 35_000, stops: true },
  begin: async (scene) => {
    cut = Math.max(0, await scene.servers.rabbit.leader(QUEUE, scene.place.name));
    for (const line of linesToIt(scene)) line.freeze();
  },
  end: async (scene) => linesToIt(scene).forEach((line) => line.mend()),
};
