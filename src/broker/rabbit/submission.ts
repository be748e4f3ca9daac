import type { ConsumeMessage } from 'amqplib';
import type {
  Publisher,
  Submission,
  SubmissionHandler,
  SubmissionReply,
  Submissions,
} from '../../acceptance/submissions.js';
import { Fault } from '../../message/fault.js';
import { reasonOf } from '../listeners.js';
import { backOff } from '../rejections.js';
import { isDirectReplyTo, type DirectReplies } from './direct-replies.js';
import { deliveryCount, Intake, type IntakeParts, type Verdict } from './intake.js';
import type { RabbitPublisher } from './publisher.js';
import { text, textHeaders } from './text-properties.js';
import { amqpQueues, plainQueue, replyQueue, submissionQueue } from './topology.js';

const CONCURRENCY = 10;

interface SubmissionParts extends IntakeParts {
  readonly publisher: RabbitPublisher;
  readonly directReplies: DirectReplies;
}

/** AMQP in: the broker's confirm is not acceptance, the reply message is. */
export class RabbitSubmissions implements Submissions {
  readonly intake: Intake;
  private handler: SubmissionHandler | null = null;
  /** Submission queue -> who may publish to it. */
  private readonly owners = new Map<string, Publisher>();

  constructor(private readonly parts: SubmissionParts) {
    this.intake = new Intake(parts, (queue, message) => this.take(queue.name, message));
  }

  start(handler: SubmissionHandler): void {
    this.handler = handler;
  }

  async consume(systems: readonly Publisher[]): Promise<void> {
    const wanted = systems.map(({ system }) => ({ queue: submissionQueue(system), concurrency: CONCURRENCY }));
    for (const each of systems) this.owners.set(submissionQueue(each.system).name, each);
    await this.declare(systems);
    await this.intake.want(wanted);
  }

  /** The queues that a system reads must stand before the gateway has anything to put into them. */
  private async declare(systems: readonly { readonly system: string }[]): Promise<void> {
    const queues = systems.flatMap(({ system }) => amqpQueues(system));
    for (const queue of queues) this.parts.declarations.expect(queue);
    if (!this.parts.declarations.isReady) return;
    for (const queue of queues) {
      await this.parts.declarations.ensure(queue).catch((error: unknown) => {
        this.parts.listeners.emit('problem', { what: `declare ${queue.name}`, reason: reasonOf(error) });
      });
    }
  }

  /**
   * RabbitMQ up to 4.0 does not hold CC and BCC against the topic permissions of who publishes: what was copied here
   * shows its first routing key, which is verified. It is not answered: the answer would go to the owner of the queue.
   */
  private async take(queue: string, message: ConsumeMessage): Promise<Verdict> {
    const { system, usernames } = this.owners.get(queue)!;
    const key = message.fields.routingKey;
    if (key !== system && key !== queue) {
      this.parts.listeners.emit('strayed', { system, key });
      return 'ack';
    }
    const submission = submissionOf(system, message);
    try {
      const reply = refusal(usernames, message) ?? (await this.ask(submission));
      if (reply instanceof Fault) this.parts.listeners.emit('refused', { system, code: reply.code });
      await this.answer(submission, reply instanceof Fault ? faultReply(reply) : reply);
      return 'ack';
    } catch (error) {
      this.parts.listeners.emit('problem', { what: `submission of ${system}`, reason: reasonOf(error) });
      return { againAfterMs: backOff(1 + deliveryCount(message)) };
    }
  }

  private async ask(submission: Submission): Promise<SubmissionReply> {
    if (this.handler === null) throw new Error('nobody takes submissions yet');
    return this.handler(submission);
  }

  /**
   * A reply_to that names any other queue is not followed: the gateway may write where the system may not. A direct
   * one that RabbitMQ does not take is tried once; the system finds the answer in its own queue.
   */
  private async answer({ system, replyTo, ...ids }: Submission, reply: SubmissionReply): Promise<void> {
    const options = replyOptions(ids, reply);
    if (replyTo !== null && isDirectReplyTo(replyTo) && (await this.answerDirectly(replyTo, reply.body, options)))
      return;
    await this.parts.publisher.toQueue(plainQueue(replyQueue(system)), reply.body, options);
  }

  /** False where it did not go out. */
  private async answerDirectly(...order: Parameters<DirectReplies['send']>): Promise<boolean> {
    try {
      await this.parts.directReplies.send(...order);
      return true;
    } catch (error) {
      this.parts.listeners.emit('problem', { what: 'direct reply', reason: reasonOf(error) });
      return false;
    }
  }
}

function replyOptions(submission: Pick<Submission, 'messageId' | 'correlationId'>, reply: SubmissionReply) {
  const { 'content-type': contentType = 'application/octet-stream', ...headers } = reply.headers;
  const correlationId = submission.correlationId ?? submission.messageId;
  const messageId = `reply:${submission.messageId ?? ''}`;
  return { messageId, contentType, headers, ...(correlationId === null ? {} : { correlationId }) };
}

/** RabbitMQ checks `user_id` only where the publisher sets it (RabbitMQ, "Validated User-ID"). */
function refusal(usernames: readonly string[], message: ConsumeMessage): Fault | null {
  const user: unknown = message.properties.userId;
  if (usernames.includes(String(user))) return null;
  const place = 'user_id';
  const expected = usernames.join(', ');
  if (typeof user !== 'string' || user === '') {
    const detail = 'The message does not say who published it.';
    return new Fault('credentials-missing', { detail, place, expected });
  }
  const detail = 'The message was not published by the user of this system.';
  return new Fault('sender-mismatch', { detail, place, expected });
}

function faultReply(fault: Fault): SubmissionReply {
  const headers = { 'content-type': 'application/json', 'x-status': String(fault.kind.http ?? 500) };
  return { body: Buffer.from(JSON.stringify(fault.toRecord())), headers };
}

/** Many client libraries send 0 where nothing was said; to ask for 0 there is the header. */
const askedPriority = (priority: unknown) => (typeof priority === 'number' && priority !== 0 ? priority : null);

function submissionOf(system: string, message: ConsumeMessage): Submission {
  const { properties } = message;
  return {
    system,
    username: text(properties.userId) ?? '',
    headers: textHeaders(properties.headers ?? {}),
    contentType: text(properties.contentType),
    body: message.content,
    messageId: text(properties.messageId),
    correlationId: text(properties.correlationId),
    type: text(properties.type),
    replyTo: text(properties.replyTo),
    priority: askedPriority(properties.priority),
  };
}
