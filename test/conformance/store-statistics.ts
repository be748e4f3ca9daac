import { firstIdAt } from '../../src/store/partitions.js';
import { histogramOf, percentile } from '../../src/statistics/latency.js';
import type { Grain, Outcome } from '../../src/statistics/ports.js';
import { createTidy } from '../../src/retention/retention.js';
import { Fault } from '../../src/message/fault.js';
import type { AcceptanceRecord } from '../../src/acceptance/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf, rejectionRecord, until } from '../support/ledger-records.js';

const LEASE = { owner: 'statistics', ms: 60_000 };
const HOUR_MS = 3_600_000;
const fault = new Fault('receiver-refused', { detail: 'No.' }).toRecord();

/** The promises of StatisticsLedger and StatisticsReader. */
export function statisticsCases(nodes: () => readonly [Store, Store]): void {
  const store = () => nodes()[0];

  async function countAll(node = store()): Promise<void> {
    const { seq, writers } = await node.counting.horizon();
    await until(() => node.counting.areDone(writers));
    while (await node.counting.rollUp(seq));
  }

  async function sums(service: string, grain: Grain = 'minute', scope: readonly string[] | null = null) {
    const [from, to] = [new Date(Date.now() - 48 * HOUR_MS), new Date(Date.now() + HOUR_MS)];
    const by = ['outcome'] as const;
    const rows = await store().statistics.sums({ grain, from, to, scope, by, services: [service] });
    return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count])) as Partial<Record<Outcome, number>>;
  }

  async function settled(record: AcceptanceRecord, state: 'DELIVERED' | 'FAILED'): Promise<void> {
    const claim = (await store().ledger.claim(refOf(record), LEASE))!;
    expect(await store().ledger.settle(claim, state === 'FAILED' ? { state, fault } : { state })).toBe(true);
  }

  async function traffic(service: string, count: number): Promise<AcceptanceRecord[]> {
    const records = Array.from({ length: count }, () =>
      acceptanceRecord({ message: { service, acceptedAt: new Date(Date.now() - 90) } }),
    );
    await Promise.all(records.map((record) => store().messages.accept(record)));
    for (const [at, record] of records.entries())
      if (at % 4 > 0) await settled(record, at % 4 > 1 ? 'DELIVERED' : 'FAILED');
    return records;
  }

  describe('statistics', () => {
    it('7: counts each event once by minute, hour and day, also where two nodes count at the same time', async () => {
      const service = fresh('conti');
      await traffic(service, 40);
      await Promise.all([countAll(nodes()[0]), countAll(nodes()[1])]);
      await countAll();
      for (const grain of ['minute', 'hour', 'day'] as const)
        expect([grain, await sums(service, grain)]).toEqual([grain, { accepted: 40, delivered: 20, failed: 10 }]);
    });

    it('6: tells alerts what ended in the window, of each system, and how long the delivered took', async () => {
      const system = fresh('sistema');
      for (const state of ['DELIVERED', 'DELIVERED', 'FAILED'] as const) {
        const acceptedAt = new Date(Date.now() - 20_000);
        const record = acceptanceRecord({ receivers: [system], message: { acceptedAt } });
        await store().messages.accept(record);
        await settled(record, state);
      }
      await store().messages.accept(acceptanceRecord({ receivers: [system] }));
      await countAll();
      const { systems } = await nodes()[1].alerts.facts(15);
      const own = systems.find((each) => each.system === system)!;
      expect(own).toMatchObject({ participant: 'c_g878', open: 1, ended: 3, failed: 1, spared: null });
      expect(own.p95).toBeGreaterThan(17);
      expect(own.p95).toBeLessThan(30);
    });

    it('7: knows bytes, causes, systems and latencies', async () => {
      const service = fresh('conti');
      const records = await traffic(service, 8);
      await countAll();
      const range = {
        grain: 'minute',
        from: new Date(Date.now() - HOUR_MS),
        to: new Date(Date.now() + HOUR_MS),
      } as const;
      const query = { ...range, scope: null, services: [service] };
      const rows = await store().statistics.sums({ ...query, by: ['outcome', 'fault', 'system', 'bucket'] });
      const accepted = rows.filter(({ outcome }) => outcome === 'accepted');
      expect(new Set(accepted.map(({ system }) => system))).toEqual(
        new Set(records.map(({ deliveries }) => deliveries[0]!.receiver.system)),
      );
      expect(accepted.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(8 * records[0]!.message.size);
      expect(rows.filter(({ outcome }) => outcome === 'failed').map((row) => row.fault)).toEqual(
        Array(2).fill('receiver-refused'),
      );
      const p50 = percentile(histogramOf(rows.filter(({ outcome }) => outcome === 'delivered')), 0.5)!;
      expect(p50).toBeGreaterThan(80);
      expect(p50).toBeLessThan(60_000);
    });

    it('7: a refused message with names of nothing makes no row of its own', async () => {
      const [service, receiver] = [fresh('inventato'), fresh('nessuno')];
      const rejected = () => store().messages.reject(rejectionRecord({ service, version: 1, receiver }));
      await Promise.all([rejected(), rejected()]);
      await countAll();
      expect(await sums(service)).toEqual({});
      const flows = await store().statistics.knownFlows(['c_i804']);
      expect(flows).toContainEqual(
        expect.objectContaining({ sender: 'c_i804', receiver: '', service: '', version: 0 }),
      );
      expect(flows.filter((flow) => flow.receiver === receiver)).toEqual([]);
    });

    it('7: a scope sees sums of its own only', async () => {
      const service = fresh('conti');
      await traffic(service, 4);
      await countAll();
      expect(await sums(service, 'day', ['c_h166'])).toEqual({});
      for (const code of ['c_i804', 'c_g878'])
        expect(await sums(service, 'day', [code])).toMatchObject({ accepted: 4 });
      expect(await store().statistics.knownFlows(['c_h166'])).toEqual([]);
    });

    it('7: sums stay when contents and records are purged', async () => {
      const service = fresh('conti');
      const acceptedAt = new Date(Date.now() - 40 * 24 * HOUR_MS);
      await store().sweeper.preparePartitions(0, acceptedAt);
      const id = `${firstIdAt(acceptedAt.getTime()).slice(0, 14)}7abc-8def-${fresh('').slice(-12)}`;
      const record = acceptanceRecord({ message: { id, service, acceptedAt } });
      await store().messages.accept(record);
      await settled(record, 'DELIVERED');
      await countAll();
      const parts = { store: store().retention, agreements: () => [], contentDays: 30, recordDays: 30 };
      await createTidy({ ...parts, tell: () => undefined })(new AbortController().signal);
      expect(await store().trace.status(id)).toBeNull();
      const from = new Date(acceptedAt.getTime() - 48 * HOUR_MS);
      const all = { grain: 'day', from, to: new Date(Date.now() + HOUR_MS), scope: null, by: ['outcome'] } as const;
      const rows = await store().statistics.sums({ ...all, services: [service] });
      expect(rows.map(({ outcome, count }) => [outcome, count]).sort()).toEqual([
        ['accepted', 1],
        ['delivered', 1],
      ]);
    });

    it('7: minutes go, hours and days stay', async () => {
      const service = fresh('conti');
      await traffic(service, 4);
      await countAll();
      await store().counting.dropBefore(new Date(Date.now() + HOUR_MS), new Date(0));
      expect(await sums(service, 'minute')).toEqual({});
      expect(await sums(service, 'hour')).toMatchObject({ accepted: 4 });
    });

    it('1: queues are seen by system, agreement and state, and an emptied one is gone in the same minute', async () => {
      const system = fresh('coda');
      const acceptedAt = new Date(Date.now() - 5_000);
      const [waiting, dead] = [1, 2].map(() => acceptanceRecord({ receivers: [system], message: { acceptedAt } }));
      for (const record of [waiting!, dead!]) await store().messages.accept(record);
      await settled(dead!, 'FAILED');
      const seen = async () => {
        await store().counting.sampleQueues();
        const { rows } = (await store().statistics.queues(60_000))!;
        return rows.filter((row) => row.system === system);
      };
      const agreement = 'sulmona-pratola';
      expect(await seen()).toMatchObject([{ agreement, queued: 1, retrying: 0, dead: 1, oldestAt: expect.any(Date) }]);
      await settled(waiting!, 'DELIVERED');
      expect(await seen()).toMatchObject([{ agreement, queued: 0, dead: 1, oldestAt: null }]);
      const series = await store().statistics.queueSeries(new Date(Date.now() - HOUR_MS), { of: null, only: [system] });
      expect(series.at(-1)).toMatchObject({ depth: 0, ageSeconds: 0 });
    });
  });
}
