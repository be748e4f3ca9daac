import type { Mediator } from '../mediation/mediator.js';
import { Fault } from '../message/fault.js';
import type { Acceptance, Arrival, Reply } from '../message/stages.js';
import { preferredWaitMs } from '../policy/prefer.js';
import { isAnsweredLater } from '../policy/reply-to.js';
import type { Validated } from '../policy/stages.js';
import type { AnswerContext, Protocol } from '../protocol/protocol.js';
import { answerTo, type FollowParts } from './follow.js';
import { acceptedForPolling } from './soap-polling.js';
import type { WaitForAnswer } from './wait.js';

/**
 * What the sender of an accepted message is told: its answer where it waits for one that comes in time, else where to
 * follow it. `signal` is aborted when the sender hangs up.
 */
export type Taken = (
  validated: Validated,
  acceptance: Acceptance,
  context: Omit<AnswerContext, 'statusUrl' | 'polled'>,
  signal: AbortSignal,
) => Promise<Reply>;

export interface TakenParts extends Omit<FollowParts, 'trace'> {
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>>;
  readonly wait: WaitForAnswer;
  readonly mediator: Mediator;
  readonly publicUrl: string;
  /** Told why an answer that is there could not be given on the connection; it can still be fetched. */
  readonly problem: (error: unknown) => void;
  /** Aborted when this node stops. */
  readonly stopSignal: AbortSignal;
}

const LONGEST_WAIT_MS = 60_000;
/** Of a SOAP sender whose interface promises the answer on this connection. */
const PROMISED_WAIT_MS = 30_000;

export function createTaken(parts: TakenParts): Taken {
  return async (validated, acceptance, given, signal) => {
    const { id } = acceptance.message;
    const polled = acceptedForPolling(validated, parts.mediator);
    const context = { ...given, statusUrl: statusUrl(validated, id, parts.publicUrl), ...(polled && { polled }) };
    const waitMs = isAnsweredLater(validated) && validated.door === 'http' ? waitFor(validated) : 0;
    const answer = waitMs > 0 ? await answerInTime(validated, id, waitMs, signal, parts) : null;
    if (answer) return { ...answer, headers: { ...answer.headers, ...applied(validated, waitMs) } };
    const { binding } = validated;
    if (isPromised(validated)) return parts.protocols[binding].refused(pending(context), validated, context);
    const reply = parts.protocols[binding].accepted(validated, acceptance, context);
    return isPolled(validated) ? showPolled(reply, acceptance, context) : reply;
  };
}

/** The message is durable: what goes wrong now must not be told as its refusal. */
async function answerInTime(
  { protocol, format, caller }: Validated,
  id: string,
  waitMs: number,
  signal: AbortSignal,
  parts: TakenParts,
): Promise<Reply | null> {
  try {
    const isAnswered = await parts.wait(caller.system, id, waitMs, AbortSignal.any([signal, parts.stopSignal]));
    return isAnswered ? await answerTo(id, { protocol, format }, caller.participant, parts) : null;
  } catch (error) {
    parts.problem(error);
    return null;
  }
}

const isPolled = ({ operation, binding }: Validated) => operation.profile === 'async-polled' && binding === 'rest';

/** A WSDL with an answer of its own promises it on this connection. */
const isPromised = ({ operation: { profile, promised }, binding, door }: Validated) =>
  promised && door === 'http' && binding === 'soap' && (profile === 'async-receipt' || profile === 'async-polled');

function waitFor(validated: Validated): number {
  const preferred = preferredWaitMs(validated.headers) ?? (isPromised(validated) ? PROMISED_WAIT_MS : 0);
  return Math.min(preferred, LONGEST_WAIT_MS);
}

/** RFC 7240 §3. */
const applied = ({ headers }: Validated, waitMs: number) =>
  headers['prefer'] === undefined ? {} : { 'preference-applied': `wait=${waitMs / 1000}` };

const pending = ({ id, statusUrl: url }: Pick<AnswerContext, 'id' | 'statusUrl'>) =>
  new Fault('answer-pending', {
    detail: `The message was taken as ${id}; its answer has not come yet.`,
    place: 'answer',
    expected: `the same message with the same id again later, or GET ${url}/answer`,
  });

/** Of a polled REST operation below its own address (NONBLOCK_PULL_REST); else the gateway's own. */
function statusUrl(validated: Validated, id: string, publicUrl: string): string {
  if (!isPolled(validated)) return `${publicUrl}/messages/${id}`;
  const { participant, version, service, path } = validated.address;
  const below = path.split('/').map(encodeURIComponent).join('/');
  return `${publicUrl}/rest/${participant}/v${version}/${service}${below}/${id}`;
}

/** NONBLOCK_PULL_REST step 2. */
function showPolled(reply: Reply, { message, duplicate }: Acceptance, { statusUrl: href }: AnswerContext): Reply {
  const { id, messageId, correlationId, acceptedAt } = message;
  const facts = { id, messageId, correlationId, acceptedAt: acceptedAt.toISOString(), duplicate, href };
  return { ...reply, body: JSON.stringify({ status: 'accepted', message: 'Preso in carico', ...facts }) };
}
