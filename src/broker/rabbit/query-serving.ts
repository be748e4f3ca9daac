import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { LRUCache } from 'lru-cache';
import { Fault } from '../../message/fault.js';
import type { QueryHandler, QueryServer, ServedSystem } from '../../query/ports.js';
import { Lane } from '../lane.js';
import { type Listeners, reasonOf } from '../listeners.js';
import type { PendingAsks } from '../pending-asks.js';
import { byOwnClock, callHandler, isPast, type Question } from '../query-call.js';
import type { QueryAnswers } from './query-answers.js';
import { decodeQuestion } from './query-codec.js';
import { declareQueryQueue, deleteQueryQueue } from './query-queues.js';
import { queryQueue, REPLIES } from './topology.js';
import { hearWithdrawals } from './withdrawals.js';

interface Job {
  readonly channel: Channel;
  readonly message: ConsumeMessage;
  /** Milliseconds since 1970. */
  readonly came: number;
  /** Aborted when the question is withdrawn. */
  readonly gone: AbortController;
}

/** One served queue. It is kept when it is not served any more, so that what still runs counts when it is again. */
interface Tap {
  readonly system: string;
  readonly lane: Lane<Job>;
  /** Null while the system is not served. */
  wanted: ServedSystem | null;
  /** What RabbitMQ knows, and the consumer's tag; null while not consumed. */
  consumed: (ServedSystem & { readonly tag: string }) | null;
}

interface ServingParts {
  readonly listeners: Listeners;
  readonly asks: PendingAsks;
  readonly answers: QueryAnswers;
  readonly owner: string;
}

/** How many withdrawn asks are remembered, whose questions may still come from their queue. */
const MAX_WITHDRAWN = 10_000;

/** After which a queue that could not be consumed is tried again. */
const TRY_AGAIN_MS = 1_000;

/**
 * The answering side. A question may not be safe to repeat, so it is handed out at most once: it is acknowledged before
 * the handler runs, and one that RabbitMQ offers again is dropped, because the lost connection may have taken its
 * acknowledgement along. What a dispatcher that dies had taken ends at its deadline. A queue has a prefetch of
 * `concurrency`; as that counts only what is not acknowledged, up to so many questions wait here for a free place,
 * beside the `waiting` of the queue itself.
 */
export class QueryServing implements QueryServer {
  private model: ChannelModel | null = null;
  private channel: Channel | null = null;
  private readonly taps = new Map<string, Tap>();
  /** What waits here or runs, by the name of its ask. */
  private readonly taken = new Map<string, { readonly lane: Lane<Job>; readonly job: Job }>();
  /** Names of asks that are not handed out any more. */
  private readonly withdrawn = new LRUCache<string, true>({ max: MAX_WITHDRAWN });
  /** Adjustments go one after the other. */
  private last: Promise<void> = Promise.resolve();
  private retry: NodeJS.Timeout | null = null;
  private isEnded = false;

  constructor(
    private readonly parts: ServingParts,
    private readonly handler: QueryHandler,
  ) {}

  /** Resolves when RabbitMQ knows, or at once while it is away. */
  async serve(systems: readonly ServedSystem[]): Promise<void> {
    const wanted = new Map(systems.map((each) => [each.system, each]));
    for (const tap of this.taps.values()) if (!wanted.has(tap.system)) tap.wanted = null;
    for (const each of wanted.values()) {
      const tap = this.taps.get(each.system) ?? this.newTap(each.system);
      tap.wanted = each;
      tap.lane.concurrency = each.concurrency;
    }
    await this.adjust();
  }

  /** Not handed out any more; where it runs, it goes on. */
  skip(name: string): void {
    this.withdrawn.set(name, true);
  }

  /** Not handed out any more; where it runs, its call is ended. False where it is not in this process. */
  withdraw(name: string): boolean {
    this.skip(name);
    const taken = this.taken.get(name);
    if (taken === undefined) return false;
    const { lane, job } = taken;
    if (lane.remove(job)) this.drop(job);
    else job.gone.abort(withdrawnFault());
    return true;
  }

  get isReading(): boolean {
    return [...this.taps.values()].every(isAsWanted);
  }

  open(model: ChannelModel): void {
    this.model = model;
    void this.adjust();
  }

  /** What was taken and has not begun still runs: nobody else would hand it out. */
  lost(): void {
    this.model = null;
    this.dropChannel();
  }

  /** Serves nothing any more; resolves when all that was taken has been answered. */
  async drain(): Promise<void> {
    await this.serve([]);
    await Promise.all([...this.taps.values()].map(({ lane }) => lane.idle()));
  }

  end(): void {
    this.isEnded = true;
    if (this.retry !== null) clearTimeout(this.retry);
    for (const { lane } of this.taps.values()) lane.withdraw();
  }

  private newTap(system: string): Tap {
    const lane = new Lane<Job>(0, (job) => this.run(system, job).finally(() => this.taken.delete(nameOf(job))));
    const tap: Tap = { system, lane, wanted: null, consumed: null };
    this.taps.set(system, tap);
    return tap;
  }

