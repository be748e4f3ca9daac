import type { ConfirmChannel, Message, Options } from 'amqplib';
import { Fault } from '../../message/fault.js';
import type { Listeners } from '../listeners.js';
import { brokerUnavailable } from '../rejections.js';
import { Stall } from './stall.js';

export interface Outgoing {
  readonly exchange: string;
  readonly key: string;
  readonly body: Buffer;
  readonly options: Options.Publish & { readonly messageId: string };
}

interface Pending extends Outgoing {
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
  readonly deadline: number;
  /** The channel that carries it; null while it waits. */
  channel: ConfirmChannel | null;
  writtenAt: number | null;
  isReturned: boolean;
  isSettled: boolean;
}

/** Unconfirmed publishes at once, and their bytes. */
const WINDOW = 500;
const WINDOW_BYTES = 32 * 1024 * 1024;
const MAX_WAITING = 10_000;
const LIMIT_MS = 10_000;
const NACK_DELAY_MS = 100;
const WATCH_EVERY_MS = 250;
/** A look that comes so late follows a pause of this process: what has come meanwhile is not read yet. */
const LATE_MS = 1_000;
/** A publish still waits for the next connection so long after the last one was lost; later it is refused at once. */
const GRACE_MS = 2_000;

interface WindowParts {
  readonly listeners: Listeners;
  /** Asks for another connection. */
  readonly recycle: () => void;
  readonly isBlocked: () => boolean;
}

/**
 * Publishes with confirms: what a connection leaves unconfirmed goes out again on the next one. A publish resolves on
 * its confirm; it rejects with Fault overloaded (no confirm within 10 s, too many waiting), destination-missing
 * (returned: no queue took it) or stopping.
 */
export class PublishWindow {
  private channel: ConfirmChannel | null = null;
  private detachedAt = -Infinity;
  /** Every publish that has not ended, oldest first. */
  private readonly owed = new Set<Pending>();
  /** To be written, among them some that have ended meanwhile. */
  private waiting: Pending[] = [];
  private readonly outstanding = new Set<Pending>();
  private bytes = 0;
  private readonly stall = new Stall();
  private watch: NodeJS.Timeout | null = null;
  private lookedAt = 0;
  private onEmpty: (() => void)[] = [];
  private isClosed = false;

  constructor(private readonly parts: WindowParts) {}

