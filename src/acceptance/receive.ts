import { v7 as uuidv7 } from 'uuid';
import { faultFrom, type Fault } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { Arrival, Decoded, Identified, Reply } from '../message/stages.js';
import { authorise } from '../policy/authorise.js';
import { announced } from '../policy/announce.js';
import { resolve } from '../policy/resolve.js';
import type { Throttle } from '../policy/throttle.js';
import { validate } from '../policy/validate.js';
import type { Authorised } from '../policy/stages.js';
import type { AnswerCodec, AnswerContext, Protocol } from '../protocol/protocol.js';
import type { Registry } from '../registry/registry.js';
import type { Taken } from '../exchange/taken.js';
import { prefersLater } from '../policy/prefer.js';
import type { Ask, Asked } from '../query/ask.js';
import type { Accept } from './accept.js';
import { echo, isEcho } from './echo.js';
import type { MessageStore, RejectionRecord } from './ports.js';

export interface ReceiveParts {
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>> & { readonly soap: AnswerCodec };
  readonly registry: () => Registry;
  readonly throttle: Throttle;
  readonly accept: Accept;
  readonly ask: Ask;
  readonly taken: Taken;
  readonly store: Pick<MessageStore, 'reject'>;
  readonly publicUrl: string;
  /** Rejects where the gateway cannot take messages now. */
  readonly ready: () => Promise<void>;
  /** Told of every refusal, with its cause; the log is made from it. */
  readonly refused: (fault: Fault, arrival: Arrival) => void;
}

/**
 * The path of a message from its bytes to its answer, the same for every door. Never throws: a refusal is answered in
 * the sender's own protocol and recorded; an unexpected error is the gateway's fault.
 */
export interface Receive {
  /** `signal` is aborted when the sender hangs up: a query then ends, a message is accepted all the same. */
  (identified: Identified, body: Buffer, signal: AbortSignal): Promise<Reply>;
  /** Answers a fault that was found before the body; recorded only where the caller is known. */
  refuse(fault: Fault, arrival: Arrival | Identified, size: number): Promise<Reply>;
}

/** How far a message came: what a rejection record can tell of it. */
type Progress = Arrival &
  Partial<Pick<Identified, 'caller'>> &
  Partial<Decoded> &
  Partial<Pick<Authorised, 'service' | 'operation' | 'routes'>>;

export function createReceive(parts: ReceiveParts): Receive {
  const refuse = (fault: Fault, progress: Progress, size: number) => refuseAs(parts, fault, progress, size);
  const answered = (reply: Reply, { service, routes = [] }: Progress) => {
    const { status, headers, body } = announced(reply, service);
    return { status, headers: { ...headers, ...parts.throttle.headers(routes) }, body };
  };
  const receive = async (identified: Identified, body: Buffer, signal: AbortSignal): Promise<Reply> => {
    let progress: Progress = identified;
    try {
      const decoded = await parts.protocols[identified.binding].decode(identified, body);
      progress = decoded;
      decoded.clock.mark('decode');
      const registry = parts.registry();
      if (isEcho(decoded)) return await echo(decoded, { ...parts, registry, codec: parts.protocols.soap });
      const resolved = resolve(decoded, registry);
      progress = resolved;
      const authorised = authorise(resolved, registry, new Date());
      progress = authorised;
      const validated = await validate(parts.throttle.take(authorised));
      if (resolved.operation.profile === 'query' && !prefersLater(resolved.headers))
        return answered(await answerOf(parts, await parts.ask(validated, signal), progress), progress);
      const acceptance = await parts.accept(validated);
      const context = contextOf(parts, identified, acceptance.message.id, resolved.operation.acknowledged);
      return answered(await parts.taken(validated, acceptance, context, signal), progress);
    } catch (error) {
      return answered(await refuse(faultFrom(error), progress, body.length), progress);
    } finally {
      progress.document?.close();
    }
  };
  return Object.assign(receive, { refuse });
}

/** A question that was asked is written down by who has asked it. */
async function answerOf(parts: ReceiveParts, asked: Asked, progress: Progress): Promise<Reply> {
  if ('reply' in asked) return asked.reply;
  parts.refused(asked.fault, progress);
  const context = contextOf(parts, progress, asked.message.id, false);
  const refusal = parts.protocols[progress.binding].refused(asked.fault, progress, context);
  return { ...refusal, headers: { ...refusal.headers, 'x-correlation-id': asked.message.correlationId } };
}

async function refuseAs(parts: ReceiveParts, fault: Fault, progress: Progress, size: number): Promise<Reply> {
  parts.refused(fault, progress);
  const id = await record(parts, fault, progress, size);
  return parts.protocols[progress.binding].refused(fault, progress, contextOf(parts, progress, id, false));
}

/** Nothing can be recorded then, and trying would only make the sender wait. */
const LEDGER_AWAY: readonly FaultCode[] = ['store-unavailable', 'registry-stale'];

/** Stores metadata and fault. A ledger that is away must not hide the refusal itself, so its failure is only told. */
async function record(parts: ReceiveParts, fault: Fault, progress: Progress, size: number): Promise<string | null> {
  if (!progress.caller || LEDGER_AWAY.includes(fault.code)) return null;
  const rejection = rejectionOf(fault, progress, progress.caller, size);
  try {
    await parts.store.reject(rejection);
    return rejection.id;
  } catch (error) {
    parts.refused(faultFrom(error), progress);
    return null;
  }
}

function rejectionOf(fault: Fault, progress: Progress, sender: Identified['caller'], size: number): RejectionRecord {
  return {
    id: uuidv7(),
    messageId: progress.messageId ?? null,
    correlationId: progress.correlationId ?? null,
    sender,
    service: progress.service?.id ?? progress.address.service,
    version: progress.service?.version ?? progress.address.version,
    operation: progress.operation?.name ?? null,
    receiver: progress.address.participant,
    size,
    at: new Date(),
    fault: fault.toRecord(),
    stations: progress.clock.marks,
  };
}

function contextOf(
  { publicUrl }: ReceiveParts,
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
