import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { setTimeout as pause } from 'node:timers/promises';
import { Lane } from '../lane.js';
import { type Listeners, reasonOf } from '../listeners.js';
import { hold } from '../rejections.js';
import type { Declarations } from './declarations.js';
import type { QueueSpec } from './topology.js';

/** What becomes of a message: acknowledged, offered again after a while, or dead-lettered. */
export type Verdict = 'ack' | 'dead' | { readonly againAfterMs: number };

/** Must not reject. */
export type MessageHandler = (queue: QueueSpec, message: ConsumeMessage, called: () => void) => Promise<Verdict>;

export interface Wanted {
  readonly queue: QueueSpec;
  readonly concurrency: number;
}

interface Job {
  readonly channel: Channel;
  readonly message: ConsumeMessage;
}

/** One consumed queue. It is kept when it is not wanted any more, so that what still runs counts when it is again. */
interface Tap {
  readonly queue: QueueSpec;
  readonly lane: Lane<Job>;
  concurrency: number;
  /** The concurrency that RabbitMQ knows, and the consumer's tag; null while not consumed. */
  consumed: { readonly tag: string; readonly concurrency: number } | null;
  /** Fires when messages that are held back shall return at once. */
  ended: AbortController;
  /** How long it is left alone the next time it does not answer, and until when it is now. */
  leftAloneMs: number;
  leftAloneUntil: number;
}

export interface IntakeParts {
  readonly declarations: Declarations;
  readonly listeners: Listeners;
  /** Gives up the connection for another one. */
  readonly recycle: () => void;
}

/** After which a queue that could not be consumed is tried again. */
const TRY_AGAIN_MS = 1_000;
/**
 * A quorum queue without a leader never answers basic.consume, and half a minute later RabbitMQ ends the connection of
 * the one who asked: such a queue is left alone for a while, longer each time, so that the others go on.
 */
const CONSUME_LIMIT_MS = 10_000;
const LEFT_ALONE_MS = 30_000;
const MAX_LEFT_ALONE_MS = 600_000;

/**
 * A message that cannot be taken now is tried here again before it goes back to the queue, for longer each time: it soon gets to a node
 * that is better off, and RabbitMQ 4, which gives up a message that has come back twenty times, keeps it for two hours.
 */
const KEPT_MS = 1_000;
/** RabbitMQ ends the channel of who does not acknowledge within 30 minutes. */
const MAX_KEPT_MS = 600_000;

const keptMs = (count: number): number => Math.min(MAX_KEPT_MS, KEPT_MS * 2 ** count);

/** How often a quorum queue has offered the message before (`x-delivery-count`). */
export function deliveryCount(message: ConsumeMessage): number {
  const count: unknown = message.properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}

/** For each place one message more: it is here when the one before is called, and that is not acknowledged yet. */
const HANDED_OVER = 2;

/** Consumes many queues over one channel, each with its own prefetch; comes back by itself. */
export class Intake {
  private model: ChannelModel | null = null;
  private channel: Channel | null = null;
  private readonly taps = new Map<string, Tap>();
  private last: Promise<void> = Promise.resolve();
  private retry: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;
  private isEnded = false;

  constructor(
    private readonly parts: IntakeParts,
    private readonly handle: MessageHandler,
  ) {}

  /** Whether RabbitMQ hands over from each queue that is wanted. */
  get isReading(): boolean {
    return [...this.taps.values()].every(isAsWanted);
  }

  /** Begins to consume; a queue that does not answer must not hold up the connection. */
  open(model: ChannelModel): void {
    this.model = model;
    void this.adjust();
  }

  /** What was delivered and has not begun comes again from RabbitMQ. */
  lost(): void {
    this.model = null;
    this.dropChannel();
  }

  /** Resolves when RabbitMQ knows, or at once while it is away. */
  async want(list: readonly Wanted[]): Promise<void> {
    const wanted = new Map(list.map((each) => [each.queue.name, each]));
    for (const tap of this.taps.values()) if (!wanted.has(tap.queue.name)) close(tap);
    for (const each of wanted.values()) this.openTap(each);
    await this.adjust();
  }

  /** Consumes nothing any more; resolves when no handler runs. */
  async drain(): Promise<void> {
    await this.want([]);
    await Promise.all([...this.taps.values()].map(({ lane }) => lane.idle()));
  }

  end(): void {
    this.isEnded = true;
    if (this.retry !== null) clearTimeout(this.retry.timer);
    for (const tap of this.taps.values()) close(tap);
  }

  private openTap({ queue, concurrency }: Wanted): void {
    const tap = this.taps.get(queue.name) ?? this.newTap(queue);
    tap.concurrency = concurrency;
    tap.lane.concurrency = concurrency;
    if (tap.ended.signal.aborted) tap.ended = new AbortController();
  }

  private newTap(queue: QueueSpec): Tap {
    const lane = new Lane<Job>(0, (job, called) => this.run(tap, job, called));
    const ended = new AbortController();
    const leftAlone = { leftAloneMs: LEFT_ALONE_MS, leftAloneUntil: 0 };
    const tap: Tap = { queue, lane, concurrency: 0, consumed: null, ended, ...leftAlone };
    this.taps.set(queue.name, tap);
    return tap;
  }

