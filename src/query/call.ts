import { Agent, type Dispatcher } from 'undici';
import { exchange, type HttpAnswer } from '../delivery/http-exchange.js';
import { joinHeaders } from '../delivery/channels/headers.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { Outgoing } from '../protocol/protocol.js';
import type { Endpoint } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { QueryHandler, QueryItem, QueryOutcome } from './ports.js';
import type { WriteQuestion } from './question.js';

interface CallParts {
  readonly registry: () => Pick<Registry, 'system'>;
  readonly writeQuestion: WriteQuestion;
  readonly agent: Dispatcher;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown) => void;
}

/** What is longer cannot be held for the consumer. */
const ANSWER = { maxBytes: 20 * 1024 * 1024, longer: 'refuse' } as const;
const USER_AGENT = { 'user-agent': 'crocevia' };

/** Connections that one origin sees at most, beside the concurrency of each system; the deadline of each call is its own signal. */
const CONNECTIONS_PER_ORIGIN = 256;
const CONNECT_MS = 5_000;

/** Connections to the providers, kept alive. */
export const createQueryAgent = (): Agent =>
  new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_MS },
  });

/**
 * Calls the provider's endpoint once. Endpoints and credentials are the current ones. A provider that answers, whatever
 * its status, has answered; a fault tells that it has not.
 */
export function createCall(parts: CallParts): QueryHandler {
  return async (item, signal) => {
    const start = performance.now();
    const timing = () => ({ queued: 0, called: Math.round((performance.now() - start) * 100) / 100 });
    try {
      const { status, headers, body } = await call(item, signal, parts);
      return { kind: 'answered', status, headers, body, timing: timing() } satisfies QueryOutcome;
    } catch (error) {
      if (!(error instanceof Fault) && !signal.aborted) parts.problem(error);
      return { kind: 'failed', fault: faultFrom(error).toRecord(), timing: timing() } satisfies QueryOutcome;
    }
  };
}

async function call(item: QueryItem, signal: AbortSignal, parts: CallParts): Promise<HttpAnswer> {
  const endpoint = endpointOf(item, parts.registry());
  const question = await parts.writeQuestion(item, endpoint);
  const { participant } = item.receiver;
  return exchange(parts.agent, {
    ...question,
    headers: headersOf(question, item, endpoint),
    timeoutMs: Math.max(item.deadline.getTime() - Date.now(), 1),
    signal,
    receiver: participant,
    ...ANSWER,
  });
}

/** Throws destination-missing. */
export function endpointOf({ receiver, message }: QueryItem, registry: Pick<Registry, 'system'>): Endpoint {
  const endpoint = registry
    .system(receiver.system)
    ?.provides.find((one) => one.service === message.service && one.version === message.version)?.endpoint;
  if (endpoint) return endpoint;
  throw new Fault('destination-missing', {
    detail: `System ${receiver.system} has no endpoint for ${message.service} v${message.version}.`,
    place: receiver.participant,
  });
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
