import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { AcceptanceRecord } from '../../src/acceptance/ports.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord, until } from '../support/ledger-records.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { acceptanceCases } from './store-acceptance.js';
import { alertCases } from './store-alerts.js';
import { allowanceCases } from './store-allowances.js';
import { boxCases } from './store-box.js';
import { correctionCases } from './store-corrections.js';
import { deliveryCases } from './store-delivery.js';
import { dispatchLifecycleCases } from './store-dispatch-lifecycle.js';
import { exchangeCases } from './store-exchanges.js';
import { logInCases } from './store-log-in.js';
import { filterCases } from './store-filters.js';
import { jobCases } from './store-jobs.js';
import { maintenanceCases } from './store-maintenance.js';
import { scheduleCases } from './store-schedules.js';
import { searchCases } from './store-search.js';
import { turnCases } from './store-turns.js';
import { oauthCases } from './store-oauth.js';
import { orderCases } from './store-order.js';
import { orderLifecycleCases } from './store-order-lifecycle.js';
import { lifecycleCases } from './store-lifecycle.js';
import { queryCases } from './store-queries.js';
import { retentionCases } from './store-retention.js';
import { statisticsCases } from './store-statistics.js';
import { registryCases } from './store-registry.js';

const MINUTE = 60_000;
const server = (databaseUrl: string, poolSize = 10) =>
  openStore({ databaseUrl, dataDir: '', owner: 'conformance', poolSize });
const embedded = (dataDir: string) => openStore({ databaseUrl: null, dataDir, owner: 'conformance' });

function everyCase(open: () => Promise<readonly [Store, Store]>): void {
  let nodes: readonly [Store, Store];
  beforeAll(async () => (nodes = await open()), MINUTE);
  afterAll(() => Promise.all(nodes.map((node) => node.close())), MINUTE);
  acceptanceCases(() => nodes);
  deliveryCases(() => nodes);
  correctionCases(() => nodes);
  scheduleCases(() => nodes);
  maintenanceCases(() => nodes);
  alertCases(() => nodes);
  boxCases(() => nodes);
  queryCases(() => nodes);
  exchangeCases(() => nodes);
  registryCases(() => nodes);
  searchCases(() => nodes);
  jobCases(() => nodes);
  logInCases(() => nodes);
  filterCases(() => nodes);
  orderCases(() => nodes);
  turnCases(() => nodes);
  lifecycleCases(() => nodes);
  orderLifecycleCases(() => nodes);
  dispatchLifecycleCases(() => nodes);
  allowanceCases(() => nodes);
  retentionCases(() => nodes);
  oauthCases(() => nodes);
  statisticsCases(() => nodes);
  it('11: has tables that fit the entities', async () => {
    await nodes[0].ping();
    expect(await nodes[0].schemaDrift()).toEqual([]);
  });
}

describe('ledger on PostgreSQL', () => {
  let postgres: PrivatePostgres;
  beforeAll(async () => void (postgres = await startPostgres()), MINUTE);
  afterAll(() => postgres.stop(), MINUTE);

  describe('two nodes that start together', () =>
    everyCase(async () => {
      const url = await postgres.database('nodes');
      return Promise.all([server(url), server(url)]);
    }));

  describe('a pool of one connection', () =>
    everyCase(async () => {
      const node = await server(await postgres.database('narrow'), 1);
      return [node, node];
    }));

  it('11: says how tables and entities have drifted apart', async () => {
    const url = await postgres.database('drifted');
    const store = await server(url);
    await asAdministrator(url, 'DROP INDEX message_by_correlation_id; ALTER TABLE lease ADD COLUMN extra int');
    const drift = await store.schemaDrift();
    await store.close();
    expect(drift.join('\n')).toMatch(/message_by_correlation_id[^]*extra|extra[^]*message_by_correlation_id/);
  });

  it('6: puts the rows of a message into the partitions of its day', async () => {
    const url = await postgres.database('days');
    const store = await server(url);
    const record = acceptanceRecord();
    await store.messages.accept(record);
    const day = record.message.acceptedAt.toISOString().slice(0, 10).replaceAll('-', '');
    const rows = await asAdministrator(
      url,
      `SELECT tableoid::regclass::text AS name FROM message UNION ALL SELECT tableoid::regclass::text FROM payload
       UNION ALL SELECT tableoid::regclass::text FROM delivery UNION ALL SELECT tableoid::regclass::text FROM journal`,
    );
    await store.close();
    const names = ['message', 'payload', 'delivery', 'journal'].map((table) => ({ name: `${table}_${day}` }));
    expect(rows).toEqual(names);
  });

  it(
    '6: loses nothing that it accepted when the server is killed, and comes back by itself',
    async () => {
      const store = await server(await postgres.database('killed'));
      const { accepted, refusals } = await acceptUntilKilled(store, () => postgres.kill9());
      await postgres.restart();
      await until(() =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
      expect(accepted.length).toBeGreaterThan(200);
      expect(new Set(refusals.map((error) => (error as { code?: string }).code))).toEqual(
        new Set(['store-unavailable']),
      );
      for (const { message, content } of accepted) {
        expect((await store.trace.status(message.id))?.deliveries).toHaveLength(1);
        expect(await store.ledger.content(message.id)).toEqual(content);
      }
      const { message } = accepted[0]!;
      const again = await store.messages.accept(acceptanceRecord({ message: { ...message, id: uuid() } }));
      expect(again.kind).toBe('duplicate');
      await store.close();
    },
    2 * MINUTE,
  );
});

describe('ledger on PGlite', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'crocevia-store-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describe('one process', () =>
    everyCase(async () => {
      const node = await embedded(join(directory, 'one'));
      return [node, node];
    }));

  it(
    '11: refuses a second start on one directory, also the same process, until the first has ended',
    async () => {
      const data = join(directory, 'd'.repeat(120), 'shared');
      const { child, id } = await startHolder(data);
      const refusal = { name: 'DirectoryInUse', directory: data, pid: child.pid };
      await expect(embedded(data)).rejects.toMatchObject(refusal);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = await embedded(data);
      expect(await store.trace.status(id)).toMatchObject({ state: 'COMPLETED' });
      await expect(embedded(data)).rejects.toMatchObject({ ...refusal, pid: process.pid });
      await store.close();
      await (await embedded(data)).close();
    },
    2 * MINUTE,
  );
});

async function asAdministrator(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

/** 32 senders go on until their first refusal; the server is killed in the middle. */
async function acceptUntilKilled(
  store: Store,
  kill: () => Promise<void>,
): Promise<{ accepted: AcceptanceRecord[]; refusals: unknown[] }> {
  const accepted: AcceptanceRecord[] = [];
  const refusals: unknown[] = [];
  let killed: Promise<void> | null = null;
  const sender = async () => {
    while (refusals.length < 32) {
      const record = acceptanceRecord();
      try {
        await store.messages.accept(record);
      } catch (error) {
        refusals.push(error);
        return;
      }
      accepted.push(record);
      if (accepted.length > 200) killed ??= kill();
    }
  };
  await Promise.all(Array.from({ length: 32 }, sender));
  await killed;
  return { accepted, refusals };
}

/** A process of its own that opens the directory and accepts one message. */
async function startHolder(data: string): Promise<{ child: ChildProcess; id: string }> {
  const child = fork('test/support/ledger-holder.mjs', [data], { execArgv: [] });
  const [id] = (await once(child, 'message')) as [string];
  return { child, id };
}