  private adjust(): Promise<void> {
    this.last = this.last.then(() => this.adjustAll());
    return this.last;
  }

  private async adjustAll(): Promise<void> {
    for (const tap of this.taps.values()) {
      if (this.model === null || isAsWanted(tap)) continue;
      if (tap.leftAloneUntil > Date.now()) {
        this.adjustLater(tap.leftAloneUntil - Date.now());
        continue;
      }
      try {
        await this.adjustOne(tap);
      } catch (error) {
        this.parts.listeners.emit('problem', { what: `consume ${tap.queue.name}`, reason: reasonOf(error) });
        this.parts.declarations.doubt(tap.queue.name);
        this.adjustLater(TRY_AGAIN_MS);
      }
    }
  }

  private async adjustOne(tap: Tap): Promise<void> {
    if (tap.concurrency > 0) await this.parts.declarations.ensure(tap.queue);
    const channel = await this.usable();
    await stop(channel, tap);
    if (tap.concurrency === 0) return;
    const { concurrency } = tap;
    await channel.prefetch(HANDED_OVER * concurrency);
    const consuming = channel.consume(tap.queue.name, (message) => this.take(tap, channel, message));
    const answer = await inTime(consuming, CONSUME_LIMIT_MS);
    if (answer === null) return this.leaveAlone(tap);
    tap.consumed = { tag: answer.consumerTag, concurrency };
    tap.leftAloneMs = LEFT_ALONE_MS;
  }

  private leaveAlone(tap: Tap): void {
    const reason = `no answer within ${CONSUME_LIMIT_MS / 1000} s, left alone for ${tap.leftAloneMs / 1000} s`;
    this.parts.listeners.emit('problem', { what: `consume ${tap.queue.name}`, reason });
    tap.leftAloneUntil = Date.now() + tap.leftAloneMs;
    tap.leftAloneMs = Math.min(MAX_LEFT_ALONE_MS, tap.leftAloneMs * 2);
    this.parts.recycle();
  }

  private adjustLater(ms: number): void {
    if (this.isEnded) return;
    const at = Date.now() + ms;
    if (this.retry !== null && this.retry.at <= at) return;
    if (this.retry !== null) clearTimeout(this.retry.timer);
    const timer = setTimeout(() => {
      this.retry = null;
      void this.adjust();
    }, ms);
    this.retry = { at, timer };
  }

  private async usable(): Promise<Channel> {
    if (this.channel !== null) return this.channel;
    if (this.model === null) throw new Error('the connection was lost');
    const channel = await this.model.createChannel();
    channel.on('error', (error) => this.parts.listeners.emit('problem', { what: 'channel', reason: error.message }));
    channel.on('close', () => this.closed(channel));
    this.channel = channel;
    return channel;
  }

  private closed(channel: Channel): void {
    if (channel !== this.channel) return;
    this.dropChannel();
    if (this.model !== null) this.adjustLater(TRY_AGAIN_MS);
  }

  private dropChannel(): void {
    this.channel = null;
    for (const tap of this.taps.values()) {
      tap.consumed = null;
      tap.lane.withdraw();
    }
  }

  /** Null: RabbitMQ has cancelled the consumer, as when the queue was deleted. */
  private take(tap: Tap, channel: Channel, message: ConsumeMessage | null): void {
    if (message !== null) return tap.lane.offer({ channel, message });
    tap.consumed = null;
    this.parts.declarations.doubt(tap.queue.name);
    void this.adjust();
  }

  private async run(tap: Tap, job: Job, called: () => void): Promise<void> {
    const returned = Date.now() + keptMs(deliveryCount(job.message));
    while (job.channel === this.channel) {
      const verdict = await this.handle(tap.queue, job.message, called);
      if (typeof verdict === 'object') await hold(verdict.againAfterMs, tap.ended.signal);
      const isKept = typeof verdict === 'object' && Date.now() < returned && !tap.ended.signal.aborted;
      if (isKept) continue;
      if (job.channel === this.channel) this.settle(job, verdict);
      return;
    }
  }

  private settle({ channel, message }: Job, verdict: Verdict): void {
    try {
      if (verdict === 'ack') channel.ack(message);
      else channel.nack(message, false, verdict !== 'dead');
    } catch (error) {
      this.parts.listeners.emit('problem', { what: 'acknowledge', reason: reasonOf(error) });
    }
  }
}

const isAsWanted = ({ consumed, concurrency }: Tap) => (consumed?.concurrency ?? 0) === concurrency;

function close(tap: Tap): void {
  tap.concurrency = 0;
  tap.lane.concurrency = 0;
  tap.ended.abort();
}

/** Cancels the consumer; what came and has not begun goes back. */
async function stop(channel: Channel, tap: Tap): Promise<void> {
  if (tap.consumed === null) return;
  const { tag } = tap.consumed;
  tap.consumed = null;
  await channel.cancel(tag);
  for (const { message } of tap.lane.withdraw()) channel.nack(message, false, true);
}

/** Null where the time is over; what comes of the work later is of no interest. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T | null> {
  const over = new AbortController();
  const late = pause(ms, null, { signal: over.signal }).catch(() => null);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    work.catch(() => undefined);
  }
}
