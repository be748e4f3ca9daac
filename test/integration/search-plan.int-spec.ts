import pg from 'pg';
import { openStore, type Store } from '../../src/store/open-store.js';
import { firstIdAt } from '../../src/store/partitions.js';
import { SEARCHING } from '../../src/store/server.js';
import { searchSql } from '../../src/store/search-sql.js';
import type { MessageFilter } from '../../src/trace/ports.js';
import { dayName, fillDay, fillSearchKey, HASHED_EVERY, namesOf, RARE, SMALL } from '../support/many-messages.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const DAYS = 20;
const PER_DAY = 10_000;
/** Rows that one look may touch for a page of 50, of 200,000. */
const FEW = 6_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const BUDGET = { limit: 50, budgetMs: 60_000 };

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

const nodes = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
const isScan = (plan: Plan) => /Scan$/.test(plan['Node Type']) && (plan.Plans ?? []).length === 0;
/** Rows that the scans have read. */
const read = (plan: Plan) =>
  nodes(plan)
    .filter(isScan)
    .reduce((sum, one) => {
      const removed = (one['Rows Removed by Filter'] ?? 0) + (one['Rows Removed by Index Recheck'] ?? 0);
      return sum + (one['Actual Rows'] + removed) * one['Actual Loops'];
    }, 0);

describe('search of messages among 200,000', () => {
  let postgres: PrivatePostgres;
  let store: Store;
  let client: pg.Client;
  const find = (filter: MessageFilter, before?: string) =>
    store.messageSearch.find(filter, { ...BUDGET, ...(before && { before }) });

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.database('search');
    store = await openStore({ databaseUrl: url, dataDir: '', owner: 'plan' });
    client = new pg.Client({ connectionString: url, options: SEARCHING });
    await client.connect();
    for (const table of ['message', 'delivery', 'business_key'])
      await client.query(`DROP TABLE ${table}_${dayName(0)}`);
    await fillSearchKey(client);
    for (let day = DAYS - 1; day >= 0; day--) await fillDay(client, day, PER_DAY);
  }, 300_000);

  afterAll(async () => {
    await client.end();
    await store.close();
    await postgres.stop();
  }, 60_000);

  /** Of the whole ledger at once, which no search asks for: what is rare must be found by an index even so. */
  const planOf = async (filter: MessageFilter, from = FIRST_ID) => {
    const reach = {
      from,
      to: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
      ids: null,
      limit: 50,
    };
    const { text, values } = searchSql(filter, reach);
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values as unknown[],
    );
    return rows[0]!['QUERY PLAN'][0]!.Plan;
  };

  const small = { participant: SMALL };
  it.each<[string, MessageFilter]>([
    ['newest', {}],
    ['scope with few', { participants: [SMALL] }],
    ['sender with few', { sender: small }],
    ['receiver with few', { receiver: small }],
    ['frequent sender', { sender: { participant: 'c_0' } }],
    ['service', { service: 'Anagrafe' }],
    ['rare service', { service: RARE.service }],
    ['rare protocol', { protocol: RARE.protocol }],
    ['refused', { state: 'REJECTED' }],
    ['failed', { state: 'PARTIALLY_FAILED' }],
    ['not ended', { state: 'ACCEPTED' }],
    ['rare cause', { fault: RARE.fault }],
    ['cause of deliveries', { fault: 'receiver-refused' }],
    ['six tries', { attempts: 6 }],
    ['scope with few, refused', { participants: [SMALL], state: 'REJECTED' }],
    ['scope with few, rare service', { participants: [SMALL], service: RARE.service }],
    ['sender, receiver with few', { sender: { participant: 'c_0' }, receiver: small }],
  ])('4. %s is found by an index, and few rows are read', async (_name, filter) => {
    const plan = await planOf(filter);
    const scans = nodes(plan).filter(isScan);
    const sequential = scans.filter((one) => one['Node Type'] === 'Seq Scan' && one['Actual Rows'] > 0);
    expect(sequential.map((one) => one['Actual Rows'])).toEqual([]);
    expect(read(plan)).toBeLessThan(FEW);
  });

  it('4. the newest of a scope with many are found in the last hours, which is as far as is looked', async () => {
    const hours = new Date(Date.now() - 6 * 3_600_000);
    const plan = await planOf({ participants: ['c_0', 'c_1', 'c_2', 'c_3'] }, firstIdAt(hours.getTime()));
    expect(read(plan)).toBeLessThan(FEW);
    expect((await find({ participants: ['c_0', 'c_1', 'c_2', 'c_3'] })).items).toHaveLength(50);
  });

  it('4. every page is what a plain reading of the ledger gives, page after page', async () => {
    const filter: MessageFilter = { participants: [SMALL], state: 'COMPLETED' };
    const { rows } = await client.query<{ id: string }>(
      `SELECT m.id FROM message m JOIN delivery d ON d.message_id = m.id
       WHERE m.state = 'COMPLETED' AND $1 IN (m.sender_participant, d.receiver_participant) ORDER BY 1 DESC`,
      [SMALL],
    );
    const found: string[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await store.messageSearch.find(filter, { limit: 3, budgetMs: 60_000, ...(before && { before }) });
      found.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      before = page.next;
    }
    expect(found.length).toBeGreaterThan(3);
    expect(found).toEqual(rows.map(({ id }) => id));
  });

  it.each([0, 7])(
    '4. a search whose %s ms are over tells how far it has come, and goes on from there',
    async (budgetMs) => {
      const filter = { fault: RARE.fault, from: new Date(Date.now() - 3 * 86_400_000) };
      const all = (await find(filter)).items.map(({ id }) => id);
      const found: string[] = [];
      let before: string | undefined;
      let parts = 0;
      for (; parts < 1_000; parts++) {
        const page = await store.messageSearch.find(filter, { limit: 50, budgetMs, ...(before && { before }) });
        found.push(...page.items.map(({ id }) => id));
        if (page.next === null) break;
        expect(page.searchedTo).toBeInstanceOf(Date);
        before = page.next;
      }
      if (budgetMs === 0) expect(parts).toBeGreaterThan(10);
      expect(all.length).toBeGreaterThan(0);
      expect(found).toEqual(all);
    },
  );

  it('4. one box finds by every name, the hashed one too', async () => {
    const day = dayName(7);
    const names = namesOf(day, 3 * HASHED_EVERY);
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM message WHERE message_id = $1`, [
      names.messageId,
    ]);
    const [{ id }] = rows as [{ id: string }];
    for (const text of [id, names.messageId, names.dossier.toLowerCase()])
      expect([text, (await find({ text })).items.map((row) => row.id)]).toEqual([text, [id]]);
    expect((await find({ text: names.correlationId })).items).toHaveLength(3);
    const numbered = namesOf(day, 18).protocolNumber;
    expect((await find({ text: `${day} / 18` })).items.flatMap((row) => row.businessKeys)).toContainEqual({
      name: 'numero',
      value: numbered,
    });
  });
});
