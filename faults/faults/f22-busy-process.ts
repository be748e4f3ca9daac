import type { Fault } from '../fault.js';
import { ALL_NODES, type NodeName } from '../nodes.js';

/** From SIGUSR2 on, 900 ms of each second are lost to the main thread. */
const BUSY = `import { isMainThread } from 'node:worker_threads';
const burn = () => { for (const end = Date.now() + 900; Date.now() < end; ); };
if (isMainThread) process.once('SIGUSR2', () => setInterval(burn, 1_000).unref());`;
let busy: NodeName = 'd1';

export const busyProcess: Fault = {
  id: 'F22',
  says: 'one process is at 100 % CPU',
  limits: { accept: 3_000, deliver: 30_000 },
  begin: async ({ nodes, random }) => {
    await nodes.restartWith((busy = random.pick(ALL_NODES)), BUSY);
    nodes.signal(busy, 'SIGUSR2');
  },
  end: async ({ nodes }) => {
    await nodes.kill(busy);
    await nodes.start(busy);
  },
};
