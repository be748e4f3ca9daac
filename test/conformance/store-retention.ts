import { v7 as uuid } from 'uuid';
import type { AcceptanceRecord } from '../../src/acceptance/ports.js';
import { searchFor } from '../../src/delivery/jobs/filter.js';
import type { NewJob } from '../../src/delivery/jobs/ports.js';
import type { KeepRule } from '../../src/retention/ports.js';
import { createTidy, type Tidied } from '../../src/retention/retention.js';
import type { Store } from '../../src/store/open-store.js';
import type { Agreement } from '../../src/registry/model.js';
import { acceptanceRecord, fresh, refOf } from '../support/ledger-records.js';
import { JOB_ORDER } from './job-records.js';

const DAY_MS = 86_400_000;
const LEASE = { owner: 'retention', ms: 60_000 };
const AGREEMENT = { consumer: 'c_i804', provider: 'c_g878', service: 'variazione-anagrafica', version: 1 } as const;

/** The promises of RetentionStore; the tests leave nothing older than the oldest day that they use. */
export function retentionCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];
  const contentOf = (record: AcceptanceRecord) => nodes()[1].ledger.content(record.message.id);

  async function aged(days: number, more: Partial<AcceptanceRecord['message']> = {}, to = 'c_g878') {
    const acceptedAt = new Date(Date.now() - days * DAY_MS);
    await store().sweeper.preparePartitions(0, acceptedAt);
    const made = acceptanceRecord({ message: { id: uuid({ msecs: acceptedAt.getTime() }), acceptedAt, ...more } });
    const deliveries = made.deliveries.map((one) => ({ ...one, receiver: { ...one.receiver, participant: to } }));
    const record: AcceptanceRecord = { ...made, deliveries };
    await store().messages.accept(record);
    return record;
  }

  async function delivered(record: AcceptanceRecord): Promise<AcceptanceRecord> {
    const claim = (await store().ledger.claim(refOf(record), LEASE))!;
    const attempt = {
      number: 1,
      startedAt: new Date(),
      duration: 5,
      target: 'http://x',
      status: 200,
      response: 'Rossi',
      fault: null,
    };
    expect(await store().ledger.settle(claim, { state: 'DELIVERED', attempt })).toBe(true);
    return record;
  }

  async function tidy(days: { contentDays: number; recordDays: number }, rules: readonly Partial<Agreement>[] = []) {
    const told: Tidied[] = [];
    const agreements = rules.map(
      (rule) => ({ contentDays: null, recordDays: null, ...AGREEMENT, ...rule }) as Agreement,
    );
    const parts = { store: store().retention, agreements: () => agreements, ...days };
    await createTidy({ ...parts, tell: (done) => told.push(done) })(new AbortController().signal);
    return told[0] ?? { purged: 0, dropped: [], kept: [], jobs: 0, conversations: 0 };
  }

  describe('retention', () => {
    it('10: contents go when their days are over, with what receivers answered; the records stay', async () => {
      const [old, open, young] = [await delivered(await aged(41)), await aged(41), await delivered(await aged(39))];
      expect((await tidy({ contentDays: 40, recordDays: 36_500 })).purged).toBe(1);
      expect(await contentOf(old)).toBeNull();
      expect([await contentOf(open), await contentOf(young)]).toEqual([open.content, young.content]);
      expect(await nodes()[1].trace.attempts(old.message.id)).toMatchObject([{ status: 200, response: null }]);
      const events = (await nodes()[1].trace.timeline(old.message.id)).map(({ event, by }) => [event, by]);
      expect(events.at(-1)).toEqual(['message.purged', 'gateway']);
      expect((await tidy({ contentDays: 40, recordDays: 36_500 })).purged).toBe(0);
      await delivered(open);
      expect((await tidy({ contentDays: 40, recordDays: 36_500 })).purged).toBe(1);
    });

    it('10: an agreement keeps contents shorter or longer, and answers as long as what they answer', async () => {
      const [service, other] = [fresh('breve'), fresh('lungo')];
      const short = await delivered(await aged(11, { service }));
      const long = await delivered(await aged(55, { service: other }));
      const back = { participant: 'c_g878', system: fresh('tributi') };
      const answer = await delivered(await aged(55, { service: other, sender: back }, 'c_i804'));
      const rules = [
        { service, contentDays: 10 },
        { service: other, contentDays: 60 },
      ];
      const others: readonly Partial<Agreement>[] = [{ service: other, provider: 'c_zzzz', contentDays: 1 }];
      expect(
        (await tidy({ contentDays: 50, recordDays: 36_500 }, [...rules, ...others])).purged,
      ).toBeGreaterThanOrEqual(1);
      expect(await contentOf(short)).toBeNull();
      expect([await contentOf(long), await contentOf(answer)]).toEqual([long.content, answer.content]);
    });

    it('10: of a long ledger every message is looked at, page by page', async () => {
      const many: AcceptanceRecord[] = [];
      for (let count = 0; count < 7; count++) many.push(await delivered(await aged(71)));
      const order = { days: 70, rules: [] as KeepRule[], limit: 3 };
      let after: string | null = null;
      let [pages, purged] = [0, 0];
      do {
        const done: { purged: number; last: string | null } = await store().retention.purgeContents({
          ...order,
          after,
        });
        after = done.last;
        purged += done.purged;
        pages++;
      } while (after !== null);
      expect(purged).toBeGreaterThanOrEqual(7);
      expect(pages).toBeGreaterThanOrEqual(3);
      expect(await Promise.all(many.map(contentOf))).toEqual(many.map(() => null));
    });

    it('10: a day goes as a whole, never with a delivery that is open, and its ids are free again', async () => {
      const [gone, stays] = [await delivered(await aged(400)), await aged(402)];
      const dayOf = (days: number) =>
        new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
      const first = await tidy({ contentDays: 300, recordDays: 390 });
      expect(first.dropped).toEqual([dayOf(400)]);
      expect(first.kept).toEqual([{ day: dayOf(402), open: 1 }]);
      expect(await nodes()[1].trace.status(gone.message.id)).toBeNull();
      expect(await nodes()[1].trace.timeline(gone.message.id)).toEqual([]);
      expect(await nodes()[1].trace.status(stays.message.id)).toMatchObject({ state: 'ACCEPTED' });
      expect(await store().messages.accept({ ...gone, message: { ...gone.message, digest: '1'.repeat(64) } })).toEqual({
        kind: 'accepted',
      });
      await delivered(stays);
      expect((await tidy({ contentDays: 300, recordDays: 390 }, [{ recordDays: 500 }])).dropped).toEqual([]);
      expect((await tidy({ contentDays: 300, recordDays: 390 })).dropped).toEqual([dayOf(402)]);
    });

    it('5: jobs that ended go with their items after the days of records, those that go on stay', async () => {
      const system = fresh('lavoro');
      const record = acceptanceRecord({ receivers: [system] });
      await store().messages.accept(record);
      await store().control.cancel(refOf(record), { operator: 'anna', reason: 'why' }, { state: 'CANCELLED' });
      const begun = async () => {
        const filter = searchFor('retry', false, { ids: [record.message.id], states: ['CANCELLED'] }, new Date());
        const job: NewJob = { ...JOB_ORDER, id: uuid(), filter };
        await store().jobs.open(job);
        expect((await store().jobs.collect(job, { after: null, first: 1, limit: 10 })).count).toBe(1);
        await store().jobs.begin(job.id, 'RUNNING');
        return job.id;
      };
      const [ended, goes] = [await begun(), await begun()];
      await store().jobQueue.record(ended, [{ n: 1, result: 'skipped', found: 'CANCELLED', fault: null }]);
      await store().retention.dropEnded(new Date(Date.now() - DAY_MS));
      expect(await store().jobs.items(ended, { limit: 9, after: 0 })).toHaveLength(1);
      const gone = await nodes()[1].retention.dropEnded(new Date(Date.now() + DAY_MS));
      expect(gone.jobs).toBeGreaterThanOrEqual(1);
      expect(await store().jobs.find(ended, null)).toBeNull();
      expect(await store().jobs.items(ended, { limit: 9, after: 0 })).toEqual([]);
      expect(await store().jobs.find(goes, null)).toMatchObject({ state: 'RUNNING', total: 1 });
      expect(await store().jobs.items(goes, { limit: 9, after: 0 })).toHaveLength(1);
    });

    describe('of conversations', () => {
      /** A moment so late that what was done just now rests since long enough. */
      const LATE = () => new Date(Date.now() + 3 * DAY_MS);
      const inOrder = async (system: string, sender: string, days: number, sequence: number | null) => {
        const acceptedAt = new Date(Date.now() - days * DAY_MS);
        await store().sweeper.preparePartitions(0, acceptedAt);
        const message = { id: uuid({ msecs: acceptedAt.getTime() }), acceptedAt };
        const made = acceptanceRecord({
          receivers: [system],
          message: { ...message, sender: { participant: 'c_i804', system: sender } },
        });
        const order = { conversation: 'pratica', sequence };
        const record = { ...made, deliveries: made.deliveries.map((one) => ({ ...one, order })) };
        await store().messages.accept(record);
        await store().outbox.advance({ limit: 10_000, gapWaitMs: 0 });
        await store().outbox.advance({ limit: 10_000, gapWaitMs: 0 });
        return record;
      };
      const heldOf = async (record: AcceptanceRecord) =>
        (await nodes()[1].trace.status(record.message.id))!.deliveries[0]!.held;
      const rest = () => store().outbox.advance({ limit: 10_000, gapWaitMs: 0 });

      it('2: one goes when nothing of it is stored, and its next message begins it anew', async () => {
        const [system, sender] = [fresh('ordine'), fresh('anagrafe')];
        const old = await inOrder(system, sender, 600, null);
        const before = LATE();
        await store().retention.dropEnded(before);
        await delivered(old);
        await rest();
        await store().retention.dropEnded(before);
        const again = { operator: 'anna', reason: 'why', again: true, expiresAt: LATE() };
        expect(await store().control.retry(refOf(old), again)).toMatchObject({ moved: true });
        await rest();
        expect(await heldOf(old)).toBe(false);
        await store().control.cancel(refOf(old), { operator: 'anna', reason: 'why' }, { state: 'CANCELLED' });
        await rest();
        await store().retention.dropDays(new Date(Date.now() - 590 * DAY_MS));
        expect((await store().retention.dropEnded(new Date())).conversations).toBe(0);
        expect((await nodes()[1].retention.dropEnded(before)).conversations).toBeGreaterThanOrEqual(1);
        expect(await heldOf(await inOrder(system, sender, 0, null))).toBe(false);
      });

      it('2: one that its sender numbers stays, so that its numbers do not begin again', async () => {
        const [system, sender] = [fresh('ordine'), fresh('anagrafe')];
        await delivered(await inOrder(system, sender, 610, 1));
        await rest();
        await store().retention.dropDays(new Date(Date.now() - 605 * DAY_MS));
        await store().retention.dropEnded(LATE());
        const repeated = await inOrder(system, sender, 0, 1);
        expect(await heldOf(repeated)).toBe(true);
        await store().control.cancel(refOf(repeated), { operator: 'anna', reason: 'why' }, { state: 'CANCELLED' });
        await rest();
        expect(await heldOf(await inOrder(system, sender, 0, 2))).toBe(false);
      });
    });
  });
}
