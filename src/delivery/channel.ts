import type { Content } from '../message/content.js';
import type { Attempt } from '../message/delivery.js';
import type { FaultRecord } from '../message/fault.js';
import type { QueueItem } from '../acceptance/ports.js';
import type { TraceContext } from '../message/trace-context.js';
import type { System } from '../registry/model.js';

/** One try at bringing a message, or a receipt, to its receiver. */
export interface DeliveryJob {
  readonly item: QueueItem;
  /** From 1. */
  readonly attempt: number;
  /** The original bytes or where they lie, also where the item travelled as a claim check. */
  readonly content: Content;
  /** As the registry knows it now: endpoints and credentials are the current ones. */
  readonly receiver: System;
  /** The trace context that the call carries. */
  readonly trace: TraceContext;
}

/**
 * `delivered`: the receiver has taken it; `available`: it lies where the receiver fetches it; `retry`: worth another
 * try; `refused`: never. `retry` and `refused` carry a fault.
 */
export interface ChannelResult {
  readonly outcome: 'delivered' | 'available' | 'retry' | 'refused';
  readonly attempt: Attempt;
  readonly fault?: FaultRecord;
  /** The receiver's own Retry-After, at most an hour. */
  readonly retryAfterMs?: number;
}

/** A way out. What goes wrong is in the result; it never rejects. */
export interface Channel {
  deliver(job: DeliveryJob): Promise<ChannelResult>;
}
