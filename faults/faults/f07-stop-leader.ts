import { QUEUE, type Fault } from '../fault.js';

let stopped = 0;

export const stopLeader: Fault = {
  id: 'F7',
  says: 'SIGSTOP of the RabbitMQ node that leads a queue',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 35_000, stops: true },
  begin: async ({ servers: { rabbit }, place }) => {
    stopped = Math.max(0, await rabbit.leader(QUEUE, place.name));
    rabbit.signal(stopped, 'SIGSTOP');
  },
  end: async ({ servers: { rabbit } }) => rabbit.signal(stopped, 'SIGCONT'),
};
