import pg from 'pg';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { http } from '../support/client.js';
import { sendMany } from '../support/load.js';
import {
  answerWhen,
  pagesOf,
  replayStage,
  type DeliveryView,
  type ItemView,
  type JobView,
  type ReplayStage,
} from '../support/replay-stage.js';
import { standard, type Ground } from '../support/shapes.js';

const MANY = 400;
const NODES = ['nodo-a', 'nodo-b'] as const;

describe('a job whose node is killed, standard', () => {
  let ground: Ground;
  let stage: ReplayStage;
  let other: RunningGateway;

  beforeAll(async () => {
    ground = await standard();
    const named = (name: string) => ({ ...ground, env: { ...ground.env, CROCEVIA_NODE: name } });
    stage = await replayStage(named(NODES[0]));
    other = await startGateway({ ...stage.env, CROCEVIA_NODE: NODES[1] });
  }, 120_000);

  afterAll(async () => {
    await stage.stop();
    await ground.stop();
  }, 60_000);

  /** The node that holds the lease of jobs. */
  const runner = async () => {
    const client = new pg.Client({ connectionString: ground.env['DATABASE_URL'] });
    await client.connect();
    const { rows } = await client.query<{ owner: string }>(`SELECT owner FROM lease WHERE name = 'jobs'`);
    await client.end();
    return rows[0]!.owner;
  };
  const retriesOf = async (messageId: string) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const told = await http(`${stage.gateway.url}/admin/messages/${messageId}/timeline`, { headers });
    const { entries } = told.json<{ entries: readonly { event: string; job?: string }[] }>();
    return entries.filter(({ event }) => event === 'delivery.retried').map(({ job }) => job);
  };

  it('5: is taken over by another node that lives, and each item is done once', async () => {
    stage.regione.answerWith((_, reply) => void reply.writeHead(400).end());
    const { ids } = await sendMany(stage.gateway.url, MANY, 8);
    await answerWhen<{ counted: number }>(stage, 'dead-letters', ({ counted }) => counted === MANY, 120_000);
    stage.regione.answerWith((_, reply) => void reply.writeHead(200).end());
    const order = { action: 'retry', reason: 'it is back', filter: { receiver: 'regione.anagrafe' }, rate: 40 };
    const job = (await stage.admin('POST', 'jobs', order)).json<JobView>();
    await answerWhen<JobView>(stage, `jobs/${job.id}`, ({ done }) => done >= 40);

    const doomed = await runner();
    expect(NODES).toContain(doomed);
    const [dead, alive] = doomed === NODES[0] ? [stage.gateway, other] : [other, stage.gateway];
    await dead.kill9();
    stage.gateway = alive;
    const left = (await stage.admin('GET', `jobs/${job.id}`)).json<JobView>();
    expect([left.state, left.done < MANY]).toEqual(['RUNNING', true]);

    const after = await answerWhen<JobView>(stage, `jobs/${job.id}`, ({ state }) => state === 'DONE', 120_000);
    expect(after).toMatchObject({ total: MANY, done: MANY, skipped: 0, failed: 0 });
    expect(await runner()).toBe(NODES.find((name) => name !== doomed));
    const items = await pagesOf<ItemView>(stage, `jobs/${job.id}/items`, 'cursor');
    expect(new Set(items.map(({ messageId }) => messageId))).toEqual(new Set(ids));
    expect(items.map(({ n, result }) => [n, result])).toEqual(ids.map((_, at) => [at + 1, 'done']));
    for (const id of ids) expect([id, await retriesOf(id)]).toEqual([id, [job.id]]);
    await answerWhen<{ counted: number }>(stage, 'dead-letters', ({ counted }) => counted === 0, 60_000);
    const delivered = await pagesOf<DeliveryView>(stage, 'deliveries?state=DELIVERED', 'before');
    expect(delivered.length).toBeGreaterThan(0);
  }, 300_000);
});
