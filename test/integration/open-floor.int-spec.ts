import { v7 as uuid } from 'uuid';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord, refOf } from '../support/ledger-records.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const DAY_MS = 86_400_000;
const ORDER = { limit: 500, window: 32, reserveMs: 1, systems: new Map() };
const LEASE = { owner: 'dispatcher', ms: 60_000 };

describe('what looks for open deliveries', () => {
  let postgres: PrivatePostgres;
  let store: Store;
  const open = () => openStore({ databaseUrl: postgres.url, dataDir: '', owner: 'floor', poolSize: 2 });
  const accepted = async (daysAgo: number) => {
    const record = acceptanceRecord({ message: { id: uuid({ msecs: Date.now() - daysAgo * DAY_MS }) } });
    await store.messages.accept(record);
    return record;
  };
  const takenBy = async (node: Store) =>
    (await node.outbox.takeUnpublished(ORDER)).items.map(({ messageId }) => messageId);

  beforeAll(async () => {
    postgres = await startPostgres();
    store = await open();
    await store.sweeper.preparePartitions(20, new Date(Date.now() - 30 * DAY_MS));
  }, 120_000);

  afterAll(async () => {
    await store.close();
    await postgres.stop();
  }, 60_000);

  it('10: begins at the oldest day of which one is open, and where one lies in no day’s table', async () => {
    const old = await accepted(20);
    const node = await open();
    const first = await takenBy(node);
    await node.close();
    const astray = await accepted(60);
    const later = await open();
    const both = await takenBy(later);
    await later.close();
    expect(first).toEqual([old.message.id]);
    expect(both.toSorted()).toEqual([astray.message.id, old.message.id].toSorted());
    for (const record of [old, astray]) {
      const claim = (await store.ledger.claim(refOf(record), LEASE))!;
      await store.ledger.settle(claim, { state: 'FAILED' });
    }
  }, 60_000);

  it('5: finds at once what an operator sends anew, however old', async () => {
    const node = await open();
    const old = await accepted(25);
    const claim = (await node.ledger.claim(refOf(old), LEASE))!;
    await node.ledger.settle(claim, { state: 'FAILED' });
    const before = await takenBy(node);
    const expiresAt = new Date(Date.now() + DAY_MS);
    await node.control.retry(refOf(old), { operator: 'op', again: false, reason: 'mended', expiresAt });
    const after = await takenBy(node);
    await node.close();
    expect([before, after]).toEqual([[], [old.message.id]]);
  }, 60_000);

  it('2: goes on in its order where the next message is of another day', async () => {
    const ids = [3, 2, 0].map((daysAgo) => uuid({ msecs: Date.now() - daysAgo * DAY_MS }));
    for (const id of ids) {
      const record = acceptanceRecord({
        message: { id, sender: { participant: 'c_i804', system: 'a' } },
        receivers: ['b'],
      });
      const order = { conversation: 'c', sequence: null };
      await store.messages.accept({ ...record, deliveries: record.deliveries.map((one) => ({ ...one, order })) });
    }
    const went: string[] = [];
    for (const id of ids) {
      expect([id, (await store.outbox.advance({ limit: 500, gapWaitMs: 1_000 })).went]).toEqual([id, 1]);
      const { items } = await store.outbox.takeUnpublished(ORDER);
      const item = items.find(({ delivery }) => delivery.receiver.system === 'b');
      went.push(item!.messageId);
      const claim = await store.ledger.claim(item!, LEASE);
      await store.ledger.settle(claim!, { state: 'DELIVERED' });
    }
    expect(went).toEqual(ids);
  }, 60_000);
});
