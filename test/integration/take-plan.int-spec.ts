import pg from 'pg';
import { openStore } from '../../src/store/open-store.js';
import { fill } from '../support/many-deliveries.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const WAITING = 100_000;
const OTHERS = 50;
/** Of what a sweep may cost while so many wait; a plan that reads them all takes several times as long. */
const LIMIT_MS = 250;

describe('what waits for one system', () => {
  let postgres: PrivatePostgres;
  beforeAll(async () => void (postgres = await startPostgres()), 60_000);
  afterAll(() => postgres.stop(), 60_000);

  it('4: is taken from quickly while 100,000 wait, and every sender has its turn', async () => {
    const url = await postgres.database('waiting');
    const store = await openStore({ databaseUrl: url, dataDir: '', owner: 'plan', poolSize: 1 });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(fill(WAITING, `'burst'`));
    await client.query(fill(OTHERS, `'other-' || n`));
    await client.query('ANALYZE');
    await client.end();
    const order = { limit: 500, window: 32, olderThanMs: 2_000, reserveMs: 60_000, systems: new Map() };
    const times: number[] = [];
    const senders = new Set<string>();
    for (let sweep = 0; sweep < 12; sweep++) {
      const start = performance.now();
      const { items } = await store.outbox.takeUnpublished(order);
      times.push(performance.now() - start);
      expect(items).toHaveLength(32);
      for (const { message } of items) senders.add(message.sender.system);
    }
    await store.close();
    const sorted = times.toSorted((a, b) => a - b);
    console.log(`take with ${WAITING} waiting: median ${sorted[6]!.toFixed(1)} ms, worst ${sorted[11]!.toFixed(1)} ms`);
    expect(senders.size).toBe(OTHERS + 1);
    expect(sorted[6]).toBeLessThan(LIMIT_MS);
  }, 600_000);
});
