import type { ChannelModel } from 'amqplib';
import type { Consumer, ItemHandler } from '../../delivery/ports.js';
import type { Broker } from '../broker.js';
import { Listeners } from '../listeners.js';
import { Link } from './connection.js';
import { itemIntake, unroutableIntake } from './consumer.js';
import { Declarations } from './declarations.js';
import { DirectReplies } from './direct-replies.js';
import { Intake } from './intake.js';
import { PublishWindow } from './outgoing.js';
import { RabbitPublisher } from './publisher.js';
import type { RabbitQuestionQueues } from './question-queues.js';
import { RabbitQueries } from './queries.js';
import { RabbitSubmissions } from './submission.js';
import { systemQueue, UNROUTABLE_QUEUE } from './topology.js';

interface RabbitOptions {
  /** amqp(s)://...; the next one is tried when one fails. */
  readonly urls: readonly string[];
  /** Names this process among RabbitMQ's connections. */
  readonly owner: string;
}

/** Resolves also while RabbitMQ is away: it then goes on trying, and publishes reject until it is there. */
export async function openRabbit(options: RabbitOptions): Promise<Broker> {
  const broker = new RabbitBroker(options);
  await broker.start();
  return broker;
}

const UNROUTABLE_AT_ONCE = 20;

class RabbitBroker implements Broker {
  readonly kind = 'rabbitmq';
  private readonly listeners = new Listeners();
  private readonly declarations = new Declarations(this.listeners);
  private readonly window = new PublishWindow({
    listeners: this.listeners,
    recycle: () => this.publishing.recycle(),
    isBlocked: () => this.publishing.blocked !== null,
  });
  private readonly out = new RabbitPublisher(this.window, this.declarations);
  readonly publisher = this.out;
  readonly systemQueue = this.out;
  private readonly intakeParts = {
    declarations: this.declarations,
    listeners: this.listeners,
    recycle: () => this.consuming.recycle(),
  };
  private readonly directReplies: DirectReplies;
  readonly submissions: RabbitSubmissions;
  private readonly intakes: Intake[] = [];
  private items: Intake | null = null;
  private readonly consuming: Link;
  private readonly publishing: Link;
  readonly queries: RabbitQueries;
  readonly questionQueues: RabbitQuestionQueues;

  constructor({ urls, owner }: RabbitOptions) {
    const unroutable = unroutableIntake(this.out, this.declarations, this.listeners);
    const strays = new Intake(this.intakeParts, unroutable);
    this.intakes.push(strays);
    void strays.want([{ queue: UNROUTABLE_QUEUE, concurrency: UNROUTABLE_AT_ONCE }]);
    const common = { urls, owner, listeners: this.listeners };
    this.directReplies = new DirectReplies(common);
    const { intakeParts, out: publisher, directReplies } = this;
    this.submissions = new RabbitSubmissions({ ...intakeParts, publisher, directReplies });
    this.intakes.push(this.submissions.intake);
    this.queries = new RabbitQueries(common);
    this.questionQueues = this.queries.questionQueues;
    this.consuming = new Link({
      ...common,
      name: 'consume',
      open: (model) => this.openConsuming(model),
      lost: () => this.lostConsuming(),
    });
    this.publishing = new Link({
      ...common,
      name: 'publish',
      open: (model) => this.openPublishing(model),
      lost: () => this.window.detach(),
    });
  }

  async start(): Promise<void> {
    await this.consuming.start();
    const started = Promise.all([this.publishing.start(), this.queries.link.start()]);
    if (this.declarations.isReady) await started;
  }

  consumer(handler: ItemHandler): Consumer {
    if (this.items !== null) throw new Error('this broker has its consumer already');
    const items = new Intake(this.intakeParts, itemIntake(handler, this.listeners));
    this.items = items;
    this.intakes.push(items);
    if (this.model !== null) items.open(this.model);
    return {
      consume: (systems) =>
        items.want(systems.map(({ system, concurrency }) => ({ queue: systemQueue(system), concurrency }))),
    };
  }

  onQueueLost: Broker['onQueueLost'] = (listener) => this.listeners.onQueueLost(listener);
  onEvent: Broker['onEvent'] = (listener) => this.listeners.onEvent(listener);

  state(): ReturnType<Broker['state']> {
    const links = [this.consuming, this.publishing, this.queries.link];
    return { connected: links.every(({ isOpen }) => isOpen), blocked: this.publishing.blocked };
  }

  isReading(): boolean {
    return this.queries.isReading && this.intakes.every((intake) => intake.isReading);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.intakes.map((intake) => intake.drain()), this.queries.drain()]);
    await this.window.flushed();
  }

  async close(): Promise<void> {
    this.window.close();
    const links = [this.consuming, this.publishing, this.queries, this.directReplies];
    await Promise.all(links.map((link) => link.close()));
    for (const intake of this.intakes) intake.end();
  }

  private model: ChannelModel | null = null;

  private async openConsuming(model: ChannelModel): Promise<void> {
    this.model = model;
    await this.declarations.open(model);
    for (const intake of this.intakes) intake.open(model);
  }

  private lostConsuming(): void {
    this.model = null;
    this.declarations.lost();
    for (const intake of this.intakes) intake.lost();
  }

  /** Nothing is published before the topology stands. */
  private async openPublishing(model: ChannelModel): Promise<void> {
    await this.declarations.ready();
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => this.listeners.emit('problem', { what: 'publish', reason: error.message }));
    channel.on('close', () => this.publishing.recycle(model));
    this.window.attach(channel);
  }
}
