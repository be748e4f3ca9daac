import type { QueueItem } from '../../src/acceptance/ports.js';
import type { Channel, ChannelResult } from '../../src/delivery/channel.js';
import { createDeliveryCircuits, type CircuitNews } from '../../src/delivery/circuits.js';
import { createDispatcher } from '../../src/delivery/dispatcher.js';
import type { ItemHandler } from '../../src/delivery/ports.js';
import type { DeliveryState } from '../../src/message/delivery.js';
import { Fault } from '../../src/message/fault.js';
import type { Agreement, Participant, System } from '../../src/registry/model.js';
import { pausedSystems } from '../../src/registry/paused.js';
import type { Registry } from '../../src/registry/registry.js';
import { snapshot } from '../../src/registry/snapshot.js';
import { createSettle } from '../../src/receipt/settle.js';
import type { Store } from '../../src/store/open-store.js';
import type { Sql } from '../../src/store/sql.js';
import { untraced } from '../../src/trace/tracing.js';
import { acceptanceRecord, fresh } from '../support/ledger-records.js';
import { ORDERED, picked, TRIES, wayOf, type Answer, type Happening, type Of, type Rule } from './dispatch-model.js';

const ORDER = { operator: 'anna', reason: 'why' };
const HOUR_MS = 3_600_000;
const LATER = () => new Date(Date.now() + HOUR_MS);

/** What time does cannot be had from a port; both ledgers take plain SQL. */
const sqlOf = (store: Store) => Reflect.get(store.circuits, 'sql') as Sql;

export interface Row {
  readonly state: DeliveryState;
  readonly epoch: number;
  readonly attempts: number;
  readonly held: boolean;
  /** Its code. */
  readonly fault: string | null;
  readonly next: Date | null;
  /** Null: closed. */
  readonly circuit: { readonly breaks: number; readonly isOver: boolean } | null;
}

const ROWS = `
SELECT d.state, d.epoch, d.attempts, d.held AND d.ended_at IS NULL AS held, d.last_fault->>'code' AS fault, d.next_attempt_at AS next,
  CASE WHEN c.until IS NOT NULL THEN json_build_object('breaks', c.breaks, 'isOver', c.until <= now()) END AS circuit
FROM delivery d LEFT JOIN circuit c ON c.system = d.receiver_system
WHERE d.message_id = ANY ($2::uuid[]) AND d.receiver_system = $1 ORDER BY d.id`;

interface Call {
  readonly node: 0 | 1;
  readonly answer: (answer: Answer) => void;
  /** Resolves when its dispatcher is done. */
  readonly done: Promise<void>;
}

interface Node {
  readonly dispatch: ItemHandler;
  readonly circuits: ReturnType<typeof createDeliveryCircuits>;
  registry: Registry;
  /** Until when it spares the system. */
  until: Date | null;
}

/** Deliveries for one system in a ledger, two dispatchers with their circuits, and a queue and a receiver in the hand of the test. */
export class Stage {
  readonly system = fresh('protocollo');
  private readonly sender = fresh('anagrafe');
  readonly records = Array.from({ length: ORDERED + 2 }, (_, n) => this.record(n < ORDERED));
  readonly pauses: (number | null)[] = [];
  readonly news: CircuitNews['state'][] = [];
  private readonly ways = new Map<Rule, System>();
  private registry = this.registryOf('open');
  private readonly nodes: [Node, Node];
  private readonly copies: QueueItem[] = [];
  private calls: Call[] = [];
  private readonly receiver = new WeakMap<QueueItem, () => Promise<Answer>>();

  constructor(private readonly stores: readonly [Store, Store]) {
    this.nodes = [this.start(stores[0], this.registry), this.start(stores[1], this.registry)];
  }

  async accept(): Promise<void> {
    for (const record of this.records) await this.stores[0].messages.accept(record);
  }

  /** Which deliveries a relay was given. */
  async happens(event: Happening): Promise<readonly number[]> {
    return (await (this.does[event.what] as (event: Happening) => Promise<unknown>)(event)) as readonly number[];
  }

  /** The deliveries as operators see them. */
  async told() {
    const all = this.records.map(({ message: { id } }) => this.stores[1].trace.status(id));
    return (await Promise.all(all)).map((status) => status!.deliveries[0]!);
  }

  /** The same in one look, with the circuit. */
  async rows(): Promise<readonly Row[]> {
    const ids = this.records.map(({ message: { id } }) => id);
    return sqlOf(this.stores[0]).query<Row>(ROWS, [this.system, ids]);
  }

