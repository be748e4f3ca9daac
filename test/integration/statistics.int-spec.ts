import pg from 'pg';
import { createMapFlows, MOST_FLOWS } from '../../src/statistics/flow-map.js';
import { createListFlows, type FlowPage } from '../../src/statistics/flows.js';
import { createSituate } from '../../src/statistics/situation.js';
import { createQueues } from '../../src/statistics/queues.js';
import { BOUNDS } from '../../src/statistics/latency.js';
import { snapshot } from '../../src/registry/snapshot.js';
import type { Agreement, Participant, System } from '../../src/registry/model.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh } from '../support/ledger-records.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const FLOWS = 2_000;
const BODIES = 50;
/** Of one answer, while the machine does nothing else. */
const LIMIT_MS = 1_000;
const MINUTE_MS = 60_000;

describe('statistics on PostgreSQL', () => {
  let postgres: PrivatePostgres;
  let store: Store;
  let client: pg.Client;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.database('statistics');
    store = await openStore({ databaseUrl: url, dataDir: '', owner: 'statistics' });
    client = new pg.Client({ connectionString: url });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await store.close();
    await postgres.stop();
  }, 60_000);

  const acceptedOf = async (service: string) => {
    const range = { grain: 'day', from: new Date(0), to: new Date(Date.now() + MINUTE_MS) } as const;
    const rows = await store.statistics.sums({ ...range, scope: null, services: [service], by: ['outcome'] });
    return rows.find(({ outcome }) => outcome === 'accepted')?.count ?? 0;
  };

  it('7: a transaction that commits after later numbers were committed is counted too', async () => {
    const service = fresh('conti');
    const late = acceptanceRecord({ message: { service } });
    await store.messages.accept(late);
    const [{ max }] = (await client.query(`SELECT max(seq) FROM journal`)).rows as [{ max: string }];
    await client.query('BEGIN');
    // It holds a number of the journal, and others go past it.
    await client.query(
      `INSERT INTO journal (message_id, event, at, by, detail) VALUES ($1, 'message.accepted', now(), 'late', '{}')`,
      [late.message.id],
    );
    await store.messages.accept(acceptanceRecord({ message: { service } }));
    const { seq, writers } = await store.counting.horizon();
    expect([seq >= Number(max) + 2, writers.length > 0]).toEqual([true, true]);
    expect(await store.counting.areDone(writers)).toBe(false);
    await client.query('COMMIT');
    await until(() => store.counting.areDone(writers));
    while (await store.counting.rollUp(seq));
    expect(await acceptedOf(service)).toBe(3);
  });

  it('7: counts 20,000 messages a few thousand at a time', async () => {
    const service = fresh('conti');
    for (let n = 0; n < 20; n++)
      await Promise.all(
        Array.from({ length: 1_000 }, () =>
          store.messages.accept(acceptanceRecord({ message: { service }, receivers: ['uno'] })),
        ),
      );
    const { seq, writers } = await store.counting.horizon();
    await until(() => store.counting.areDone(writers));
    const began = performance.now();
    while (await store.counting.rollUp(seq));
    const ms = performance.now() - began;
    console.log(`20,000 acceptances counted in ${ms.toFixed(0)} ms`);
    expect(await acceptedOf(service)).toBe(20_000);
    expect(ms).toBeLessThan(20_000);
  }, 120_000);

  describe(`with ${FLOWS} flows`, () => {
    const registry = registryOf(FLOWS);
    const parts = () => ({ statistics: store.statistics, registry: () => registry, now: () => new Date() });

    beforeAll(async () => {
      await client.query(fillFlows(FLOWS));
      for (const grain of ['minute', 'hour', 'day'])
        await client.query(fillStatistics(grain, grain === 'minute' ? 60 : grain === 'hour' ? 24 : 30));
      await client.query(fillSamples());
      await client.query('ANALYZE');
    }, 300_000);

    async function timed<T>(what: string, ask: () => Promise<T>): Promise<T> {
      await ask();
      const began = performance.now();
      const answer = await ask();
      const ms = performance.now() - began;
      console.log(`${what} with ${FLOWS} flows: ${ms.toFixed(0)} ms`);
      expect(ms).toBeLessThan(LIMIT_MS);
      return answer;
    }

    it('2: a page of flows is answered quickly', async () => {
      const list = createListFlows(parts());
      const page = (period: '1h' | '24h' | '30d', limit: number) => list({ period, limit }, null);
      for (const period of ['1h', '24h', '30d'] as const) {
        const { items, total } = await timed<FlowPage>(`50 flows, ${period}`, () => page(period, 50));
        expect([items.length, total]).toEqual([50, FLOWS]);
        expect(items.every(({ counts, p95 }) => counts.accepted > 0 && p95 !== null)).toBe(true);
      }
      const { items } = await timed<FlowPage>('500 flows, 24h', () => page('24h', 500));
      expect(items).toHaveLength(500);
    }, 120_000);

    it('3. the map shows the busiest flows and says how many it leaves out', async () => {
      const map = createMapFlows(parts());
      for (const period of ['1h', '24h', '30d'] as const) {
        const { flows, left, names } = await timed(`map, ${period}`, () => map({ period }, null));
        expect([flows.length, flows.length + left]).toEqual([MOST_FLOWS, FLOWS]);
        expect(flows.map(({ count }) => count)).toEqual(flows.map(({ count }) => count).toSorted((a, b) => b - a));
        expect(Object.keys(names)).toContain(flows[0]?.sender);
      }
      const { flows } = await map({ period: '1h', entity: 'c_7' }, ['c_7']);
      expect(flows.length).toBeGreaterThan(0);
      expect(flows.every(({ sender, receiver }) => [sender, receiver].includes('c_7'))).toBe(true);
    }, 60_000);

    it('2: filters go through all of them', async () => {
      const list = createListFlows(parts());
      const query = { period: '1h', limit: 50, text: 'servizio-7', entity: 'c_7' } as const;
      const { items } = await timed('text and entity', () => list(query, null));
      expect(items.length).toBeGreaterThan(0);
      expect(items.every(({ sender, receiver }) => [sender, receiver].includes('c_7'))).toBe(true);
    }, 60_000);

    it('1, 5: situation and queues are answered quickly', async () => {
      const queues = createQueues(parts());
      const situate = createSituate({ ...parts(), queues, certificates: () => [] });
      for (const period of ['1h', '24h'] as const) {
        const { totals } = await timed(`situation, ${period}`, () => situate({ period }, null));
        expect(totals.accepted).toBeGreaterThan(FLOWS);
      }
      const { items } = await timed('queues', () => queues.list({ limit: 500 }, null));
      expect(items).toHaveLength(BODIES);
    }, 120_000);
  });
});

