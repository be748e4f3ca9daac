import type { FaultCode } from '../message/fault-catalogue.js';

/** SENDING: approved, and on its way to be accepted. EXPIRED: nobody has decided within a day. */
export const CORRECTION_STATES = ['PROPOSED', 'SENDING', 'SENT', 'REFUSED', 'REJECTED', 'EXPIRED'] as const;
export type CorrectionState = (typeof CORRECTION_STATES)[number];

/** Time for another operator to decide. */
export const DECISION_MS = 86_400_000;

/** An edited copy of a message that goes out as a message of its own once another operator has approved it. */
export interface Correction {
  readonly id: string;
  /** The message that it is a copy of: id of the gateway. */
  readonly messageId: string;
  /** IPA code. */
  readonly sender: string;
  readonly system: string;
  /** IPA code. */
  readonly receiver: string;
  readonly service: string;
  readonly version: number;
  readonly operation: string;
  /** With which it is sent; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly size: number;
  readonly reason: string;
  readonly state: CorrectionState;
  readonly operator: string;
  readonly createdAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
  /** Id of the message that it became. */
  readonly sentAs: string | null;
  /** Why the gateway did not take it. */
  readonly fault: FaultCode | null;
}

export type NewCorrection = Omit<
  Correction,
  'state' | 'createdAt' | 'decidedBy' | 'decidedAt' | 'decisionReason' | 'sentAs' | 'fault'
>;

export interface CorrectionPage {
  /** IPA codes of senders; null: all. */
  readonly senders: readonly string[] | null;
  readonly state?: CorrectionState;
  /** Id of the last one seen. */
  readonly before?: string;
  readonly limit: number;
}

/** Corrections and, until they are decided, what they carry. Throws Fault store-unavailable. */
export interface CorrectionStore {
  /** `sealFor`: the participant under whose key the content is kept; null: in clear. */
  add(correction: NewCorrection, content: Buffer, sealFor: string | null): Promise<Correction>;
  find(id: string): Promise<Correction | null>;
  /** Newest first. */
  list(page: CorrectionPage): Promise<readonly Correction[]>;
  /** Null once it is decided. */
  content(id: string): Promise<Buffer | null>;
  /**
   * For who approves: PROPOSED for less than {@link DECISION_MS} becomes SENDING, never by who has proposed it. One that
   * was left SENDING for a minute by a node that died is taken up again. Null where it is not to be had.
   */
  claim(id: string, operator: string, reason: string | null): Promise<Correction | null>;
  /** SENDING becomes SENT; the journals of both messages say so. */
  sent(id: string, sentAs: string): Promise<Correction | null>;
  /** SENDING becomes REFUSED; where it may be tried again, PROPOSED. */
  refused(id: string, fault: FaultCode, isRetryable: boolean): Promise<Correction | null>;
  /** PROPOSED becomes REJECTED. Null where it was not PROPOSED. */
  reject(id: string, operator: string, reason: string): Promise<Correction | null>;
}
