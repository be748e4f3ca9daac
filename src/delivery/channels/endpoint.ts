import { createHash } from 'node:crypto';
import type { KeepAnswer } from '../../exchange/keep-answer.js';
import { Fault, faultOf } from '../../message/fault.js';
import type { AnswerCodec, Protocol } from '../../protocol/protocol.js';
import { openAnswer } from '../../query/answer.js';
import { requireValidAnswer } from '../../query/judge-answer.js';
import type { Endpoint } from '../../registry/model.js';
import { publishedOperation } from '../../registry/published-operation.js';
import type { Registry } from '../../registry/registry.js';
import { endpointOf } from '../../query/endpoint.js';
import { keptTarget } from '../../query/kept-request.js';
import type { Answered, QueryBroker, QueryItem } from '../../query/ports.js';
import { isUnavailable } from '../../query/retries.js';
import type { Channel, DeliveryJob } from '../channel.js';
import { beginAttempt } from './attempt.js';
import { retryAfter } from './retry-after.js';
import { LATER } from './verdict.js';

export interface EndpointParts {
  readonly broker: Pick<QueryBroker, 'ask'>;
  readonly keep: KeepAnswer;
  /** Whether an answer was kept before this node, or the commit's reply, was lost. */
  readonly isAnswered: (id: string) => Promise<boolean>;
  readonly codecs: Readonly<Record<'soap' | 'rest', Protocol & AnswerCodec>>;
  readonly registry: () => Pick<Registry, 'service'>;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
}

/**
 * A query that is answered later: asks the provider as if somebody waited, and keeps what it answers. `delivered` once
 * the answer is durable.
 */
export function endpointChannel(parts: EndpointParts): Channel {
  return { deliver: (job) => deliver(job, parts) };
}

async function deliver(job: DeliveryJob, { broker, keep, isAnswered, codecs, registry, problem }: EndpointParts) {
  const { message, delivery } = job.item;
  const attempt = beginAttempt(job.attempt, 'query');
  try {
    if (job.item.epoch > 0 && (await isAnswered(message.id))) return attempt.close({ outcome: 'delivered' });
    const { item, protocol } = questionOf(job);
    const outcome = await broker.ask(item, new AbortController().signal);
    if (outcome.kind === 'failed') return attempt.fail(faultOf(outcome.fault));
    if (isUnavailable(outcome) || LATER.includes(outcome.status))
      return attempt.close({ outcome: 'retry', ...unavailable(outcome, delivery.receiver.participant) });
    await requireValid(outcome, protocol, item, { codecs, registry });
    const digest = createHash('sha256').update(outcome.body).digest('hex');
    await keep(message, delivery.receiver, outcome, { protocol, digest });
    return attempt.close({ outcome: 'delivered', answer: outcome });
  } catch (error) {
    if (!(error instanceof Fault)) problem(error, { messageId: message.id });
    return attempt.fail(error);
  }
}

function questionOf({ item, content, receiver, trace }: DeliveryJob): {
  item: QueryItem;
  protocol: Endpoint['protocol'];
} {
  const { delivery } = item;
  const message = { ...item.message, headers: { ...item.message.headers, ...trace } };
  if (!Buffer.isBuffer(content)) throw new Error('A question is always held.');
  const { protocol, timeoutMs } = endpointOf(receiver, delivery.receiver, message);
  const deadline = new Date(Date.now() + timeoutMs);
  const target = keptTarget(message);
  const agreement = delivery.agreement ?? '';
  return { item: { message, receiver: delivery.receiver, agreement, target, content, deadline }, protocol };
}

/** As a query that somebody waits for is judged. */
async function requireValid(
  answer: Answered,
  protocol: Endpoint['protocol'],
  item: QueryItem,
  { codecs, registry }: Pick<EndpointParts, 'codecs' | 'registry'>,
): Promise<void> {
  const binding = protocol === 'rest' ? 'rest' : 'soap';
  const open = await openAnswer(codecs[binding], answer);
  try {
    const asked = { operation: publishedOperation(item.message, registry()), binding } as const;
    await requireValidAnswer(codecs[binding], open, answer, { asked, item });
  } finally {
    open.close();
  }
}

function unavailable(answer: Answered, receiver: string) {
  const fault = new Fault('receiver-error', { detail: `The provider answered ${answer.status}.`, place: receiver });
  const wait = retryAfter(answer.headers['retry-after'], new Date());
  return { fault, answer, ...(wait !== undefined && { retryAfterMs: wait }) };
}
