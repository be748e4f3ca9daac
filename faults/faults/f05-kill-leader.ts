import { QUEUE, type Fault } from '../fault.js';

let killed = 0;

export const killLeader: Fault = {
  id: 'F5',
  says: 'kill -9 of the RabbitMQ node that leads a queue',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 5_000, stops: true },
  begin: async ({ servers: { rabbit }, place }) => {
    killed = Math.max(0, await rabbit.leader(QUEUE, place.name));
    await rabbit.kill9(killed);
  },
  end: ({ servers: { rabbit } }) => rabbit.restart(killed),
};
