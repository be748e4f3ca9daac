import type { Order, QueueControl } from './ports.js';

/** What operators order of the queue of a system; each returns how many deliveries it has changed. Throws store-unavailable. */
export interface QueueOrders {
  /** What waits for its next try is due now. */
  release(system: string, order: Order): Promise<number>;
  /** What waits and lies in no broker yet; `priority` 0 to 9, the highest first; `sender` a body or a system. */
  prioritise(system: string, order: Order & { readonly priority: number; readonly sender?: string }): Promise<number>;
}

const AT_ONCE = 500;
/** Deliveries that one order changes at most; what is left is changed by the next. */
export const MOST_CHANGED = 100_000;

/** `requeued` is told when deliveries became QUEUED. */
export function createQueueOrders(control: QueueControl, requeued: () => void): QueueOrders {
  return {
    release: async (system, order) => {
      const done = await untilNone(() => control.release({ ...order, system, limit: AT_ONCE }));
      if (done > 0) requeued();
      return done;
    },
    prioritise: (system, order) => untilNone(() => control.prioritise({ ...order, system, limit: AT_ONCE })),
  };
}

async function untilNone(change: () => Promise<number>): Promise<number> {
  for (let total = 0; ;) {
    const changed = await change();
    total += changed;
    if (changed < AT_ONCE || total >= MOST_CHANGED) return total;
  }
}
