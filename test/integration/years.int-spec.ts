import pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Message } from '../../src/message/message.js';
import { Fault } from '../../src/message/fault.js';
import type { Receipt } from '../../src/message/receipt.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf, rejectionRecord } from '../support/ledger-records.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const DAY_MS = 86_400_000;
const DAYS = 120;
/** A server holds 64 locks a connection unless it is told otherwise: this one has as few for these days as that one for two years. */
const FEW_LOCKS = ['max_locks_per_transaction = 10', 'max_connections = 40'];
const LEASE = { owner: 'dispatcher', ms: 60_000 };
const ORDER = { limit: 500, window: 500, reserveMs: 60_000, systems: new Map() };
const FAULT = new Fault('receiver-timeout', { detail: 'No answer.' }).toRecord();
const WHOLE_QUEUE = { system: 'nobody', operator: 'op', reason: 'years', limit: 500 };
const UNFINISHED = new Fault('query-unfinished', { detail: 'Nobody knows.' }).toRecord();

/** Here a statement that opens the tables of every day takes more locks than there are: what the path of a message needs must not. */
describe('a ledger of many days', () => {
  let postgres: PrivatePostgres;
  let store: Store;

  const accepted = async (order: Parameters<typeof acceptanceRecord>[0] = {}) => {
    const record = acceptanceRecord(order);
    await store.messages.accept(record);
    return record;
  };
  const claimed = async (order: Parameters<typeof acceptanceRecord>[0] = {}, ms = LEASE.ms) => {
    const record = await accepted(order);
    return { record, claim: (await store.ledger.claim(refOf(record), { ...LEASE, ms }))! };
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    for (const setting of FEW_LOCKS) await client.query(`ALTER SYSTEM SET ${setting}`);
    await client.end();
    await postgres.kill9();
    await postgres.restart();
    store = await openStore({ databaseUrl: postgres.url, dataDir: '', owner: 'years', poolSize: 4 });
    await store.sweeper.preparePartitions(DAYS - 1, new Date(Date.now() - DAYS * DAY_MS));
  }, 180_000);

  afterAll(async () => {
    await store.close();
    await postgres.stop();
  }, 60_000);

  it('10: takes, changes and ends messages', async () => {
    const { record, claim } = await claimed();
    await store.messages.reject(rejectionRecord());
    expect(await store.messages.accept({ ...record, message: { ...record.message, id: uuid() } })).toMatchObject({
      kind: 'duplicate',
    });
    expect(await store.ledger.settle(claim, { state: 'DELIVERED' })).toBe(true);
    expect(await store.ledger.content(record.message.id)).not.toBeNull();
    expect(await store.control.retry(refOf(record), order(true))).toMatchObject({ moved: true });
  });

  it('10: brings back what is due or was left, and lists what is over', async () => {
    const { claim } = await claimed();
    await store.ledger.settle(claim, { state: 'WAITING_RETRY', nextAttemptAt: new Date(0), fault: FAULT });
    const left = await claimed({}, 1);
    const over = await accepted({ expiresAt: new Date(Date.now() - 1_000) });
    expect(await store.sweeper.requeueDue(500)).toBe(1);
    expect(await store.sweeper.recoverLeases(500)).toBe(1);
    expect((await store.sweeper.expired(500)).map(({ deliveryId }) => deliveryId)).toEqual([
      over.deliveries[0]!.deliveryId,
    ]);
    expect(left.claim.epoch).toBe(1);
    expect(await store.sweeper.endUnfinished(UNFINISHED, 10)).toBe(0);
    expect(await store.outbox.unpublish(null)).toBe(0);
  });

  it('10: relays what waits, in order where it is asked for', async () => {
    const base = acceptanceRecord({ receivers: [fresh('tributi')] });
    const deliveries = base.deliveries.map((one) => ({ ...one, order: { conversation: 'c', sequence: null } }));
    await store.messages.accept({ ...base, deliveries });
    expect(await store.outbox.advance({ limit: 500, gapWaitMs: 1_000 })).toMatchObject({ went: 1 });
    const { items } = await store.outbox.takeUnpublished(ORDER);
    expect(items.map(({ deliveryId }) => deliveryId)).toContain(base.deliveries[0]!.deliveryId);
    expect(await store.outbox.markPublished(refOf(base))).toBe('marked');
  });

  it('10: serves a box', async () => {
    const system = fresh('box');
    const { claim } = await claimed({ receivers: [system] });
    await store.ledger.settle(claim, { state: 'AVAILABLE' });
    const [entry] = await store.box.fetch(system, 10, 60_000);
    expect(await store.box.entry(system, entry!.deliveryId)).not.toBeNull();
    expect(await store.box.acknowledge(system, entry!.deliveryId, entry!.lease, { state: 'DELIVERED' })).toBe('done');
    expect(await store.box.fetch(system, 10, 60_000)).toEqual([]);
  });

  it('3: knows a receipt that was taken, days after its message came, when it is acknowledged again', async () => {
    const { record, claim } = await claimed({ message: { id: uuid({ msecs: Date.now() - 5 * DAY_MS }) } });
    const { id, messageId, correlationId } = record.message;
    const told = { kind: 'delivered', id, messageId, correlationId, receiver: 'c_g878', at: new Date().toISOString() };
    const to = { participant: 'c_i804', system: fresh('box') };
    const receipt = { receipt: { ...told, fault: null } as Receipt, to, expiresAt: new Date(Date.now() + DAY_MS) };
    await store.ledger.settle(claim, { state: 'DELIVERED', receipt });
    const queued = (await store.trace.status(id))!.deliveries.find(({ kind }) => kind === 'receipt')!;
    await store.ledger.settle((await store.ledger.claim(queued, LEASE))!, { state: 'AVAILABLE' });
    // Its floor is looked up after the message has come.
    const node = await openStore({ databaseUrl: postgres.url, dataDir: '', owner: 'box', poolSize: 2 });
    const [entry] = await node.box.fetch(to.system, 10, 60_000);
    const acknowledge = () => node.box.acknowledge(to.system, entry!.deliveryId, entry!.lease, { state: 'DELIVERED' });
    const answers = [await acknowledge(), await acknowledge()];
    const unknown = await node.box.acknowledge(to.system, uuid(), entry!.lease, { state: 'DELIVERED' });
    await node.close();
    expect([...answers, unknown]).toEqual(['done', 'repeated', 'unknown']);
  });

  it('10: is counted, sampled and watched, and tells how full it is', async () => {
    const { record, claim } = await claimed();
    await store.ledger.settle(claim, { state: 'FAILED', fault: FAULT });
    const [{ receiver }] = record.deliveries as [(typeof record.deliveries)[0]];
    expect((await store.levels.read()).dead).toBeGreaterThan(0);
    await store.counting.sampleQueues();
    await store.counting.sampleQueues();
    const { seq } = await store.counting.horizon();
    while (await store.counting.rollUp(seq));
    expect(await store.counting.rollUp(seq)).toBe(false);
    const { systems } = await store.alerts.facts(15);
    expect(systems.find(({ system }) => system === receiver.system)).toMatchObject({ failed: 1, ended: 1 });
  });

  it('10: is tidied, and what a registry or an operator has changed is looked at again', async () => {
    const old = uuid({ msecs: Date.now() - 5 * DAY_MS });
    const { record, claim } = await claimed({ message: { id: old, acceptedAt: new Date(Date.now() - 5 * DAY_MS) } });
    await store.ledger.settle(claim, { state: 'DELIVERED' });
    let purged = 0;
    for (let after: string | null = null; ;) {
      const done = await store.retention.purgeContents({ days: 2, rules: [], after, limit: 2_000 });
      purged += done.purged;
      if ((after = done.last) === null) break;
    }
    expect([purged, await store.ledger.content(record.message.id)]).toEqual([1, null]);
    const { dropped } = await store.retention.dropDays(new Date(Date.now() - (DAYS - 2) * DAY_MS));
    expect(dropped.length).toBeGreaterThan(0);
    await store.retention.dropEnded(new Date(Date.now() - (DAYS - 2) * DAY_MS));
    await store.sweeper.lookAgain([]);
    expect(await store.queues.release(WHOLE_QUEUE)).toBe(0);
    expect(await store.queues.prioritise({ ...WHOLE_QUEUE, priority: 9 })).toBe(0);
  });

  it('10: runs a job item by item', async () => {
    const { record, claim } = await claimed();
    await store.ledger.settle(claim, { state: 'FAILED', fault: FAULT });
    const [id, found] = [uuid(), { messageId: record.message.id, deliveryId: record.deliveries[0]!.deliveryId }];
    const filter = { states: ['FAILED' as const], acceptedAfter: new Date(Date.now() - DAY_MS).toISOString() };
    const more = { action: 'retry' as const, reason: 'years', operator: 'op', rate: 1, again: false, system: null };
    await store.jobs.open({ id, filter, scope: null, ...more });
    await store.jobs.collect({ id, filter, scope: null }, { after: null, first: 1, limit: 100 });
    // PostgreSQL makes a plan for any values at the sixth run of what is prepared.
    for (let run = 0; run < 7; run++)
      expect(await store.search.count(filter, null, 10)).toMatchObject({ FAILED: expect.any(Number) });
    const due = await store.jobQueue.next(id, 100);
    expect(due.map(({ subject }) => subject?.deliveryId)).toContain(found.deliveryId);
    expect(await store.jobQueue.changedBy(id, [found])).toEqual(new Set());
  });

  it('10: is read', async () => {
    const { record } = await claimed();
    expect(await store.trace.status(record.message.id)).not.toBeNull();
    expect(await store.trace.timeline(record.message.id)).toHaveLength(2);
    expect(await store.contents.view(record.message.id, 'op', '127.0.0.1')).not.toBeNull();
    await store.notes.add(record.message.id, 'years', 'op', '127.0.0.1');
    expect(await store.exchanges.askedOf('nobody', record.message.id)).toBeNull();
    const { message } = await accepted({ message: { profile: 'async-polled' } });
    const of = { sender: message.sender.participant, receiver: 'c_g878', ...operationOf(message) };
    expect((await store.exchanges.polledBy(message.messageId, of)).map(({ id }) => id)).toEqual([message.id]);
    expect((await store.exchanges.answersTo([record.message.id])).size).toBe(0);
    expect(await store.trace.eventsAfter((await store.trace.lastSeq()) - 1, 10)).toHaveLength(1);
  });
});

const operationOf = ({ service, version, operation }: Message) => ({ service, version, operation });
const order = (again: boolean) => ({
  ...{ operator: 'op', reason: 'years', again },
  expiresAt: new Date(Date.now() + DAY_MS),
});
