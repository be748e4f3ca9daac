import { v7 as uuid } from 'uuid';
import { searchFor, searchOf, type DeliveryFilter } from '../../src/delivery/jobs/filter.js';
import type { ItemOutcome, NewJob, Place } from '../../src/delivery/jobs/ports.js';
import { createJobRunner } from '../../src/delivery/jobs/runner.js';
import { createCarryOut } from '../../src/delivery/orders.js';
import { Fault } from '../../src/message/fault.js';
import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { Registry } from '../../src/registry/registry.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf, until } from '../support/ledger-records.js';

const LEASE = { owner: 'dispatcher-1', ms: 60_000 };
const LATER = () => new Date(Date.now() + 3_600_000);
const faultOf = (code: FaultCode) => new Fault(code, { detail: 'As the test wants it.' }).toRecord();

type End = 'FAILED' | 'DELIVERED' | 'AVAILABLE' | 'QUEUED' | 'EXPIRED';

/** The promises of DeliverySearch, JobLedger and JobQueue. */
export function jobCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];

  /** One message for a system, brought to where it is wanted. */
  const one = async (system: string, end: End, more: { service?: string; fault?: FaultCode } = {}) => {
    const { service = 'variazione-anagrafica', fault = 'receiver-refused' } = more;
    const record = acceptanceRecord({ receivers: [system], message: { service } });
    await store().messages.accept(record);
    const ref = refOf(record);
    if (end === 'QUEUED') return record;
    const claim = (await store().ledger.claim(ref, LEASE))!;
    const isLost = end === 'FAILED' || end === 'EXPIRED';
    await store().ledger.settle(claim, { state: end, ...(isLost && { fault: faultOf(fault) }) });
    return record;
  };
  const some = (count: number, system: string, end: End, more: Parameters<typeof one>[2] = {}) =>
    Promise.all(Array.from({ length: count }, () => one(system, end, more)));
  const newJob = (filter: DeliveryFilter, more: Partial<NewJob> = {}): NewJob => ({
    id: uuid(),
    action: 'retry',
    filter: searchFor(more.action ?? 'retry', more.again ?? false, filter, LATER()),
    reason: 'it is back',
    operator: 'anna',
    scope: null,
    rate: 50,
    again: false,
    system: null,
    ...more,
  });
  const made = async (job: NewJob) => {
    await store().jobs.open(job);
    await store().jobs.collect(job, { after: null, first: 1, limit: 1_000 });
    return (await store().jobs.begin(job.id))!;
  };
  /** Runs a job to its end on the other node, where `riserva` is a system of the participant. */
  const resultsBy = async (id: string, participant: string) => {
    const riserva = { id: 'riserva', participant, receives: { channel: 'box' }, callbacks: [] };
    const registry = () =>
      ({
        agreement: () => undefined,
        system: (name: string) => (name === 'riserva' ? riserva : undefined),
      }) as unknown as Registry;
    const problems: unknown[] = [];
    const [, node] = nodes();
    const runner = createJobRunner({
      queue: node.jobQueue,
      leases: node.sweeper,
      carryOut: createCarryOut({ control: node.control, settle: (_, end) => end, registry }),
      registry,
      owner: 'conformance',
      requeued: () => undefined,
      problem: (error) => void problems.push(error),
    });
    runner.start();
    await until(async () => (await store().jobs.find(id, null))?.state === 'DONE');
    await runner.stop();
    expect(problems).toEqual([]);
    return (await store().jobs.items(id, { limit: 9, after: 0 })).map(({ result }) => result);
  };
  const idsOf = (all: readonly { readonly messageId: string }[]) => all.map(({ messageId }) => messageId);
  const done = (n: number): ItemOutcome => ({ n, result: 'done', found: 'FAILED', fault: null });

  describe('search of deliveries', () => {
    it('5: finds by state, receiver, sender, service, operation, agreement, cause, times and ids', async () => {
      const system = fresh('ricerca');
      const refused = await one(system, 'FAILED');
      const late = await one(system, 'EXPIRED', { service: 'altro', fault: 'delivery-expired' });
      const taken = await one(system, 'DELIVERED');
      const waits = await one(system, 'QUEUED');
      const find = async (filter: DeliveryFilter) =>
        idsOf(await store().search.list(searchOf({ receiver: system, ...filter }, new Date()), null, { limit: 10 }));
      const ids = (...records: readonly { readonly message: { readonly id: string } }[]) =>
        records.map(({ message }) => message.id);
      const hour = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();

      expect(await find({})).toEqual(ids(waits, taken, late, refused));
      expect(await find({ states: ['FAILED', 'EXPIRED'] })).toEqual(ids(late, refused));
      expect(await find({ states: ['QUEUED'] })).toEqual(ids(waits));
      expect(await find({ states: ['DELIVERED'] })).toEqual(ids(taken));
      expect(await find({ fault: 'receiver-refused' })).toEqual(ids(refused));
      expect(await find({ service: 'altro' })).toEqual(ids(late));
      expect(await find({ operation: 'nulla' })).toEqual([]);
      expect(await find({ agreement: 'sulmona-pratola', states: ['FAILED'] })).toEqual(ids(refused));
      expect(await find({ sender: taken.message.sender.system })).toEqual(ids(taken));
      expect(await find({ receiver: 'c_g878', ids: ids(late) })).toEqual(ids(late));
      expect(await find({ ids: [refOf(refused).deliveryId, taken.message.id] })).toEqual(ids(taken, refused));
      expect(await find({ acceptedAfter: hour(1) })).toEqual([]);
      expect(await find({ states: ['FAILED'], endedAfter: hour(-1), endedBefore: hour(1) })).toEqual(ids(refused));
      expect(await find({ states: ['FAILED'], endedBefore: hour(-1) })).toEqual([]);
    });

    it('5: pages by cursor, counts up to a bound, and keeps to the scope', async () => {
      const system = fresh('pagine');
      const records = await some(7, system, 'FAILED');
      const search = searchOf({ receiver: system, states: ['FAILED'] }, new Date());
      const seen: string[] = [];
      let before: Place | undefined;
      for (;;) {
        const page = await store().search.list(search, null, { limit: 3, ...(before && { before }) });
        seen.push(...idsOf(page));
        before = page.at(-1);
        if (page.length < 3) break;
      }
      expect(seen).toEqual(
        records
          .map(({ message }) => message.id)
          .toSorted()
          .toReversed(),
      );
      expect(await store().search.count(search, null, 100)).toEqual({ FAILED: 7 });
      expect(await store().search.count(search, null, 4)).toEqual({ FAILED: 4 });
      for (const [scope, count] of [
        [['c_g878'], 7],
        [['c_i804', 'c_x'], 7],
        [['c_x'], 0],
        [[], 0],
      ] as const) {
        expect((await store().search.count(search, scope, 100)).FAILED ?? 0).toBe(count);
        expect(await store().search.list(search, scope, { limit: 10 })).toHaveLength(count);
      }
    });

    it('5: finds a receipt by its own id only', async () => {
      const system = fresh('ricevuta');
      const record = await one(system, 'QUEUED');
      const claim = (await store().ledger.claim(refOf(record), LEASE))!;
      const { id, messageId, correlationId, sender } = record.message;
      const at = new Date().toISOString();
      const receipt = { kind: 'delivered' as const, id, messageId, correlationId, receiver: 'c_g878', at, fault: null };
      await store().ledger.settle(claim, { state: 'DELIVERED', receipt: { receipt, to: sender, expiresAt: LATER() } });
      const own = (await store().trace.status(id))!.deliveries.find(({ kind }) => kind === 'receipt')!.deliveryId;
      const find = async (ids: readonly string[]) =>
        (await store().search.list(searchOf({ ids }, new Date()), null, { limit: 9 })).map(
          ({ deliveryId }) => deliveryId,
        );
      expect(await find([id])).toEqual([refOf(record).deliveryId]);
      expect(await find([own])).toEqual([own]);
    });

    it('5: groups what is dead by cause, system and service, with how many were sent anew before', async () => {
      const [a, b] = [fresh('gruppo-a'), fresh('gruppo-b')];
      const [first] = await some(3, a, 'FAILED');
      await one(a, 'FAILED', { service: 'altro' });
      await one(a, 'EXPIRED', { fault: 'delivery-expired' });
      await one(b, 'FAILED');
      const ref = { ...refOf(first!), epoch: 2 };
      await store().control.retry(ref, { operator: 'anna', reason: 'why', again: false, expiresAt: LATER() });
      await store().ledger.settle((await store().ledger.claim(ref, LEASE))!, {
        state: 'FAILED',
        fault: faultOf('receiver-refused'),
      });
      const groups = async (receiver: string, bound = 100) =>
        store().search.deadLetters(searchOf({ receiver, states: ['FAILED', 'EXPIRED'] }, new Date()), null, bound);
      const { groups: ofA, counted } = await groups(a);
      expect(counted).toBe(5);
      expect(ofA[0]).toMatchObject({
        fault: 'receiver-refused',
        receiver: 'c_g878',
        system: a,
        service: 'variazione-anagrafica',
        count: 3,
        retried: 1,
        example: first!.message.id,
      });
      expect(ofA[0]!.oldest.getTime()).toBeLessThan(ofA[0]!.newest.getTime());
      expect(ofA.slice(1).map(({ fault, count }) => [fault, count])).toEqual([
        ['delivery-expired', 1],
        ['receiver-refused', 1],
      ]);
      expect((await groups(b)).groups).toHaveLength(1);
      expect((await groups(a, 2)).counted).toBe(2);
    });
  });

  describe('jobs', () => {
    it('5: collects what matches once, in chunks, and keeps to it', async () => {
      const system = fresh('raccolta');
      const records = await some(5, system, 'FAILED');
      await one(system, 'DELIVERED');
      const job = newJob({ receiver: system });
      await store().jobs.open(job);
      expect(await store().jobQueue.running(100)).not.toContainEqual(expect.objectContaining({ id: job.id }));
      const chunk = await store().jobs.collect(job, { after: null, first: 1, limit: 3 });
      expect(chunk).toMatchObject({ count: 3, delivered: 0 });
      expect(await store().jobs.collect(job, { after: chunk.last, first: 4, limit: 3 })).toMatchObject({ count: 2 });
      const begun = await store().jobs.begin(job.id);
      expect(begun).toMatchObject({ state: 'RUNNING', total: 5, done: 0, filter: job.filter, scope: null });
      await one(system, 'FAILED');
      const due = await nodes()[1].jobQueue.next(job.id, 10);
      expect(due.map(({ n, subject }) => [n, subject?.message.id])).toEqual(
        records
          .map(({ message }) => message.id)
          .toSorted()
          .map((id, at) => [at + 1, id]),
      );
      expect(due[0]!.seen).toEqual({ state: 'FAILED', epoch: 1 });
      expect(await store().jobs.begin(job.id)).toBeNull();
    });

    it('5: counts what was delivered among the items', async () => {
      const system = fresh('consegnati');
      await some(2, system, 'DELIVERED');
      await one(system, 'FAILED');
      const job = newJob({ receiver: system }, { again: true });
      await store().jobs.open(job);
      const from = { after: null, first: 1, limit: 10 };
      expect(await store().jobs.collect(job, from)).toMatchObject({ count: 3, delivered: 2 });
      await store().jobs.discard(job.id);
      expect(await store().jobs.find(job.id, null)).toBeNull();
      expect(await store().jobs.collect(job, from)).toMatchObject({ count: 0, last: null });
    });

    it('5: writes each result once, counts them, and ends with the last one', async () => {
      const system = fresh('esiti');
      await some(4, system, 'FAILED');
      const { id } = await made(newJob({ receiver: system }));
      await store().jobQueue.record(id, [done(1), { n: 2, result: 'skipped', found: 'DELIVERED', fault: null }]);
      await nodes()[1].jobQueue.record(id, [done(2), { n: 3, result: 'failed', found: 'FAILED', fault: 'internal' }]);
      const found = async () => (await store().jobs.find(id, null))!;
      expect(await found()).toMatchObject({ state: 'RUNNING', done: 1, skipped: 1, failed: 1, endedAt: null });
      expect((await store().jobQueue.next(id, 10)).map(({ n }) => n)).toEqual([4]);
      await store().jobQueue.record(id, [done(4)]);
      expect(await found()).toMatchObject({ state: 'DONE', done: 2, endedAt: expect.any(Date) });
      const items = await store().jobs.items(id, { limit: 2, after: 1 });
      expect(items.map(({ n, result, found, fault }) => [n, result, found, fault])).toEqual([
        [2, 'skipped', 'DELIVERED', null],
        [3, 'failed', 'FAILED', 'internal'],
      ]);
      expect(await store().jobs.items(id, { limit: 9, after: 0, result: 'done' })).toHaveLength(2);
    });

    it('5: is turned by operators in the states that allow it, and remembers who and why', async () => {
      const system = fresh('svolta');
      await one(system, 'FAILED');
      const { id } = await made(newJob({ receiver: system }));
      const act = (name: 'paused' | 'resumed' | 'rate' | 'cancelled', rate?: number) =>
        ({ act: name, by: 'bruno', reason: `${name} it`, ...(rate && { rate }) }) as const;
      const turned = await store().jobs.turn(id, null, { from: ['RUNNING'], to: 'PAUSED', act: act('paused') });
      expect(turned).toMatchObject({ state: 'PAUSED', endedAt: null });
      expect(await store().jobs.turn(id, null, { from: ['RUNNING'], to: 'PAUSED', act: act('paused') })).toBeNull();
      expect((await store().jobQueue.running(100)).some((job) => job.id === id)).toBe(false);
      await store().jobs.turn(id, null, { from: ['PAUSED'], act: act('rate', 7) });
      await store().jobs.turn(id, null, { from: ['PAUSED'], to: 'RUNNING', act: act('resumed') });
      expect((await store().jobQueue.running(100)).find((job) => job.id === id)).toMatchObject({ rate: 7 });
      const ended = (await store().jobs.turn(id, null, { from: ['RUNNING'], to: 'CANCELLED', act: act('cancelled') }))!;
      expect(ended.endedAt).toBeInstanceOf(Date);
      expect(ended.history.map(({ act, by, reason, rate }) => [act, by, reason, rate])).toEqual([
        ['created', 'anna', 'it is back', 50],
        ['paused', 'bruno', 'paused it', undefined],
        ['rate', 'bruno', 'rate it', 7],
        ['resumed', 'bruno', 'resumed it', undefined],
        ['cancelled', 'bruno', 'cancelled it', undefined],
      ]);
      await store().jobQueue.record(id, [done(1)]);
      expect(await store().jobs.find(id, null)).toMatchObject({ state: 'CANCELLED', done: 1 });
    });

    it('5: is seen by who has its whole scope', async () => {
      const job = await made(newJob({ receiver: fresh('ambito') }, { scope: ['c_a', 'c_b'] }));
      const wide = await made(newJob({ receiver: fresh('ambito') }));
      const sees = async (scope: readonly string[] | null, id: string) => {
        const listed = (await store().jobs.list(scope, { limit: 100 })).some((one) => one.id === id);
        expect((await store().jobs.find(id, scope)) !== null).toBe(listed);
        return listed;
      };
      expect(job).toMatchObject({ state: 'DONE', total: 0 });
      expect(await sees(null, job.id)).toBe(true);
      expect(await sees(['c_b', 'c_a', 'c_c'], job.id)).toBe(true);
      expect(await sees(['c_a'], job.id)).toBe(false);
      expect(await sees(['c_a', 'c_b'], wide.id)).toBe(false);
      const turn = { from: ['DONE'], act: { act: 'rate', by: 'x', reason: null, rate: 1 } } as const;
      expect(await store().jobs.turn(job.id, ['c_a'], turn)).toBeNull();
      const [newest] = await store().jobs.list(null, { limit: 1 });
      const [next] = await store().jobs.list(null, { limit: 1, before: newest!.id });
      expect(next!.id < newest!.id).toBe(true);
      expect(await store().jobs.find('not-an-id', null)).toBeNull();
    });

    it('5: sends anew only what still is as it was seen, and the journal says by which job', async () => {
      const system = fresh('visto');
      const [still, sent] = await some(2, system, 'FAILED');
      const { id } = await made(newJob({ receiver: system }));
      const items = await store().jobQueue.next(id, 10);
      const order = { operator: 'anna', reason: 'it is back', again: false, expiresAt: LATER() };
      await store().control.retry(refOf(sent!), order);
      const claim = (await store().ledger.claim({ ...refOf(sent!), epoch: 2 }, LEASE))!;
      await store().ledger.settle(claim, { state: 'FAILED', fault: faultOf('receiver-refused') });
      const [first, second] = await Promise.all(
        items.map(({ subject, seen }) =>
          store().control.retry(subject!, { ...order, job: id, seen, system: 'riserva' }),
        ),
      );
      expect([first, second]).toMatchObject([
        { moved: true, was: 'FAILED' },
        { moved: false, was: 'FAILED' },
      ]);
      const places = items.map(({ subject }) => subject!);
      const { deliveryId } = refOf(still!);
      expect(await nodes()[1].jobQueue.changedBy(id, places)).toEqual(new Set([deliveryId]));
      expect(await store().jobQueue.changedBy(uuid(), places)).toEqual(new Set());
      expect((await store().trace.timeline(still!.message.id)).at(-1)).toMatchObject({
        event: 'delivery.retried',
        by: 'operator:anna',
        detail: { reason: 'it is back', job: id, system: 'riserva' },
      });
      const status = await store().trace.status(still!.message.id);
      expect(status!.deliveries[0]).toMatchObject({ state: 'QUEUED', receiver: { system: 'riserva' } });
    });

    it('5: goes on where a node died between its two commits: nothing is done twice', async () => {
      const records = await some(2, fresh('ripresa'), 'FAILED');
      const ids = records.map(({ message }) => message.id);
      const { id } = await made(newJob({ ids }));
      const [first] = await store().jobQueue.next(id, 1);
      const order = { operator: 'anna', reason: 'why', job: id, again: false, seen: first!.seen };
      await store().control.retry(first!.subject!, { ...order, expiresAt: LATER() });
      expect(await resultsBy(id, 'anybody')).toEqual(['done', 'done']);
      for (const messageId of ids) {
        const events = await store().trace.timeline(messageId);
        expect(events.filter(({ detail }) => detail.job === id)).toHaveLength(1);
      }
    }, 60_000);

    it('5: sends nothing to a system that is not, or is no longer, of the receiver', async () => {
      const [mine, other] = [await one(fresh('suo'), 'FAILED'), await one(fresh('suo'), 'FAILED')];
      const go = async (ids: readonly string[], owner: string) =>
        resultsBy((await made(newJob({ ids }, { system: 'riserva' }))).id, owner);
      expect(await go([mine.message.id], 'c_altro')).toEqual(['failed']);
      expect(await go([other.message.id], 'c_g878')).toEqual(['done']);
      expect((await store().trace.status(mine.message.id))!.deliveries[0]).toMatchObject({ state: 'FAILED', epoch: 1 });
    }, 60_000);

    it('5: what was collected by a node that died never begins', async () => {
      const job = newJob({ receiver: fresh('morto') });
      await store().jobs.open(job);
      await store().jobQueue.abandon(60_000);
      expect(await store().jobs.find(job.id, null)).toMatchObject({ state: 'COLLECTING' });
      await store().jobQueue.abandon(-1_000);
      expect(await store().jobs.find(job.id, null)).toMatchObject({
        state: 'CANCELLED',
        history: [{}, { by: 'gateway' }],
      });
      expect(await store().jobs.begin(job.id)).toBeNull();
    });
  });
}
