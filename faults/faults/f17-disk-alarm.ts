import type { Fault, Scene } from '../fault.js';

const everywhere = ({ servers: { rabbit } }: Scene, limit: string) =>
  Promise.all(rabbit.running().map((at) => rabbit.ctl(at, 'set_disk_free_limit', limit)));

export const diskAlarm: Fault = {
  id: 'F17',
  says: 'the disk alarm of RabbitMQ: publishers are blocked',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 10_000, stops: true },
  begin: async (scene) => void (await everywhere(scene, '1000000GB')),
  end: async (scene) => void (await everywhere(scene, '50MB')),
};
