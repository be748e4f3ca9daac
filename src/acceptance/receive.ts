import { faultFrom, type Fault } from '../message/fault.js';
import type { Arrival, Identified, Reply, StreamedBody } from '../message/stages.js';
import { authorise } from '../policy/authorise.js';
import { announced } from '../policy/announce.js';
import { represent } from '../policy/represent.js';
import { resolve } from '../policy/resolve.js';
import type { Throttle } from '../policy/throttle.js';
import { validate } from '../policy/validate.js';
import type { AnswerCodec } from '../protocol/protocol.js';
import type { Registry } from '../registry/registry.js';
import { requireNotSuspended } from '../registry/suspended.js';
import type { SoapPolling } from '../exchange/soap-polling.js';
import type { Taken } from '../exchange/taken.js';
import { prefersLater } from '../policy/prefer.js';
import type { Ask } from '../query/ask.js';
import type { Tracing } from '../trace/tracing.js';
import type { Accept } from './accept.js';
import { echo, isEcho } from './echo.js';
import { answerOf, contextOf, refuseAs, type Progress, type RefuseParts } from './refuse.js';

export interface ReceiveParts extends RefuseParts {
  readonly protocols: RefuseParts['protocols'] & { readonly soap: AnswerCodec };
  readonly registry: () => Registry;
  readonly throttle: Throttle;
  readonly accept: Accept;
  readonly ask: Ask;
  readonly taken: Taken;
  readonly polling: SoapPolling;
  /** Rejects where the gateway cannot take messages now. */
  readonly ready: () => Promise<void>;
  /** Throws maintenance where nothing new is taken; how a message fares may be asked all the same. */
  readonly requireOpen: () => void;
  readonly tracing: Pick<Tracing, 'arrival'>;
}

/**
 * The path of a message from its bytes to its answer, the same for every door. Never throws: a refusal is answered in
 * the sender's own protocol and recorded; an unexpected error is the gateway's fault.
 */
export interface Receive {
  /** `signal` is aborted when the sender hangs up: a query then ends, a message is accepted all the same. */
  (identified: Identified, body: Buffer | StreamedBody, signal: AbortSignal): Promise<Reply>;
  /** Answers a fault that was found before the body; recorded only where the caller is known. */
  refuse(fault: Fault, arrival: Arrival | Identified, size: number): Promise<Reply>;
}

export function createReceive(parts: ReceiveParts): Receive {
  const refuse = (fault: Fault, progress: Progress, size: number) => refuseAs(parts, fault, progress, size);
  const answered = (reply: Reply, progress: Progress & Identified) => {
    const { status, headers, body } = announced(reply, progress.service);
    return { status, headers: { ...headers, ...parts.throttle.headers(progress) }, body };
  };
  const receive = async (identified: Identified, body: Buffer | StreamedBody, signal: AbortSignal): Promise<Reply> => {
    let progress: Progress & Identified = identified;
    let isAsked = false;
    try {
      const decoded = represent(await parts.protocols[identified.binding].decode(identified, body));
      progress = decoded;
      decoded.clock.mark('decode');
      const registry = parts.registry();
      if (isEcho(decoded))
        return answered(await echo(decoded, { ...parts, registry, codec: parts.protocols.soap }), progress);
      const resolved = resolve(decoded, registry);
      progress = resolved;
      if (resolved.operation.follows) requireNotSuspended(resolved.caller.participant, registry);
      if (resolved.operation.follows)
        return answered(await parts.polling(resolved, contextOf(parts, identified, null, false)), progress);
      parts.requireOpen();
      const authorised = authorise(resolved, registry, new Date());
      progress = authorised;
      const validated = await validate(await parts.throttle.take(authorised));
      isAsked = resolved.operation.profile === 'query' && !prefersLater(resolved.headers);
      if (isAsked)
        return { ...answered(await answerOf(parts, await parts.ask(validated, signal), progress), progress), isAsked };
      const acceptance = await parts.accept(validated);
      const context = contextOf(parts, identified, acceptance.message.id, resolved.operation.acknowledged);
      return answered(await parts.taken(validated, acceptance, context, signal), progress);
    } catch (error) {
      const size = Buffer.isBuffer(body) ? body.length : body.stored.size;
      const refused = answered(await refuse(faultFrom(error), progress, size), progress);
      return isAsked ? { ...refused, isAsked } : refused;
    } finally {
      progress.document?.close();
    }
  };
  const traced = async (identified: Identified, body: Buffer | StreamedBody, signal: AbortSignal): Promise<Reply> => {
    const trace = parts.tracing.arrival(identified);
    const reply = await receive({ ...identified, trace }, body, signal);
    trace.end(reply.status);
    return reply;
  };
  return Object.assign(traced, { refuse });
}