  private readonly does: { readonly [W in Happening['what']]: (event: Of<W>) => Promise<unknown> } = {
    take: ({ node, isMarked }) => this.take(this.stores[node], isMarked),
    offer: async ({ node, pick, keeps, answer }) => {
      const item = picked(this.copies, pick, keeps);
      if (item) await this.offer(node, item, answer);
    },
    answer: async ({ pick, answer }) => {
      const call = picked(this.calls, pick, false);
      call?.answer(answer);
      await call?.done;
    },
    restart: ({ node }) => {
      this.nodes[node] = this.start(this.stores[node], this.registry);
      this.calls = this.calls.filter((call) => call.node !== node);
      return Promise.resolve();
    },
    follow: async ({ node: at }) => {
      const node = this.nodes[at];
      if (node.registry === this.registry) return;
      node.registry = this.registry;
      await node.circuits.follow(node.registry);
      await this.stores[at].sweeper.lookAgain(pausedSystems(node.registry));
    },
    change: ({ to }) => Promise.resolve(void (this.registry = this.registryOf(to))),
    over: async ({ isAll }) => {
      if (isAll) for (const { until } of this.nodes) until?.setTime(0);
      await this.past('circuit', 'until', 'system = $1');
    },
    lapse: async () => {
      await this.past('delivery', 'lease_until', `receiver_system = $1 AND state = 'DELIVERING'`);
      await this.stores[0].sweeper.recoverLeases(1_000);
    },
    unpublish: () => this.stores[1].outbox.unpublish(this.system),
    release: () => this.stores[0].queues.release({ ...ORDER, system: this.system, limit: 100 }),
    sweep: async ({ isLater }) => {
      if (isLater)
        await this.past('delivery', 'next_attempt_at', `receiver_system = $1 AND next_attempt_at IS NOT NULL`);
      await this.sweep(this.stores[1]);
    },
    // A copy that was published before still names the time it had.
    age: ({ at }) => this.past('delivery', 'expires_at', 'receiver_system = $1 AND id = $2', this.id(at)),
    cancel: ({ at }) => this.stores[0].control.cancel(this.ref(at), ORDER, { state: 'CANCELLED' }),
    retry: ({ at }) => this.stores[1].control.retry(this.ref(at), { ...ORDER, again: false, expiresAt: LATER() }),
    acknowledge: ({ at }) => this.stores[1].ledger.acknowledge(this.system, this.id(at), { state: 'DELIVERED' }),
  };

  /** As if the conversation had not been looked at for a minute: who waits in it must not go before its turn, however often. */
  private async take({ outbox }: Store, isMarked: boolean): Promise<readonly number[]> {
    await this.past('conversation', 'due_at', 'receiver_system = $1 AND due_at IS NOT NULL');
    await outbox.advance({ limit: 10_000, gapWaitMs: 60_000 });
    const systems = new Map([[this.system, { size: 100, unmarked: 0, atMost: null }]]);
    const { items } = await outbox.takeUnpublished({ limit: 100, window: 0, reserveMs: 0, systems });
    this.copies.push(...items);
    if (isMarked) await Promise.all(items.map((item) => outbox.markPublished(item)));
    return items.map(({ messageId }) => this.records.findIndex(({ message }) => message.id === messageId));
  }

  private async offer(node: 0 | 1, copy: QueueItem, answer: Answer | 'hangs'): Promise<void> {
    const item = { ...copy };
    const given = answer === 'hangs' ? later<Answer>() : later(answer);
    const called = later<true>();
    this.receiver.set(item, () => (called.resolve(true), given.promise));
    const done = this.nodes[node].dispatch(item, () => undefined);
    if (answer !== 'hangs') await done;
    else if (await Promise.race([called.promise, done])) this.calls.push({ node, answer: given.resolve, done });
  }

  private async sweep({ sweeper }: Store): Promise<void> {
    await sweeper.requeueDue(1_000);
    await sweeper.recoverLeases(1_000);
    const fault = new Fault('delivery-expired', { detail: 'Not delivered in time.' }).toRecord();
    for (const delivery of await sweeper.expired(1_000))
      if (delivery.receiver.system === this.system) await sweeper.expire(delivery, { state: 'EXPIRED', fault });
  }

