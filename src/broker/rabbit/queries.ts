import type { ChannelModel } from 'amqplib';
import { LRUCache } from 'lru-cache';
import type { QueryBroker, QueryHandler, QueryServer } from '../../query/ports.js';
import type { Listeners } from '../listeners.js';
import { closedFault, PendingAsks } from '../pending-asks.js';
import { Link } from './connection.js';
import { QueryAnswers } from './query-answers.js';
import { brokerAway, QueryAsking } from './query-asking.js';
import { RabbitQuestionQueues } from './question-queues.js';
import { QueryServing } from './query-serving.js';

/** How many given-up questions this process remembers, so that it does not hand them out to itself. */
const MAX_WITHDRAWN = 10_000;

/**
 * Questions over a connection of their own: RabbitMQ holds back a whole connection that publishes faster than its
 * quorum queues take, and on one connection a lost reply queue is known at once.
 */
export class RabbitQueries implements QueryBroker {
  private readonly asks = new PendingAsks();
  private readonly withdrawn = new LRUCache<string, true>({ max: MAX_WITHDRAWN });
  private readonly asking: QueryAsking;
  private readonly answers: QueryAnswers;
  private serving: QueryServing | null = null;
  private model: ChannelModel | null = null;
  private isClosed = false;
  readonly link: Link;
  readonly questionQueues: RabbitQuestionQueues;

  constructor(private readonly parts: { urls: readonly string[]; owner: string; listeners: Listeners }) {
    const { listeners, owner } = parts;
    const common = { asks: this.asks, listeners, recycle: (model: ChannelModel) => this.link.recycle(model) };
    this.asking = new QueryAsking({ ...common, owner });
    this.answers = new QueryAnswers(common);
    this.questionQueues = new RabbitQuestionQueues({ ...common, owner, isBlocked: () => this.link.blocked !== null });
    this.link = new Link({ ...parts, name: 'query', open: (model) => this.open(model), lost: () => this.lost() });
  }

  ask: QueryBroker['ask'] = (item, signal) => {
    if (this.isClosed) return Promise.reject(closedFault());
    if (!this.asking.isReady) return Promise.reject(brokerAway('RabbitMQ is not connected.'));
    if (this.link.blocked !== null) return Promise.reject(brokerAway('RabbitMQ takes no messages at present.'));
    return this.asks.open(item, signal, {
      send: () => {
        // One that was given up is asked again under its id where its answer is not waited for (`Prefer: respond-async`).
        this.withdrawn.delete(item.message.id);
        this.asking.send(item);
      },
      withdraw: () => this.withdrawn.set(item.message.id, true),
    });
  };

  server(handler: QueryHandler): QueryServer {
    if (this.serving !== null) throw new Error('this broker has its query server already');
    const isWithdrawn = (id: string) => this.withdrawn.has(id);
    this.serving = new QueryServing({ listeners: this.parts.listeners, answers: this.answers, isWithdrawn }, handler);
    if (this.model !== null) this.serving.open(this.model);
    return this.serving;
  }

  onLate: QueryBroker['onLate'] = (listener) => this.asks.onLate(listener);

  get isReading(): boolean {
    return this.serving?.isReading ?? true;
  }

  async drain(): Promise<void> {
    await this.serving?.drain();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.asks.failAll(closedFault());
    this.serving?.end();
    await this.link.close();
    this.answers.end();
  }

  private async open(model: ChannelModel): Promise<void> {
    await this.answers.open(model);
    await this.asking.open(model);
    await this.questionQueues.open(model);
    this.model = model;
    this.serving?.open(model);
  }

  private lost(): void {
    this.model = null;
    this.asking.lost();
    this.answers.lost();
    this.questionQueues.lost();
    this.serving?.lost();
  }
}
