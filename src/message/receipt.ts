import type { FaultRecord } from './fault.js';

/** Proof sent back to the sender (ricevuta): taken by the gateway, delivered to a receiver, or refused. */
export interface Receipt {
  readonly kind: 'taken' | 'delivered' | 'refused';
  /** The gateway's id of the message. */
  readonly id: string;
  /** The sender's own id of the message. */
  readonly messageId: string;
  readonly correlationId: string;
  /** IPA code of the receiver; null for `taken`, which is about the message as a whole. */
  readonly receiver: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Why, for `refused`. */
  readonly fault: FaultRecord | null;
}
