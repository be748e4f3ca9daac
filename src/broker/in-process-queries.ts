import type { QueryBroker, QueryHandler, QueryServer, ServedSystem } from '../query/ports.js';
import { Lane } from './lane.js';
import { closedFault, fullFault, PendingAsks, unservedFault } from './pending-asks.js';
import { callHandler, isPast, type Question } from './query-call.js';

interface Asked extends Question {
  /** Of who asks: what is called meanwhile is not wanted any more. */
  readonly signal: AbortSignal;
}

interface Queue {
  readonly lane: Lane<Asked>;
  /** Null while the system is not served. */
  waiting: number | null;
}

/** Questions of the embedded shape: a bounded queue in memory for each answering system. */
export class InProcessQueries implements QueryBroker {
  private readonly asks = new PendingAsks();
  private readonly queues = new Map<string, Queue>();
  private handler: QueryHandler | null = null;
  private isClosed = false;

  ask: QueryBroker['ask'] = (item, signal) => {
    const { system } = item.receiver;
    const refusal = this.refusal(system);
    if (refusal !== null) return Promise.reject(refusal);
    const { lane } = this.queues.get(system)!;
    const question = { item, askedAt: Date.now(), signal };
    return this.asks.open(item, signal, {
      send: () => lane.offer(question),
      withdraw: () => lane.remove(question),
    });
  };

  server(handler: QueryHandler): QueryServer {
    if (this.handler !== null) throw new Error('this broker has its query server already');
    this.handler = handler;
    return { serve: (systems) => Promise.resolve(this.serve(systems)) };
  }

  onLate: QueryBroker['onLate'] = (listener) => this.asks.onLate(listener);

  async drain(): Promise<void> {
    this.serve([]);
    await Promise.all([...this.queues.values()].map(({ lane }) => lane.idle()));
  }

  close(): void {
    this.isClosed = true;
    this.asks.failAll(closedFault());
  }

  private refusal(system: string) {
    const queue = this.queues.get(system);
    if (this.isClosed) return closedFault();
    if (queue === undefined || queue.waiting === null) return unservedFault(system);
    return queue.lane.hasRoom || queue.lane.backlog < queue.waiting ? null : fullFault(system);
  }

  private serve(systems: readonly ServedSystem[]): void {
    const wanted = new Map(systems.map((each) => [each.system, each]));
    for (const [system, queue] of this.queues) if (!wanted.has(system)) this.stop(system, queue);
    for (const { system, concurrency, waiting } of wanted.values()) {
      const queue = this.queue(system);
      queue.waiting = waiting;
      queue.lane.concurrency = concurrency;
    }
  }

  private queue(system: string): Queue {
    const known = this.queues.get(system);
    if (known !== undefined) return known;
    const queue = { lane: new Lane<Asked>(0, (question) => this.run(question)), waiting: null };
    this.queues.set(system, queue);
    return queue;
  }

  private stop(system: string, queue: Queue): void {
    queue.waiting = null;
    queue.lane.concurrency = 0;
    for (const { item } of queue.lane.withdraw()) this.asks.refuse(item.message.id, unservedFault(system));
  }

  private async run(question: Asked): Promise<void> {
    const { item, signal } = question;
    if (isPast(item)) return;
    const outcome = await callHandler(this.handler!, question, signal);
    this.asks.settle(item.message.id, outcome);
  }
}