  private start(store: Store, seen: Registry): Node {
    const own: { registry: Registry; until: Date | null } = { registry: seen, until: null };
    const registry = () => own.registry;
    const circuits = createDeliveryCircuits(
      {
        open: async (system, isProbe) =>
          (own.until = await this.stretched(store, await store.circuits.open(system, isProbe))),
        close: (system) => store.circuits.close(system),
        until: (system) => store.circuits.until(system),
      },
      seen,
      ({ state }) => this.news.push(state),
    );
    const channel: Channel = {
      deliver: async ({ item, attempt }) => resultOf(await this.receiver.get(item)!(), attempt),
    };
    const dispatch = createDispatcher({
      circuits,
      registry,
      ledger: store.ledger,
      channels: { 'push-rest': channel, 'push-soap': channel, box: channel, 'amqp-queue': channel, endpoint: channel },
      settle: createSettle(registry),
      owner: 'dispatcher',
      tracing: untraced,
      lookAgain: (newest) => store.sweeper.lookAgain(pausedSystems(newest)),
      leaseLost: () => undefined,
    });
    return Object.assign(own, { circuits, dispatch });
  }

  /** A pause ends by an event, however slow the machine is. */
  private async stretched(store: Store, until: Date): Promise<Date> {
    const left = until.getTime() - Date.now();
    this.pauses.push(left > 0 && left <= 61_000 ? Math.round(left / 1_000) : null);
    if (left <= 0) return until;
    await sqlOf(store).query(`UPDATE circuit SET until = now() + interval '1 hour' WHERE system = $1`, [this.system]);
    return LATER();
  }

  private past(table: string, column: string, where: string, ...more: readonly string[]) {
    const text = `UPDATE ${table} SET ${column} = now() - interval '10 seconds' WHERE ${where}`;
    return sqlOf(this.stores[0]).query(text, [this.system, ...more]);
  }

  private record(isOrdered: boolean) {
    const message = { sender: { participant: 'c_i804', system: this.sender } };
    const record = acceptanceRecord({ receivers: [this.system], message });
    const order = isOrdered ? { conversation: 'a', sequence: null } : null;
    return { ...record, deliveries: record.deliveries.map((one) => ({ ...one, ...(order && { order }) })) };
  }

  private registryOf(rule: Rule): Registry {
    const participants = [{ id: 'c_i804', suspended: rule === 'sender-suspended' }] as Participant[];
    const agreements = [{ ...AGREEMENT, status: rule === 'agreement' ? 'suspended' : 'active' }] as Agreement[];
    const key = wayOf(rule);
    if (!this.ways.has(key)) this.ways.set(key, systemOf(this.system, key));
    const systems = rule === 'gone' ? [] : [this.ways.get(key)!];
    return snapshot({ revision: rule, participants, systems, services: [], agreements, operators: [], issuers: [] });
  }

  private readonly id = (at: number) => this.records[at]!.deliveries[0]!.deliveryId;
  private readonly ref = (at: number) => ({ deliveryId: this.id(at), messageId: this.records[at]!.message.id });
}

function later<T>(value?: T) {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((given) => (resolve = given));
  if (value !== undefined) resolve(value);
  return { promise, resolve };
}

const AGREEMENT: Partial<Agreement> = {
  id: 'sulmona-pratola',
  consumer: 'c_i804',
  provider: 'c_g878',
  service: 'variazione-anagrafica',
  version: 1,
};

function systemOf(id: string, rule: Rule): System {
  const retry = { attempts: TRIES, firstDelayMs: 600_000, maxDelayMs: 600_000 };
  const url = `http://${rule}.example/in`;
  const isSuspended = rule === 'receiver-suspended';
  return {
    id,
    participant: 'c_g878',
    credentials: [],
    provides: [],
    callbacks: [],
    receiptsTo: null,
    receives:
      rule === 'missing' ? null : { channel: 'push-rest', retry, url, timeoutMs: 60_000, headers: {}, outcomes: [] },
    paused: rule === 'paused' || isSuspended,
    suspended: isSuspended,
  } as unknown as System;
}

const FAULTS = {
  refused: 'receiver-refused',
  error: 'receiver-error',
  away: 'receiver-unreachable',
  certificate: 'certificate-expired',
  forbidden: 'destination-forbidden',
} as const;

function resultOf(answer: Answer, number: number): ChannelResult {
  const attempt = { number, startedAt: new Date(), duration: 1, target: 'http://example', response: null, fault: null };
  if (answer === 'delivered' || answer === 'available')
    return { outcome: answer, attempt: { ...attempt, status: 200 } };
  const fault = new Fault(FAULTS[answer], { detail: answer }).toRecord();
  const status = answer === 'error' ? 500 : null;
  return { outcome: answer === 'refused' ? 'refused' : 'retry', attempt: { ...attempt, status }, fault };
}
