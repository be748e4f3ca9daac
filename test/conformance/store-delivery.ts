import { jest } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import type { Claim, Settlement } from '../../src/delivery/ports.js';
import { Fault } from '../../src/message/fault.js';
import type { Receipt } from '../../src/message/receipt.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf, until } from '../support/ledger-records.js';

const LEASE = { owner: 'dispatcher-1', ms: 60_000 };
const FAULT = new Fault('receiver-timeout', { detail: 'No answer in 10 s.' }).toRecord();

/** The promises of DeliveryLedger and Sweeper. */
export function deliveryCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const accepted = async (order: Parameters<typeof acceptanceRecord>[0] = {}) => {
    const record = acceptanceRecord(order);
    await store().messages.accept(record);
    return record;
  };
  const claimed = async () => {
    const record = await accepted();
    return { record, claim: (await store().ledger.claim(refOf(record), LEASE))! };
  };
  const stateOf = async (id: string) => {
    const status = await store().trace.status(id);
    return { message: status?.state, deliveries: status?.deliveries.map(({ state }) => state) };
  };
  const eventsOf = async (id: string) => (await store().trace.timeline(id)).map(({ event }) => event);

  describe('deliveries', () => {
    it('9: gives a delivery to one of many claimants', async () => {
      const record = await accepted();
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, n) => nodes()[n % 2 ? 1 : 0].ledger.claim(refOf(record), LEASE)),
      );
      const claim = { ...refOf(record), epoch: 1, attempts: 1, tries: 1, isExpired: false };
      expect(claims.filter((one) => one !== null)).toEqual([claim]);
      expect(await store().ledger.claim(refOf(record), LEASE)).toBeNull();
    });

    it('9: settles once, keeps the attempt and completes the message', async () => {
      const { record, claim } = await claimed();
      const attempt = {
        number: 1,
        startedAt: new Date(),
        duration: 12.5,
        target: 'https://tributi.example/soap',
        status: 200,
        response: 'nul\0 is kept as a replacement',
        fault: null,
      };
      const settlement: Settlement = { state: 'DELIVERED', attempt };
      const outcomes = await Promise.all([claim, claim].map((each) => store().ledger.settle(each, settlement)));
      expect(outcomes.toSorted()).toEqual([false, true]);
      expect(await store().ledger.settle({ ...claim, epoch: 7 }, settlement)).toBe(false);
      expect(await stateOf(record.message.id)).toEqual({ message: 'COMPLETED', deliveries: ['DELIVERED'] });
      expect(await store().trace.attempts(record.message.id)).toEqual([
        { ...attempt, deliveryId: claim.deliveryId, response: 'nul\ufffd is kept as a replacement' },
      ]);
      const names = ['message.accepted', 'delivery.claimed', 'delivery.delivered', 'message.completed'];
      expect(await eventsOf(record.message.id)).toEqual(names);
      expect((await store().trace.timeline(record.message.id))[2]).toMatchObject({
        by: LEASE.owner,
        from: 'DELIVERING',
        to: 'DELIVERED',
        detail: { receiver: 'c_g878', attempt: { number: 1, response: null } },
      });
    });

    it('10: changes deliveries of many days at once, also of a day that has no table, or gets one meanwhile', async () => {
      const day = 86_400_000;
      const [never, later] = [Date.now() + 40 * day, Date.now() + 42 * day];
      const times = [never, later, Date.now() - day, Date.now(), Date.now() + day, Date.UTC(10_500, 0)];
      const records = await Promise.all(times.map((msecs) => accepted({ message: { id: uuid({ msecs }) } })));
      const marked = await Promise.all(records.map((record) => store().outbox.markPublished(refOf(record))));
      const claims = await Promise.all(records.map((record) => store().ledger.claim(refOf(record), LEASE)));
      await store().sweeper.preparePartitions(0, new Date(later));
      const ends = await Promise.all(claims.map((claim) => store().ledger.settle(claim!, { state: 'DELIVERED' })));
      const states = await Promise.all(records.map(({ message }) => stateOf(message.id)));
      expect([marked, ends]).toEqual([times.map(() => 'marked'), times.map(() => true)]);
      expect(states).toEqual(times.map(() => ({ message: 'COMPLETED', deliveries: ['DELIVERED'] })));
    });

    it('9: writes the receipt with the settlement, as a delivery that does not count', async () => {
      const { record, claim } = await claimed();
      const { id, messageId, correlationId, sender } = record.message;
      const receipt: Receipt = {
        kind: 'delivered',
        id,
        messageId,
        correlationId,
        receiver: 'c_g878',
        at: new Date().toISOString(),
        fault: null,
      };
      const expiresAt = new Date(Date.now() + 60_000);
      await store().ledger.settle(claim, { state: 'DELIVERED', receipt: { receipt, to: sender, expiresAt } });
      const queued = (await store().trace.status(id))!.deliveries.find(({ kind }) => kind === 'receipt')!;
      expect(queued).toMatchObject({ receiver: sender, state: 'QUEUED', receipt, agreement: null });
      const turn = (await store().ledger.claim(queued, LEASE))!;
      await store().ledger.settle(turn, { state: 'FAILED', fault: FAULT });
      expect((await store().trace.status(id))?.state).toBe('COMPLETED');
      expect((await eventsOf(id)).slice(-2)).toEqual(['delivery.claimed', 'receipt.failed']);
    });

    it('9: rolls up deliveries that end at the same moment in different commits', async () => {
      const records = Array.from({ length: 30 }, () => acceptanceRecord({ receivers: [fresh('a'), fresh('b')] }));
      await Promise.all(records.map((record) => store().messages.accept(record)));
      const claims = await Promise.all(
        [0, 1].map((index) => Promise.all(records.map((record) => store().ledger.claim(refOf(record, index), LEASE)))),
      );
      const [firsts, seconds] = claims as [Claim[], Claim[]];
      const settled = await Promise.all([
        ...firsts.map((claim) => nodes()[0].ledger.settle(claim, { state: 'DELIVERED' })),
        ...seconds
          .toReversed()
          .map((claim, n) =>
            nodes()[1].ledger.settle(claim, n % 2 ? { state: 'FAILED', fault: FAULT } : { state: 'DELIVERED' }),
          ),
      ]);
      expect(settled).toEqual(Array(60).fill(true));
      const states = await Promise.all(records.map(async ({ message }) => (await stateOf(message.id)).message));
      expect(states.filter((state) => state === 'COMPLETED')).toHaveLength(15);
      expect(states.filter((state) => state === 'PARTIALLY_FAILED')).toHaveLength(15);
      const ends = await Promise.all(
        records.map(async ({ message }) =>
          (await eventsOf(message.id)).filter((event) => event.startsWith('message.')),
        ),
      );
      expect(ends.every((events) => events.length === 2)).toBe(true);
    });

    it('9: brings a delivery back when its retry is due, under a new epoch', async () => {
      const { record, claim } = await claimed();
      const later = new Date(Date.now() + 60_000);
      await store().ledger.settle(claim, { state: 'WAITING_RETRY', nextAttemptAt: later, fault: FAULT });
      await store().sweeper.requeueDue(1_000);
      expect((await stateOf(record.message.id)).deliveries).toEqual(['WAITING_RETRY']);

      const other = await claimed();
      await store().ledger.settle(other.claim, { state: 'WAITING_RETRY', nextAttemptAt: new Date(), fault: FAULT });
      expect(await store().sweeper.requeueDue(1_000)).toBeGreaterThanOrEqual(1);
      const [delivery] = (await store().trace.status(other.record.message.id))!.deliveries;
      expect(delivery).toMatchObject({ state: 'QUEUED', epoch: 2, attempts: 1, lastFault: FAULT });
      expect(await store().ledger.claim(other.claim, LEASE)).toBeNull();
      expect(await store().ledger.claim(delivery!, LEASE)).toMatchObject({ epoch: 3, attempts: 2 });
    });

    it.each([300_000, -300_000])('9: brings it back in time by a dispatcher whose clock is %i ms off', async (off) => {
      const { record, claim } = await claimed();
      const now = Date.now;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + off);
      const nextAttemptAt = new Date(Date.now() + 60_000);
      await store().ledger.settle(claim, { state: 'WAITING_RETRY', nextAttemptAt, fault: FAULT });
      clock.mockRestore();
      const [delivery] = (await store().trace.status(record.message.id))!.deliveries;
      const told = (await store().trace.timeline(record.message.id)).at(-1)!.detail.nextAttemptAt!;
      expect(delivery!.nextAttemptAt!.toISOString()).toBe(told);
      expect(Math.abs(Date.parse(told) - Date.now() - 60_000)).toBeLessThan(30_000);
    });

    it('9: holds a delivery back without burning an attempt', async () => {
      const record = await accepted();
      expect(await store().ledger.suspend(refOf(record), FAULT, new Date())).toBe(true);
      expect(await store().ledger.suspend(refOf(record), FAULT, new Date())).toBe(false);
      await store().sweeper.requeueDue(1_000);
      const claim = (await store().ledger.claim({ ...refOf(record), epoch: 1 }, LEASE))!;
      expect(claim.attempts).toBe(1);
      await store().ledger.settle(claim, { state: 'SUSPENDED', nextAttemptAt: new Date(), fault: FAULT });
      expect((await store().trace.status(record.message.id))?.deliveries[0]?.attempts).toBe(0);
    });

    it('1: looks again at what rests, but for the systems that are paused', async () => {
      const [going, paused] = [await accepted(), await accepted()];
      const later = new Date(Date.now() + 3_600_000);
      for (const record of [going, paused]) await store().ledger.suspend(refOf(record), FAULT, later);
      await store().sweeper.lookAgain([paused.deliveries[0]!.receiver.system]);
      await store().sweeper.requeueDue(1_000);
      expect((await stateOf(going.message.id)).deliveries).toEqual(['QUEUED']);
      expect((await stateOf(paused.message.id)).deliveries).toEqual(['SUSPENDED']);
    });

    it('9: takes a delivery back from a dispatcher that died', async () => {
      const record = await accepted();
      const claim = (await store().ledger.claim(refOf(record), { owner: 'dead', ms: 1 }))!;
      await until(async () => (await store().sweeper.recoverLeases(1_000)) > 0);
      expect(await store().ledger.settle(claim, { state: 'DELIVERED' })).toBe(false);
      const [delivery] = (await store().trace.status(record.message.id))!.deliveries;
      expect(delivery).toMatchObject({ state: 'QUEUED', epoch: 2 });
      const held = await claimed();
      await store().sweeper.recoverLeases(1_000);
      expect(await store().ledger.settle(held.claim, { state: 'DELIVERED' })).toBe(true);
    });

    it('9: takes back what was lost twice at different times, and all of it', async () => {
      const records = await Promise.all(Array.from({ length: 12 }, () => accepted()));
      const lose = (epoch: number, ms: number) =>
        Promise.all(records.map((one) => store().ledger.claim({ ...refOf(one), epoch }, { owner: 'dead', ms })));
      const isBack = async ({ message }: (typeof records)[number]) =>
        (await stateOf(message.id)).deliveries?.[0] === 'QUEUED';
      const back = async () => {
        await store().sweeper.recoverLeases(1_000);
        return (await Promise.all(records.map(isBack))).filter(Boolean).length;
      };
      expect(await lose(0, -10_000)).not.toContain(null);
      expect(await back()).toBe(12);
      expect(await lose(2, 0)).not.toContain(null);
      expect(await back()).toBeLessThan(12);
      await until(async () => (await back()) === 12);
    });

    it('9: lists what is past its time; expiring it is a compare-and-set', async () => {
      const record = await accepted({ expiresAt: new Date(Date.now() - 1) });
      const own = (await store().sweeper.expired(1_000)).find(({ messageId }) => messageId === record.message.id)!;
      expect(own).toMatchObject({ ...refOf(record), state: 'QUEUED', message: record.message });
      expect(await store().sweeper.expire({ ...own, epoch: 9 }, { state: 'EXPIRED', fault: FAULT })).toBe(false);
      expect(await store().sweeper.expire(own, { state: 'EXPIRED', fault: FAULT })).toBe(true);
      expect(await stateOf(record.message.id)).toEqual({ message: 'PARTIALLY_FAILED', deliveries: ['EXPIRED'] });
      expect(await store().ledger.claim(refOf(record), LEASE)).toBeNull();
      const left = await store().sweeper.expired(1_000);
      expect(left.filter(({ messageId }) => messageId === record.message.id)).toEqual([]);
    });

    it('9: lets the receiving system acknowledge what lies in its own queue, also late', async () => {
      const record = await accepted();
      const system = record.deliveries[0]!.receiver.system;
      const { deliveryId } = refOf(record);
      const acknowledge = (by: string) => store().ledger.acknowledge(by, deliveryId, { state: 'DELIVERED' });
      expect(await acknowledge(system)).toBe('unknown');
      const claim = (await store().ledger.claim(refOf(record), LEASE))!;
      await store().ledger.settle(claim, { state: 'AVAILABLE' });
      expect(await acknowledge(fresh('stranger'))).toBe('unknown');
      await store().sweeper.expire(claim, { state: 'EXPIRED', fault: FAULT });
      expect(await acknowledge(system)).toBe('done');
      expect(await acknowledge(system)).toBe('repeated');
      expect(await store().ledger.acknowledge(system, 'not-an-id', { state: 'DELIVERED' })).toBe('unknown');
      expect(await stateOf(record.message.id)).toEqual({ message: 'COMPLETED', deliveries: ['DELIVERED'] });
      expect((await eventsOf(record.message.id)).slice(-4)).toEqual([
        'delivery.expired',
        'message.partially-failed',
        'delivery.delivered',
        'message.completed',
      ]);
    });
  });

  describe('a queue that a system reads itself', () => {
    it('1: is acknowledged at the very moment in which it was filled', async () => {
      const { record, claim } = await claimed();
      const { system } = record.deliveries[0]!.receiver;
      const delivered = { state: 'DELIVERED' } as const;
      const outcomes = await Promise.all([
        store().ledger.settle(claim, { state: 'AVAILABLE' }),
        store().ledger.acknowledge(system, claim.deliveryId, delivered),
        store().ledger.acknowledge(system, claim.deliveryId.toUpperCase(), delivered),
      ]);
      expect(outcomes.slice(1).toSorted()).toEqual(['done', 'repeated']);
      expect(await stateOf(record.message.id)).toEqual({ message: 'COMPLETED', deliveries: ['DELIVERED'] });
    });

    it('8: is filled anew when it was lost, but for what the system has', async () => {
      const { record, claim } = await claimed();
      const { system } = record.deliveries[0]!.receiver;
      const other = await claimed();
      for (const each of [claim, other.claim]) await store().ledger.settle(each, { state: 'AVAILABLE' });
      expect(await store().outbox.takeBackAvailable(system)).toBe(1);
      expect(await store().outbox.takeBackAvailable(system)).toBe(0);
      expect(await stateOf(record.message.id)).toEqual({ message: 'ACCEPTED', deliveries: ['QUEUED'] });
      expect(await stateOf(other.record.message.id)).toEqual({ message: 'ACCEPTED', deliveries: ['AVAILABLE'] });
      const again = await store().ledger.claim({ ...claim, epoch: claim.epoch + 1 }, LEASE);
      expect(again).toMatchObject({ attempts: 2 });
      expect(await eventsOf(record.message.id)).toContain('delivery.requeued');
    });
  });

  describe('leases', () => {
    it('9: are held by one owner until they run out', async () => {
      const name = fresh('sweep');
      expect(await nodes()[0].sweeper.holdLease(name, 'one', 60_000)).toBe(true);
      expect(await nodes()[1].sweeper.holdLease(name, 'two', 60_000)).toBe(false);
      expect(await nodes()[0].sweeper.holdLease(name, 'one', 1)).toBe(true);
      await until(() => nodes()[1].sweeper.holdLease(name, 'two', 60_000));
      expect(await nodes()[0].sweeper.holdLease(name, 'one', 60_000)).toBe(false);
    });
  });
}
