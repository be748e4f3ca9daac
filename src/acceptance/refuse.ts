import { newId } from '../new-id.js';
import { faultFrom, type Fault, type FaultRecord } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { Arrival, Caller, Decoded, Identified, Reply } from '../message/stages.js';
import { disclosed } from '../policy/disclose.js';
import { partyOf } from '../policy/represent.js';
import type { Authorised } from '../policy/stages.js';
import type { AnswerContext, Protocol } from '../protocol/protocol.js';
import type { Asked } from '../query/ask.js';
import type { MessageStore, RejectionRecord } from './ports.js';

export interface RefuseParts {
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>>;
  readonly store: Pick<MessageStore, 'reject'>;
  readonly publicUrl: string;
  /** The first of the participants of which nothing is to be kept in clear. */
  readonly sealFor: (participants: readonly string[]) => string | null;
  /** Told of every refusal, with its cause, and the id under which it was recorded; the log is made from it. */
  readonly refused: (fault: Fault, arrival: Progress, id: string | null) => void;
}

/** How far a message came: what a rejection record can tell of it. */
export type Progress = Arrival &
  Partial<Pick<Identified, 'caller'>> &
  Partial<Decoded> &
  Partial<Pick<Authorised, 'service' | 'operation' | 'routes'>>;

/** A question that was asked is written down by who has asked it. */
export async function answerOf(parts: RefuseParts, asked: Asked, progress: Progress): Promise<Reply> {
  if ('reply' in asked) return asked.reply;
  parts.refused(asked.fault, progress, asked.message.id);
  const context = contextOf(parts, progress, asked.message.id, false);
  const refusal = parts.protocols[progress.binding].refused(asked.fault, progress, context);
  return { ...refusal, headers: { ...refusal.headers, 'x-correlation-id': asked.message.correlationId } };
}

/** Answers a fault in the sender's own protocol and records it where the caller is known. */
export async function refuseAs(parts: RefuseParts, fault: Fault, progress: Progress, size: number): Promise<Reply> {
  const id = await record(parts, fault, progress, size);
  parts.refused(fault, progress, id);
  const told = disclosed(fault, progress.caller);
  return parts.protocols[progress.binding].refused(told, progress, contextOf(parts, progress, id, false));
}

/** Nothing can be recorded then, or the ledger has enough to do; trying would only make the sender wait. Who floods is not to fill it. */
const LOGGED_ONLY: readonly FaultCode[] = [
  'store-unavailable',
  'registry-stale',
  'overloaded',
  'rate-limited',
  'maintenance',
];

/** Stores metadata and fault, but not of a test, whose operator reads them at once. A ledger that is away must not hide the refusal itself, so its failure is only told. */
async function record(parts: RefuseParts, fault: Fault, progress: Progress, size: number): Promise<string | null> {
  if (!progress.caller || progress.isTest || LOGGED_ONLY.includes(fault.code)) return null;
  const parties = [progress.caller.participant, progress.address.participant ?? ''];
  const told = parts.sealFor(parties) === null ? fault.toRecord() : withoutContent(fault.toRecord());
  const rejection = rejectionOf(told, progress, progress.caller, size);
  try {
    await parts.store.reject(rejection);
    return rejection.id;
  } catch (error) {
    parts.refused(faultFrom(error), progress, rejection.id);
    return null;
  }
}

/** What was found in a content is content. */
const withoutContent = (fault: FaultRecord): FaultRecord => ({
  ...fault,
  ...(fault.violations.length > 0 && { detail: `${fault.violations.length} errors; what was found is not kept.` }),
  violations: fault.violations.map((one) => ({ ...one, found: null, message: `${one.path}: ${one.rule}` })),
});

function rejectionOf(fault: FaultRecord, progress: Progress, caller: Caller, size: number): RejectionRecord {
  return {
    id: newId(),
    messageId: progress.messageId ?? null,
    correlationId: progress.correlationId ?? null,
    sender: partyOf(caller),
    service: progress.service?.id ?? progress.address.service,
    version: progress.service?.version ?? progress.address.version,
    operation: progress.operation?.name ?? null,
    protocol: progress.protocol ?? (progress.binding === 'soap' ? null : progress.binding),
    receiver: progress.address.participant,
    size,
    at: new Date(),
    fault,
    stations: progress.clock.marks,
  };
}

export function contextOf(
  { publicUrl }: RefuseParts,
  { headers }: Arrival,
  id: string | null,
  acknowledged: boolean,
): AnswerContext {
  return {
    id,
    acknowledged,
    statusUrl: id === null ? null : `${publicUrl}/messages/${id}`,
    language: /^\s*en\b/i.test(headers['accept-language'] ?? '') ? 'en' : 'it',
  };
}
