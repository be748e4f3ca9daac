import type { ChannelModel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import type { QueryBroker, QueryHandler, QueryItem, QueryServer } from '../../query/ports.js';
import type { Listeners } from '../listeners.js';
import { closedFault, PendingAsks } from '../pending-asks.js';
import { Link } from './connection.js';
import { QueryAnswers } from './query-answers.js';
import { brokerAway, QueryAsking } from './query-asking.js';
import { RabbitQuestionQueues } from './question-queues.js';
import { QueryServing } from './query-serving.js';
import { Withdrawals } from './withdrawals.js';

/** With less time than this to its deadline, which every process knows, a question is not withdrawn elsewhere. */
const MOMENT_MS = 20;

/**
 * Questions over a connection of their own: RabbitMQ holds back a whole connection that publishes faster than its
 * quorum queues take, and on one connection a lost reply queue is known at once.
 */
export class RabbitQueries implements QueryBroker {
  private readonly asks = new PendingAsks();
  private readonly asking: QueryAsking;
  private readonly withdrawals: Withdrawals;
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
    const isBlocked = () => this.link.blocked !== null;
    this.withdrawals = new Withdrawals({ listeners, isBlocked });
    this.questionQueues = new RabbitQuestionQueues({ ...common, owner, isBlocked });
    this.link = new Link({ ...parts, name: 'query', open: (model) => this.open(model), lost: () => this.lost() });
  }

  ask: QueryBroker['ask'] = (item, signal) => {
    if (this.isClosed) return Promise.reject(closedFault());
    if (!this.asking.isReady) return Promise.reject(brokerAway('RabbitMQ is not connected.'));
    if (this.link.blocked !== null) return Promise.reject(brokerAway('RabbitMQ takes no messages at present.'));
    // One that was given up is asked again under its id where its answer is not waited for (`Prefer: respond-async`).
    const name = randomUUID();
    return this.asks.open(item, signal, {
      send: () => this.asking.send(item, name),
      withdraw: () => this.withdraw(item, name),
    });
  };

  server(handler: QueryHandler): QueryServer {
    if (this.serving !== null) throw new Error('this broker has its query server already');
    const { asks, answers } = this;
    this.serving = new QueryServing({ ...this.parts, asks, answers }, handler);
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

  private withdraw(item: QueryItem, name: string): void {
    const isDue = item.deadline.getTime() - Date.now() < MOMENT_MS;
    if (isDue) this.serving?.skip(name);
    else if (!this.serving?.withdraw(name)) this.withdrawals.tell(name, item);
  }

  private async open(model: ChannelModel): Promise<void> {
    await this.withdrawals.open(model);
    await this.answers.open(model);
    await this.asking.open(model);
    await this.questionQueues.open(model);
    this.model = model;
    this.serving?.open(model);
  }

  private lost(): void {
    this.model = null;
    this.withdrawals.lost();
    this.serving?.lost();
    this.asking.lost();
    this.answers.lost();
    this.questionQueues.lost();
  }
}
