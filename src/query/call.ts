import type { Dispatcher } from 'undici';
import { exchange, type HttpAnswer } from '../delivery/http-exchange.js';
import { joinHeaders } from '../delivery/channels/headers.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { Outgoing } from '../protocol/protocol.js';
import type { Endpoint } from '../registry/model.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';
import { endpointOf } from './endpoint.js';
import type { Circuits } from './circuits.js';
import type { Hedges } from './hedges.js';
import { MAX_ANSWER_BYTES } from './outcome.js';
import type { QueryHandler, QueryItem, QueryOutcome } from './ports.js';
import type { WriteQuestion, WrittenQuestion } from './question.js';
import { withRetries } from './retries.js';
import type { Tracing } from '../trace/tracing.js';

interface CallParts {
  readonly registry: () => Pick<Registry, 'system' | 'service'>;
  readonly writeQuestion: WriteQuestion;
  readonly agent: Dispatcher;
  readonly circuits: Circuits;
  readonly hedges: Hedges;
  readonly tracing: Pick<Tracing, 'question'>;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
}

const ANSWER = { maxBytes: MAX_ANSWER_BYTES, longer: 'refuse' } as const;
const USER_AGENT = { 'user-agent': 'crocevia' };

/** Connections that one origin sees at most, beside the concurrency of each system. */
export const QUERY_CONNECTIONS = { connections: 256, timeoutMs: 5_000 } as const;

/** Methods that only read, and the others that may be repeated (RFC 9110 §9.2.1, §9.2.2). */
const SAFE = ['GET', 'HEAD'];
const IDEMPOTENT = ['PUT', 'DELETE'];

/** The part of its own time limit that a provider must have had for its silence to be its failure. */
const WHOLE = 0.9;

/**
 * Calls the provider's endpoint through the circuit of its system: once, or again inside the deadline where the method
 * is idempotent or the operation is declared safe; what is safe is hedged where the endpoint says so. Endpoints and
 * credentials are the current ones. A provider that answers, whatever its status, has answered; a fault tells that it
 * has not.
 */
export function createCall(parts: CallParts): QueryHandler {
  return async (item, signal) => {
    const start = performance.now();
    const calls: Calls = { attempts: [], hedge: null };
    const timing = () => ({ queued: 0, called: since(start), ...timingOf(calls) });
    try {
      const { status, headers, body } = await call(item, signal, calls, parts);
      return { kind: 'answered', status, headers, body, timing: timing() } satisfies QueryOutcome;
    } catch (error) {
      if (!(error instanceof Fault) && !signal.aborted) parts.problem(error, { messageId: item.message.id });
      return { kind: 'failed', fault: faultFrom(error).toRecord(), timing: timing() } satisfies QueryOutcome;
    }
  };
}

/** What was done for one question: milliseconds of each attempt, and after which its hedge was sent. */
interface Calls {
  readonly attempts: number[];
  hedge: number | null;
}

const timingOf = ({ attempts, hedge }: Calls) => ({
  ...(attempts.length > 1 && { attempts }),
  ...(hedge !== null && { hedge }),
});

const since = (start: number): number => Math.round((performance.now() - start) * 100) / 100;

async function call(item: QueryItem, signal: AbortSignal, calls: Calls, parts: CallParts): Promise<HttpAnswer> {
  const { registry, writeQuestion, agent, circuits, hedges, tracing } = parts;
  const { deadline, receiver, message } = item;
  const endpoint = endpointOf(registry().system(receiver.system), receiver, message);
  const question = await writeQuestion(item, endpoint);
  const isSafe = SAFE.includes(question.method) || publishedOperation(message, registry()).safe;
  let isUnanswered = true;
  const answering = () => void (isUnanswered = false);
  const once = (ofCall: AbortSignal) =>
    callOnce(agent, question, { item, endpoint, signal: ofCall, answering, tracing });
  const { hedgeAfterMs } = endpoint;
  const twice =
    isSafe && hedgeAfterMs !== null ? hedges.question(receiver.system, hedgeAfterMs, (ms) => (calls.hedge = ms)) : null;
  const attempt = async () => {
    isUnanswered = true;
    const start = performance.now();
    return (twice ? twice(once, signal) : once(signal)).finally(() => calls.attempts.push(since(start)));
  };
  const bounds = { deadline, signal, isUnanswered: () => isUnanswered };
  const isRepeated = isSafe || IDEMPOTENT.includes(question.method);
  return circuits.through(receiver, () => (isRepeated ? withRetries(attempt, bounds) : attempt()));
}

interface Attempt {
  readonly item: QueryItem;
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  readonly answering: () => void;
  readonly tracing: Pick<Tracing, 'question'>;
}

/** Silence until the deadline is receiver-timeout where it is the provider's own limit, query-timeout where the consumer's. */
async function callOnce(
  agent: Dispatcher,
  question: WrittenQuestion,
  { item, endpoint, signal, answering, tracing }: Attempt,
): Promise<HttpAnswer> {
  const { participant } = item.receiver;
  const timeoutMs = Math.max(item.deadline.getTime() - Date.now(), 1);
  const trace = tracing.question(item);
  const headers = { ...headersOf(question, item, endpoint), ...trace.context };
  try {
    const answer = await exchange(agent, {
      ...question,
      headers,
      timeoutMs,
      signal,
      answering,
      receiver: participant,
      ...ANSWER,
    });
    trace.end(answer);
    return answer;
  } catch (error) {
    trace.end({ status: null, fault: faultFrom(error).code });
    if (!(error instanceof Fault && /^(query|receiver)-timeout$/.test(error.code))) throw error;
    throw new Fault(timeoutMs >= WHOLE * endpoint.timeoutMs ? 'receiver-timeout' : 'query-timeout', {
      detail: `The provider did not answer in ${timeoutMs} ms.`,
      place: participant,
      cause: error,
    });
  }
}

function headersOf({ headers }: Outgoing, { message, deadline }: QueryItem, endpoint: Endpoint) {
  return joinHeaders(USER_AGENT, headers, endpoint.headers, {
    'idempotency-key': message.id,
    'x-correlation-id': message.correlationId,
    'x-message-id': message.messageId,
    'x-gateway-id': message.id,
    'x-sender': message.sender.participant,
    'x-deadline': deadline.toISOString(),
  });
}
