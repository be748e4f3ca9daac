import { v7 as uuid } from 'uuid';
import type { Store } from '../../src/store/open-store.js';
import { fresh, refOf } from '../support/ledger-records.js';
import { faultOf, jobRecords, LATER, LEASE } from './job-records.js';

/** The promises of JobLedger and JobQueue. */
export function jobCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const { one, some, newJob, made, resultsBy, done } = jobRecords(nodes);

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
      const begun = await store().jobs.begin(job.id, 'RUNNING');
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
      expect(await store().jobs.begin(job.id, 'RUNNING')).toBeNull();
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
      expect(await store().jobs.begin(job.id, 'RUNNING')).toBeNull();
    });

    it('3: waits for another operator, who decides once, and not after its time', async () => {
      const system = fresh('quattrocchi');
      await some(1, system, 'FAILED');
      const proposed = async () => {
        const job = newJob({ receiver: system });
        await store().jobs.open(job);
        await store().jobs.collect(job, { after: null, first: 1, limit: 9 });
        expect(await store().jobs.begin(job.id, 'PROPOSED')).toMatchObject({ state: 'PROPOSED', total: 1 });
        return job.id;
      };
      const decide = (id: string, by: string, to: 'RUNNING' | 'REJECTED', byAnotherWithinMs = 60_000) => {
        const act = { act: to === 'RUNNING' ? 'approved' : 'rejected', by, reason: 'seen' } as const;
        return nodes()[1].jobs.turn(id, null, { from: ['PROPOSED'], to, act, byAnotherWithinMs });
      };
      const id = await proposed();
      expect(await store().jobQueue.running(100)).not.toContainEqual(expect.objectContaining({ id }));
      expect(await decide(id, 'anna', 'RUNNING')).toBeNull();
      expect(await decide(id, 'bruno', 'RUNNING', 0)).toBeNull();
      const both = await Promise.all([decide(id, 'bruno', 'RUNNING'), decide(id, 'carla', 'REJECTED')]);
      expect(both.filter((one) => one !== null)).toHaveLength(1);
      expect((await store().jobs.find(id, null))?.history).toHaveLength(2);
      const rejected = await proposed();
      expect(await decide(rejected, 'bruno', 'REJECTED')).toMatchObject({
        state: 'REJECTED',
        endedAt: expect.any(Date),
      });
      const late = await proposed();
      await store().jobQueue.expire(60_000);
      expect(await store().jobs.find(late, null)).toMatchObject({ state: 'PROPOSED' });
      await store().jobQueue.expire(-1_000);
      const history = [{}, { act: 'expired', by: 'gateway' }];
      expect(await store().jobs.find(late, null)).toMatchObject({ state: 'CANCELLED', history });
    });
  });
}
