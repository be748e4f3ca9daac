import pg from 'pg';
import { openStore, type Store } from '../../src/store/open-store.js';
import { fill } from '../support/many-deliveries.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const WAITING = 100_000;
const OTHERS = 50;
/** Of what a sweep may cost while so many wait; a plan that reads them all takes twice as long and more. */
const LIMIT_MS = 60;
const SWEEPS = 12;

const ORDER = { limit: 500, window: 32, reserveMs: 60_000, systems: new Map() };
const ALL_FAILED = `UPDATE delivery SET state = 'WAITING_RETRY', next_attempt_at = now(), lease_until = NULL`;

/** Milliseconds of the median of some runs, printed with its worst. */
async function timed(what: string, run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const [middle = NaN, worst = NaN] = [sorted[SWEEPS / 2], sorted.at(-1)];
  console.log(`${what} with ${WAITING}: median ${middle.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`);
  return middle;
}

describe('what waits for one system', () => {
  let postgres: PrivatePostgres;
  let store: Store;
  let client: pg.Client;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.database('waiting');
    store = await openStore({ databaseUrl: url, dataDir: '', owner: 'plan', poolSize: 1 });
    // Its plan is made while nothing is there, and must do when it is full.
    await store.outbox.takeUnpublished(ORDER);
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(fill(WAITING, `'burst'`));
    await client.query(fill(OTHERS, `'other-' || n`));
    await client.query('ANALYZE');
  }, 300_000);

  afterAll(async () => {
    await client.end();
    await store.close();
    await postgres.stop();
  }, 60_000);

  it('4: is taken from quickly while 100,000 wait, and every sender has its turn', async () => {
    const senders = new Set<string>();
    const middle = await timed('take', async () => {
      const { items } = await store.outbox.takeUnpublished(ORDER);
      expect(items).toHaveLength(32);
      for (const { message } of items) senders.add(message.sender.system);
    });
    expect(senders.size).toBe(OTHERS + 1);
    expect(middle).toBeLessThan(LIMIT_MS);
  }, 300_000);

  it('1: is queued again quickly where 100,000 are due at once', async () => {
    await client.query(ALL_FAILED);
    await client.query('VACUUM ANALYZE delivery');
    const middle = await timed('requeue of 500', async () => {
      expect(await store.sweeper.requeueDue(500)).toBe(500);
    });
    expect(middle).toBeLessThan(LIMIT_MS);
  }, 300_000);
});
