import pg from 'pg';
import { http, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { startMailSink, type MailSink, type SunkMail } from '../support/mail-sink.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

interface Schedule {
  readonly id: string;
  readonly owner: string;
  readonly nextAt: string;
  readonly sentAt: string | null;
  readonly error: string | null;
}

const ORDER = { kind: 'volumes', by: 'participant', format: 'csv', every: 'week', to: ['segreteria@comune.example'] };

describe('7. reports by mail, two nodes', () => {
  let ground: Ground;
  let mail: MailSink;
  let nodes: readonly RunningGateway[];
  let database: pg.Client;

  beforeAll(async () => {
    [ground, mail] = await Promise.all([standard(), startMailSink()]);
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    const env = {
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_SMTP_URL: mail.url,
      CROCEVIA_ALERT_FROM: 'porta@crocevia.example',
      CROCEVIA_ALERT_TO: 'turno@crocevia.example',
    };
    nodes = await Promise.all([startGateway(env), startGateway(env)]);
    database = new pg.Client({ connectionString: ground.env['DATABASE_URL'] });
    await database.connect();
    for (const [key, receiver] of [
      ['sulmona', 'c_h007'],
      ['sulmona', 'r_abruzz'],
    ] as const)
      await http(`${nodes[0]!.url}/rest/${receiver}/v1/VariazioneAnagrafica/notifiche`, {
        key: KEYS[key],
        body: noticeJson(receiver),
      });
    // Both messages: what is counted after the next step would stay in this week.
    await until(async () => {
      const counted = `SELECT sum(count)::int AS n FROM statistic WHERE grain = 'day' AND outcome = 'accepted'`;
      return (await database.query<{ n: number | null }>(counted)).rows[0]!.n === 2;
    });
    // As if it had been counted some days ago, in the last week that is whole.
    await database.query(`UPDATE statistic SET at = at - interval '7 days' WHERE grain = 'day'`);
  }, 150_000);

  afterAll(async () => {
    await database.end();
    expect(await Promise.all(nodes.map((node) => node.stop()))).toEqual([0, 0]);
    await Promise.all([ground.stop(), mail.stop()]);
  }, 60_000);

  const door = (path = '', as: OperatorName = 'platform', call: HttpCall = {}) =>
    http(`${nodes[0]!.url}/admin/report-schedules${path}`, { ...call, headers: bearer(as) });
  const order = async (change: object = {}, as: OperatorName = 'platform') =>
    door('', as, { method: 'POST', body: { ...ORDER, ...change } });
  const schedules = async (as: OperatorName = 'platform') => (await door('', as)).json<{ items: Schedule[] }>().items;
  const attached = ({ text }: SunkMail) =>
    Buffer.from(/base64[^]*?\r\n\r\n([^]*?)\r\n--/.exec(text)?.[1] ?? '', 'base64').toString();
  const due = (id: string) => database.query(`UPDATE report_schedule SET next_at = now() WHERE id = $1`, [id]);

  it('7. sends the report of the last whole week once, to its addresses, and is due again', async () => {
    const made = (await order()).json<Schedule>();
    expect(new Date(made.nextAt).getUTCDay()).toBe(1);
    await due(made.id);
    const sent = await mail.next(({ subject }) => subject.includes('volumes by participant'));
    expect([sent.from, sent.to]).toEqual(['porta@crocevia.example', ORDER.to]);
    expect(attached(sent)).toContain('c_i804,Comune di Sulmona,sender,2');
    await until(async () => (await schedules())[0]!.sentAt !== null);
    expect((await schedules())[0]).toMatchObject({ id: made.id, nextAt: made.nextAt, error: null });
    expect(mail.mails.filter(({ subject }) => subject.includes('volumes'))).toHaveLength(1);
    expect((await door(`/${made.id}`, 'platform', { method: 'DELETE' })).status).toBe(204);
  }, 60_000);

  it('7. a report has the scope of its operator; others do not see the schedule, and an auditor may make none', async () => {
    const made = (await order({ to: ['raiano@comune.example'] }, 'raiano')).json<Schedule>();
    expect((await door(`/${made.id}/send`, 'raiano', { method: 'POST' })).status).toBe(200);
    const sent = await mail.next(({ to }) => to.includes('raiano@comune.example'));
    expect(attached(sent)).not.toMatch(/c_i804|c_h007|r_abruzz/);
    // Nobody's mailbox is filled at an operator's word.
    const again = await door(`/${made.id}/send`, 'raiano', { method: 'POST' });
    expect([again.status, again.json<{ code: string }>().code]).toEqual([409, 'report-schedule-limit']);
    expect(await schedules('sulmona')).toEqual([]);
    expect((await schedules()).map(({ owner }) => owner)).toEqual(['raiano']);
    for (const [path, method] of [
      [`/${made.id}`, 'DELETE'],
      [`/${made.id}/send`, 'POST'],
    ] as const) {
      const answer = await door(path, 'sulmona', { method });
      expect([answer.status, answer.json<{ code: string }>().code]).toEqual([404, 'report-schedule-unknown']);
    }
    expect((await order({}, 'auditor')).status).toBe(403);
  });

  it('7. says what is wrong with an order, and how many there may be', async () => {
    for (const [change, place] of [
      [{ to: [] }, 'to'],
      [{ to: ['nobody'] }, 'to.0'],
      [{ every: 'hour' }, 'every'],
      [{ secret: 1 }, 'secret'],
    ] as const) {
      const answer = await order(change);
      expect([answer.status, answer.json<{ place: string }>().place]).toEqual([400, place]);
    }
    for (let n = 0; n < 20; n++) expect((await order({}, 'sulmona')).status).toBe(201);
    const over = await order({}, 'sulmona');
    expect([over.status, over.json<{ code: string }>().code]).toEqual([409, 'report-schedule-limit']);
  });

  it('7. what no mail server takes is told, kept, and tried again', async () => {
    const made = (await order({ to: ['raiano@comune.example'] }, 'raiano')).json<Schedule>();
    const now = async () => (await schedules('raiano')).find(({ id }) => id === made.id);
    await mail.stop();
    const answer = await door(`/${made.id}/send`, 'raiano', { method: 'POST' });
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([502, 'mail-not-taken']);
    await due(made.id);
    await until(async () => (await now())!.error !== null);
    const before = await database.query<{ next_at: Date }>(`SELECT next_at FROM report_schedule WHERE id = $1`, [
      made.id,
    ]);
    expect(before.rows[0]!.next_at.getTime()).toBeLessThan(Date.now());
  }, 60_000);
});
