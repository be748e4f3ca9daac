import { QUEUE, type Fault } from '../fault.js';

export const partLeader: Fault = {
  id: 'F8',
  says: 'the RabbitMQ node that leads a queue and its peers do not reach one another; all processes reach all of them',
  needsPeers: true,
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 35_000, stops: true },
  begin: async ({ servers: { rabbit }, place }) => rabbit.part(Math.max(0, await rabbit.leader(QUEUE, place.name))),
  end: ({ servers: { rabbit } }) => rabbit.heal(),
};
