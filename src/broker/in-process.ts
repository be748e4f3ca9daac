import type { Publisher, QueueItem } from '../acceptance/ports.js';
import type { Consumer, ItemHandler } from '../delivery/ports.js';
import { Fault } from '../message/fault.js';
import type { Broker } from './broker.js';
import { InProcessQueries } from './in-process-queries.js';
import { Lane } from './lane.js';
import { Listeners, reasonOf } from './listeners.js';
import { hold, Rejections } from './rejections.js';

/** The broker of the embedded shape: queues in memory, refilled from the ledger on start. */
export function openInProcess(): Broker {
  const listeners = new Listeners();
  const queues = new Queues(listeners);
  const queries = new InProcessQueries();
  return {
    kind: 'in-process',
    publisher: queues,
    consumer: (handler) => queues.consumer(handler),
    systemQueue: { put: (system) => refuse(`System ${system} receives`) },
    submissions: null,
    queries,
    questionQueues: { put: (system) => refuse(`System ${system} takes its questions`), onAnswer: () => undefined },
    onQueueLost: (listener) => listeners.onQueueLost(listener),
    onEvent: (listener) => listeners.onEvent(listener),
    state: () => ({ connected: !queues.closed, blocked: null }),
    isReading: () => true,
    drain: async () => {
      await Promise.all([queues.drain(), queries.drain()]);
    },
    close: () => {
      queries.close();
      return queues.close();
    },
  };
}

const refuse = (what: string) =>
  Promise.reject(
    new Fault('destination-missing', { detail: `${what} by AMQP, and this gateway runs without RabbitMQ.` }),
  );

interface Queue {
  readonly lane: Lane<QueueItem>;
  /** Fires when the queue is no longer consumed: what is held back off goes back at once. */
  ended: AbortController;
}

class Queues implements Publisher {
  private readonly queues = new Map<string, Queue>();
  private readonly rejections = new Rejections();
  private handler: ItemHandler | null = null;
  closed = false;

  constructor(private readonly listeners: Listeners) {}

  publish(item: QueueItem): Promise<void> {
    if (this.closed) return Promise.reject(new Fault('stopping', { detail: 'The broker is closed.' }));
    this.queue(item.delivery.receiver.system).lane.offer(item);
    return Promise.resolve();
  }

  consumer(handler: ItemHandler): Consumer {
    if (this.handler !== null) throw new Error('this broker has its consumer already');
    this.handler = handler;
    return { consume: (systems) => Promise.resolve(this.consume(systems)) };
  }

  async drain(): Promise<void> {
    this.consume([]);
    await Promise.all([...this.queues.values()].map(({ lane }) => lane.idle()));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.consume([]);
    for (const { lane } of this.queues.values()) lane.withdraw();
  }

  private consume(systems: readonly { readonly system: string; readonly concurrency: number }[]): void {
    const wanted = new Map(systems.map(({ system, concurrency }) => [system, concurrency]));
    for (const [system, queue] of this.queues) if (!wanted.has(system)) stop(queue);
    for (const [system, concurrency] of wanted) start(this.queue(system), this.closed ? 0 : concurrency);
  }

  private queue(system: string): Queue {
    const known = this.queues.get(system);
    if (known !== undefined) return known;
    const lane = new Lane<QueueItem>(0, (item, called) => this.handle(item, called));
    const queue = { lane, ended: new AbortController() };
    this.queues.set(system, queue);
    return queue;
  }

  private async handle(item: QueueItem, called: () => void): Promise<void> {
    const key = `${item.deliveryId} ${item.epoch}`;
    try {
      await this.handler?.(item, called);
      this.rejections.forget(key);
    } catch (error) {
      await this.offerAgain(item, key, error);
    }
  }

  private async offerAgain(item: QueueItem, key: string, error: unknown): Promise<void> {
    const { system } = item.delivery.receiver;
    const { lane, ended } = this.queue(system);
    const delay = this.rejections.note(key, error);
    if (delay === null) {
      this.listeners.emit('dead-letter', { queue: system, deliveryId: item.deliveryId, reason: reasonOf(error) });
      return;
    }
    await hold(delay, ended.signal);
    if (!this.closed) lane.putBack(item);
  }
}

function start(queue: Queue, concurrency: number): void {
  if (queue.ended.signal.aborted) queue.ended = new AbortController();
  queue.lane.concurrency = concurrency;
}

function stop(queue: Queue): void {
  queue.lane.concurrency = 0;
  queue.ended.abort();
}