  send(message: Outgoing): Promise<void> {
    if (this.isClosed) return Promise.reject(new Fault('stopping', { detail: 'The broker is closed.' }));
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(brokerUnavailable(`${MAX_WAITING} messages wait for RabbitMQ already.`));
    }
    if (this.channel === null && Date.now() - this.detachedAt > GRACE_MS) {
      return Promise.reject(brokerUnavailable('RabbitMQ is not connected.'));
    }
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + LIMIT_MS;
      const flags = { channel: null, writtenAt: null, isReturned: false, isSettled: false };
      const pending: Pending = { ...message, ...flags, resolve, reject, deadline };
      if (this.owed.size === 0) this.stall.begin(Date.now());
      this.owed.add(pending);
      this.waiting.push(pending);
      if (this.watch === null) this.beginWatch();
      this.pump();
    });
  }

  attach(channel: ConfirmChannel): void {
    this.channel = channel;
    this.stall.begin(Date.now());
    channel.on('return', (message) => this.returned(message));
    this.pump();
  }

  /** The connection is gone: what it owes waits for the next one, in order, before what waits already. */
  detach(): void {
    if (this.channel === null) return;
    this.channel = null;
    this.detachedAt = Date.now();
    const again = [...this.outstanding];
    this.outstanding.clear();
    this.bytes = 0;
    for (const pending of this.owed) Object.assign(pending, { channel: null, writtenAt: null, isReturned: false });
    this.waiting = [...again, ...this.waiting];
  }

  /** Resolves when nothing is owed or waits. */
  async flushed(): Promise<void> {
    if (this.owed.size > 0) await new Promise<void>((resolve) => this.onEmpty.push(resolve));
  }

  close(): void {
    this.isClosed = true;
    const fault = new Fault('stopping', { detail: 'The broker was closed before RabbitMQ had confirmed.' });
    for (const pending of this.owed) this.settle(pending, fault);
    this.waiting = [];
  }

  private pump(): void {
    while (this.channel !== null && this.waiting.length > 0 && this.hasRoom()) {
      const pending = this.waiting.shift()!;
      if (!pending.isSettled && !this.write(pending, this.channel)) return;
    }
  }

  /** What is written while RabbitMQ refuses to read piles up in the socket, beyond any bound. */
  private hasRoom(): boolean {
    if (this.parts.isBlocked()) return false;
    return this.outstanding.size === 0 || (this.outstanding.size < WINDOW && this.bytes < WINDOW_BYTES);
  }

  /** False where the channel turned out to be closed. */
  private write(pending: Pending, channel: ConfirmChannel): boolean {
    try {
      const options = { persistent: true, mandatory: true, ...pending.options };
      channel.publish(pending.exchange, pending.key, pending.body, options, (error) =>
        this.answered(pending, channel, error),
      );
    } catch (error) {
      return this.notWritten(pending, error);
    }
    pending.channel = channel;
    pending.writtenAt ??= Date.now();
    this.outstanding.add(pending);
    this.bytes += pending.body.length;
    return true;
  }

  private notWritten(pending: Pending, error: unknown): boolean {
    if (error instanceof Error && error.name === 'IllegalOperationError') {
      this.waiting.unshift(pending);
      this.parts.recycle();
      return false;
    }
    this.settle(pending, new Fault('internal', { detail: 'The message cannot be written in AMQP.', cause: error }));
    return true;
  }

  private answered(pending: Pending, channel: ConfirmChannel, error: unknown): void {
    if (error === null) {
      this.stall.confirmed(pending.key, Date.now());
      this.settle(pending, pending.isReturned ? returnedFault(pending) : null);
      this.pump();
      return;
    }
    // `channel closed` comes for every message of a lost channel, also for those that went out again.
    if (pending.channel !== channel || this.channel !== channel) return;
    if (error instanceof Error && error.message === 'message nacked') this.nacked(pending);
  }

  /** Quorum queues nack during a change of leader; at once it would be nacked again. */
  private nacked(pending: Pending): void {
    this.release(pending);
    pending.isReturned = false;
    setTimeout(() => {
      if (pending.isSettled) return;
      this.waiting.unshift(pending);
      this.pump();
    }, NACK_DELAY_MS);
  }

  /** RabbitMQ sends basic.return before the confirm of the same message (RabbitMQ, "Publisher Confirms"). */
  private returned(message: Message): void {
    const { routingKey } = message.fields;
    const messageId = String(message.properties.messageId);
    this.parts.listeners.emit('returned', { key: routingKey, messageId });
    for (const pending of this.outstanding) {
      if (pending.options.messageId !== messageId || pending.key !== routingKey || pending.isReturned) continue;
      pending.isReturned = true;
      return;
    }
  }

  private beginWatch(): void {
    this.lookedAt = Date.now();
    this.watch = setInterval(() => this.look(), WATCH_EVERY_MS);
  }

  private look(): void {
    const now = Date.now();
    const isLate = now - this.lookedAt > LATE_MS;
    this.lookedAt = now;
    this.expire(now);
    if (this.owed.size === 0 || this.channel === null) return;
    if (isLate || this.parts.isBlocked()) return this.stall.begin(now);
    if (!this.stall.isOver(this.owed, now)) return;
    this.parts.listeners.emit('recycled', { outstanding: this.owed.size });
    this.parts.recycle();
  }

  private expire(now: number): void {
    for (const pending of this.owed) {
      if (pending.deadline > now) break;
      this.settle(pending, brokerUnavailable(`RabbitMQ did not confirm within ${LIMIT_MS / 1000} s.`));
    }
    this.waiting = this.waiting.filter((pending) => !pending.isSettled);
    this.pump();
  }

  private release(pending: Pending): void {
    if (this.outstanding.delete(pending)) this.bytes -= pending.body.length;
    pending.channel = null;
  }

  private settle(pending: Pending, fault: Fault | null): void {
    this.release(pending);
    if (pending.isSettled) return;
    pending.isSettled = true;
    this.owed.delete(pending);
    if (fault === null) pending.resolve();
    else pending.reject(fault);
    if (this.owed.size === 0) this.rest();
  }

  private rest(): void {
    if (this.watch !== null) clearInterval(this.watch);
    this.watch = null;
    for (const resolve of this.onEmpty.splice(0)) resolve();
  }
}

function returnedFault({ key }: Outgoing): Fault {
  return new Fault('destination-missing', { detail: `No queue of RabbitMQ took the message for ${key}.` });
}

/** True where the fault says that no queue took the message. */
export function isReturned(error: unknown): boolean {
  return error instanceof Fault && error.code === 'destination-missing';
}