/** Bodies c_0 ... that all send to their followers. */
function registryOf(flows: number) {
  const participants = Array.from({ length: BODIES }, (_, n) => ({
    id: `c_${n}`,
    name: `Comune ${n}`,
    kind: 'municipality',
    parent: null,
  })) as Participant[];
  const systems = participants.map(({ id }) => ({
    id: `${id}.sistema`,
    participant: id,
    credentials: [],
    provides: Array.from({ length: flows / BODIES }, (_, n) => ({
      service: `servizio-${n}`,
      version: 1,
      endpoint: null,
    })),
    receives: { channel: 'box', concurrency: 4 },
    receiptsTo: null,
    callbacks: [],
    paused: false,
  })) as unknown as System[];
  const agreements = Array.from({ length: flows }, (_, n) => ({
    id: `accordo-${String(n).padStart(5, '0')}`,
    consumer: `c_${n % BODIES}`,
    provider: `c_${(n + 1) % BODIES}`,
    service: `servizio-${Math.floor(n / BODIES)}`,
    version: 1,
    status: 'active',
    validFrom: null,
    validUntil: null,
  })) as unknown as Agreement[];
  return snapshot({ revision: '1', participants, systems, services: [], agreements, operators: [], issuers: [] });
}

const fillFlows = (flows: number) => `
INSERT INTO statistic_flow (sender, receiver, system, service, version, last_at)
SELECT 'c_' || n % ${BODIES}, 'c_' || (n + 1) % ${BODIES}, 'c_' || (n + 1) % ${BODIES} || '.sistema', 'servizio-' || n / ${BODIES}, 1, now()
FROM generate_series(0, ${flows - 1}) n`;

/** Every flow in every step: accepted, delivered in three buckets, failed. */
const fillStatistics = (grain: string, steps: number) => `
INSERT INTO statistic (grain, at, flow, outcome, fault, bucket, count, bytes)
SELECT '${grain}', date_trunc('${grain}', now(), 'UTC') - step * interval '1 ${grain}', f.id, o.outcome, '', o.bucket, 7, 7000
FROM statistic_flow f, generate_series(0, ${steps - 1}) step,
  (VALUES ('accepted', -1), ('delivered', 12), ('delivered', 20), ('delivered', ${BOUNDS.length - 50}), ('failed', -1)) o(outcome, bucket)
WHERE f.service LIKE 'servizio-%'`;

const fillSamples = () => `
INSERT INTO queue_sample (at, system, agreement, sampled_at, queued, delivering, available, retrying, suspended, dead)
SELECT date_trunc('minute', now()) - minute * interval '1 minute', system, agreement, now() - minute * interval '1 minute', 5, 1, 2, 3, 0, 1
FROM generate_series(0, 359) minute, (SELECT '' AS system, '' AS agreement UNION ALL
  SELECT 'c_' || (n + 1) % ${BODIES} || '.sistema', 'accordo-' || lpad(n::text, 5, '0') FROM generate_series(0, ${FLOWS - 1}, 10) n) q`;
