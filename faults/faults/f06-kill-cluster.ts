import type { Fault } from '../fault.js';

export const killCluster: Fault = {
  id: 'F6',
  says: 'kill -9 of all RabbitMQ nodes',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 60_000, stops: true },
  begin: async ({ servers: { rabbit } }) => void (await Promise.all(rabbit.running().map((at) => rabbit.kill9(at)))),
  end: ({ servers: { rabbit } }) => rabbit.restart(...rabbit.urls.keys()),
};
