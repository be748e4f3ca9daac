import type { Channel } from '../channel.js';
import { beginAttempt } from './attempt.js';

/** Nothing goes out: the delivery waits in the ledger until the system fetches it. */
export function boxChannel(): Channel {
  return {
    deliver: ({ attempt }) => Promise.resolve(beginAttempt(attempt, 'box').close({ outcome: 'available' })),
  };
}
