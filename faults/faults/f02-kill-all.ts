import type { Fault } from '../fault.js';
import { ALL_NODES } from '../nodes.js';

export const killAll: Fault = {
  id: 'F2',
  says: 'kill -9 of all processes',
  limits: { accept: 10_000, deliver: 30_000, stops: true },
  begin: ({ nodes }) => nodes.kill(...ALL_NODES),
  end: ({ nodes }) => nodes.start(...ALL_NODES),
};
