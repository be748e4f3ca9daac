import type { Fault, Scene } from '../fault.js';

const everywhere = ({ servers: { rabbit } }: Scene, ...args: readonly string[]) =>
  Promise.all(rabbit.running().map((at) => rabbit.ctl(at, 'set_vm_memory_high_watermark', ...args)));

export const memoryAlarm: Fault = {
  id: 'F16',
  says: 'the memory alarm of RabbitMQ: publishers are blocked',
  limits: { accept: 1_000, acceptP99: 1_000, deliver: 10_000, stops: true },
  begin: async (scene) => void (await everywhere(scene, 'absolute', '50MB')),
  end: async (scene) => void (await everywhere(scene, '0.4')),
};
