import type { Receive } from '../acceptance/receive.js';
import type { Submission, SubmissionHandler } from '../acceptance/submissions.js';
import type { BoxStore, DeliveryLedger } from '../delivery/ports.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { Arrival, Reply } from '../message/stages.js';
import type { Identify } from '../policy/identify.js';
import type { Throttle } from '../policy/throttle.js';
import type { Settle } from '../receipt/settle.js';
import { parseAddress } from './address.js';
import { startClock } from './clock.js';

export interface AmqpParts {
  readonly identify: Identify;
  readonly throttle: Pick<Throttle, 'admit'>;
  readonly receive: Receive;
  readonly ledger: Pick<DeliveryLedger, 'acknowledge'>;
  readonly box: Pick<BoxStore, 'entry'>;
  readonly settle: Settle;
  readonly maxBytes: number;
}

/**
 * The door for systems that publish: the header `x-address` names the same addresses as HTTP, the other headers are
 * read as HTTP headers, `message_id` is the idempotency key, `priority` X-Priority. The reply carries the answer's status as `x-status`. A
 * message of type `receipt` settles a delivery that the system took from its own queue. Rejects, so that the submission
 * is offered again, while the gateway cannot take it; a question that was put is answered with what came of it.
 */
export function amqpIngress(parts: AmqpParts): SubmissionHandler {
  return async (submission) => {
    const reply =
      submission.type === 'receipt' ? await settleReceipt(submission, parts) : await take(submission, parts);
    if (reply.status === 503 && !reply.isAsked)
      throw new Error(`not taken for now: ${reply.body.toString().slice(0, 200)}`);
    return { body: Buffer.from(reply.body), headers: { ...reply.headers, 'x-status': String(reply.status) } };
  };
}

/** A submission waits in its queue: nobody hangs up. */
const NEVER = new AbortController().signal;

async function take(submission: Submission, { identify, throttle, receive, maxBytes }: AmqpParts): Promise<Reply> {
  const arrival = arrivalOf(submission);
  try {
    const addressed = { ...arrival, ...parseAddress('POST', submission.headers['x-address'] ?? '') };
    const presented = {
      authorization: [],
      apiKey: [],
      thumbprint: null,
      certificate: null,
      amqpUser: submission.username,
    };
    const identified = await identify(addressed, presented);
    await throttle.admit(identified.caller);
    if (submission.body.length <= maxBytes) return await receive(identified, submission.body, NEVER);
    const fault = new Fault('too-large', {
      detail: `The message is larger than ${maxBytes} bytes.`,
      expected: `at most ${maxBytes} bytes`,
    });
    return await receive.refuse(fault, identified, submission.body.length);
  } catch (error) {
    return receive.refuse(faultFrom(error), arrival, submission.body.length);
  }
}

function arrivalOf({ headers, contentType, messageId, correlationId, priority }: Submission): Arrival {
  return {
    door: 'amqp',
    binding: (headers['x-address'] ?? '').startsWith('/soap/') ? 'soap' : 'rest',
    address: { participant: null, version: null, service: null, path: '', query: '', method: 'POST' },
    headers: {
      ...(messageId !== null && { 'idempotency-key': messageId }),
      ...(correlationId !== null && { 'x-correlation-id': correlationId }),
      ...(priority !== null && { 'x-priority': String(priority) }),
      ...headers,
      ...(contentType !== null && { 'content-type': contentType }),
    },
    arrivedAt: new Date(),
    clock: startClock(),
  };
}

const plain = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** `correlation_id` = delivery id; body `{"outcome": "delivered"}` or `{"outcome": "refused", "reason": "..."}`. */
async function settleReceipt(submission: Submission, { ledger, box, settle }: AmqpParts): Promise<Reply> {
  const deliveryId = submission.correlationId ?? '';
  const answer = readReceipt(submission.body);
  if (!answer)
    return plain(400, {
      code: 'parameter-wrong',
      detail: 'The body is no receipt.',
      expected: '{"outcome": "delivered" | "refused", "reason"?: "..."}',
    });
  const entry = await box.entry(submission.system, deliveryId);
  if (!entry)
    return plain(404, { code: 'message-unknown', detail: `No delivery "${deliveryId.slice(0, 64)}" of this system.` });
  const fault = new Fault('receiver-refused', { detail: answer.reason, place: 'receipt' }).toRecord();
  const settlement = settle(
    entry,
    answer.outcome === 'delivered' ? { state: 'DELIVERED' } : { state: 'FAILED', fault },
  );
  const outcome = await ledger.acknowledge(submission.system, deliveryId, settlement);
  return plain(outcome === 'unknown' ? 404 : 200, { deliveryId, repeated: outcome === 'repeated' });
}

function readReceipt(body: Buffer): { readonly outcome: 'delivered' | 'refused'; readonly reason: string } | null {
  try {
    const { outcome, reason } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    if (outcome !== 'delivered' && outcome !== 'refused') return null;
    return { outcome, reason: typeof reason === 'string' ? reason.slice(0, 500) : 'The receiver gave no reason.' };
  } catch {
    return null;
  }
}