  private adjust(): Promise<void> {
    this.last = this.last.then(() => this.adjustAll());
    return this.last;
  }

  private async adjustAll(): Promise<void> {
    for (const tap of this.taps.values()) {
      const { model } = this;
      if (model === null || isAsWanted(tap)) continue;
      try {
        await this.adjustOne(model, tap);
      } catch (error) {
        this.problem(`serve ${tap.system}`, error);
        this.adjustLater();
      }
    }
  }

  /** The new consumer comes before the old one goes, unless the queue itself must be another. */
  private async adjustOne(model: ChannelModel, tap: Tap): Promise<void> {
    const { wanted, consumed } = tap;
    const channel = await this.usable(model);
    if (consumed !== null && consumed.waiting !== wanted?.waiting) await stop(channel, tap);
    if (wanted === null) return deleteQueryQueue(model, tap.system);
    if (tap.consumed === null) await declareQueryQueue(model, wanted, this.parts.listeners);
    const before = tap.consumed;
    await channel.prefetch(wanted.concurrency);
    const take = (message: ConsumeMessage | null) => this.take(tap, channel, message);
    const { consumerTag: tag } = await channel.consume(queryQueue(tap.system), take);
    tap.consumed = { ...wanted, tag };
    if (before !== null) await channel.cancel(before.tag);
  }

  private adjustLater(): void {
    if (this.isEnded || this.retry !== null) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      void this.adjust();
    }, TRY_AGAIN_MS);
  }

  private async usable(model: ChannelModel): Promise<Channel> {
    if (this.channel !== null) return this.channel;
    const channel = await model.createChannel();
    channel.on('error', (error) => this.problem('serve', error));
    channel.on('close', () => {
      if (channel !== this.channel) return;
      this.dropChannel();
      this.adjustLater();
    });
    await hearWithdrawals(channel, this.parts.owner, (name) => this.withdraw(name));
    this.channel = channel;
    return channel;
  }

  private dropChannel(): void {
    this.channel = null;
    for (const tap of this.taps.values()) tap.consumed = null;
  }

  /** Null: RabbitMQ has cancelled the consumer, as when the queue was deleted. */
  private take(tap: Tap, channel: Channel, message: ConsumeMessage | null): void {
    if (message !== null) return this.offer(tap.lane, channel, message);
    tap.consumed = null;
    void this.adjust();
  }

  private offer(lane: Lane<Job>, channel: Channel, message: ConsumeMessage): void {
    const job = { channel, message, came: Date.now(), gone: new AbortController() };
    this.taken.set(nameOf(job), { lane, job });
    lane.offer(job);
  }

  private drop(job: Job): void {
    this.taken.delete(nameOf(job));
    this.acknowledge(job);
  }

  private async run(system: string, job: Job): Promise<void> {
    this.acknowledge(job);
    const { message, came, gone } = job;
    const { replyTo, messageId } = message.properties;
    const question = message.fields.redelivered ? new Error('it was offered again') : decoded(message, came);
    if (question instanceof Error) {
      const detail = { queue: queryQueue(system), deliveryId: String(messageId), reason: question.message };
      return this.parts.listeners.emit('dead-letter', detail);
    }
    const { deadline, message: facts } = question.item;
    if (isPast(question.item) || this.withdrawn.has(nameOf(job))) return;
    const outcome = await callHandler(this.handler, question, gone.signal);
    if (gone.signal.aborted) return this.parts.asks.tellLate(facts.id, outcome);
    await this.parts.answers.send({ id: facts.id, replyTo: String(replyTo), deadline }, outcome);
  }

  private acknowledge({ channel, message }: Job): void {
    if (channel !== this.channel) return;
    try {
      channel.ack(message);
    } catch (error) {
      this.problem('acknowledge', error);
    }
  }

  private problem(what: string, error: unknown): void {
    this.parts.listeners.emit('problem', { what, reason: reasonOf(error) });
  }
}

/** Of the ask, not of the question: one that was withdrawn may be asked again under its id. */
const nameOf = ({ message }: Job) => String(message.properties.correlationId);

const withdrawnFault = () => new Fault('consumer-gone', { detail: 'Nobody waits for the answer any more.' });

function isAsWanted({ wanted, consumed }: Tap): boolean {
  return wanted?.concurrency === consumed?.concurrency && wanted?.waiting === consumed?.waiting;
}

async function stop(channel: Channel, tap: Tap): Promise<void> {
  const { tag } = tap.consumed!;
  tap.consumed = null;
  await channel.cancel(tag);
}

/** An outcome goes to reply queues only: the gateway may write where others may not. */
function decoded({ content, properties }: ConsumeMessage, came: number): Question | Error {
  try {
    if (!String(properties.replyTo).startsWith(REPLIES)) throw new Error('it names no reply queue');
    return byOwnClock(decodeQuestion(content), came);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
