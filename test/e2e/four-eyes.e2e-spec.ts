import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, TOKENS, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { until } from '../support/until.js';

const run = promisify(execFile);

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly approveBefore: string | null;
  readonly history: readonly { readonly act: string; readonly by: string; readonly reason: string | null }[];
}

interface AuditView {
  readonly event: string;
  readonly operator: string;
  readonly address: string;
  readonly at: string;
}

describe('four eyes and who looked at what, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let data: string;
  let failed: string;

  beforeAll(async () => {
    data = await dataDirectory();
    pratola = await startReceiver();
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_FOUR_EYES: 'jobs',
    });
    failed = await fails();
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (name: OperatorName, path: string, call: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: bearer(name) });
  const turn = (name: OperatorName, id: string, how: string) => as(name, `jobs/${id}/${how}`, { method: 'POST' });
  /** A message that its receiver refuses. */
  const fails = async () => {
    pratola.answerWith((_received, reply) => reply.writeHead(400).end());
    const to = `${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const id = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(gateway.url, id, ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
    return id;
  };
  const propose = async (name: OperatorName, ids: readonly string[]) => {
    const body = { action: 'retry', reason: 'mended', filter: { ids } };
    const answer = await as(name, 'jobs', { body });
    expect([answer.status, answer.json()]).toMatchObject([
      201,
      { state: 'PROPOSED', approveBefore: expect.any(String) },
    ]);
    return answer.json<JobView>().id;
  };
  const audit = async (name: OperatorName, query: string) =>
    (await as(name, `audit?${query}`)).json<{ items: readonly AuditView[] }>().items;

  it('3: a job begins when another operator has approved it, never by who has ordered it', async () => {
    const id = await propose('centre', [failed]);
    const own = await turn('centre', id, 'approve?reason=mine');
    expect(own.json()).toMatchObject({
      status: 403,
      code: 'operator-not-allowed',
      detail: expect.stringContaining('ordered'),
    });
    expect((await turn('centre', id, 'resume')).json()).toMatchObject({ status: 409, code: 'job-state-wrong' });
    for (const name of ['sulmona', 'raiano', 'auditor'] as const)
      expect((await turn(name, id, 'approve')).status).toBe(403);
    expect((await as('auditor', `jobs/${id}`)).json()).toMatchObject({ state: 'PROPOSED', done: 0 });
    expect((await statusWhen(gateway.url, failed, () => true)).state).toBe('PARTIALLY_FAILED');
    const approved = await turn('region', id, 'approve?reason=seen');
    expect([approved.status, approved.json()]).toMatchObject([200, { state: 'RUNNING', approveBefore: null }]);
    await statusWhen(gateway.url, failed, ({ state }) => state === 'COMPLETED');
    expect((await turn('platform', id, 'approve')).json()).toMatchObject({ code: 'job-state-wrong' });
    const { history } = (await as('region', `jobs/${id}`)).json<JobView>();
    expect(history.map(({ act, by, reason }) => [act, by, reason])).toEqual([
      ['created', 'centre', 'mended'],
      ['approved', 'region', 'seen'],
    ]);
    const seen = await audit('auditor', `subject=${id}`);
    expect(seen.map(({ event, operator, address }) => [event, operator, address])).toEqual([
      ['job.approved', 'region', '127.0.0.1'],
      ['job.made', 'centre', '127.0.0.1'],
    ]);
  });

  it('3: a job is rejected with a reason, or withdrawn by who has ordered it, and does nothing then', async () => {
    const again = await fails();
    const id = await propose('centre', [again]);
    expect((await turn('region', id, 'reject')).json()).toMatchObject({ code: 'parameter-wrong', place: 'reason' });
    expect((await turn('centre', id, 'reject?reason=x')).status).toBe(403);
    expect((await turn('region', id, 'reject?reason=not+yet')).json()).toMatchObject({ state: 'REJECTED' });
    expect((await turn('region', id, 'approve')).json()).toMatchObject({ status: 409 });
    const other = await propose('centre', [again]);
    expect((await turn('centre', other, 'cancel?reason=no')).json()).toMatchObject({ state: 'CANCELLED' });
    expect((await turn('region', other, 'approve')).json()).toMatchObject({ status: 409 });
    expect((await statusWhen(gateway.url, again, () => true)).state).toBe('PARTIALLY_FAILED');
    expect((await audit('auditor', `subject=${id}`)).map(({ event }) => event)).toEqual(['job.rejected', 'job.made']);
  });

  it('3: a retry of one message waits for another operator too, and names the job to approve', async () => {
    const again = await fails();
    const retry = (name: OperatorName, query: string) =>
      as(name, `messages/${again}/retry?${query}`, { method: 'POST' });
    for (const name of ['raiano', 'auditor'] as const)
      expect((await retry(name, 'reason=x')).status).toBeGreaterThan(402);
    expect((await retry('centre', '')).json()).toMatchObject({ status: 400, place: 'reason' });
    const asked = await retry('centre', 'reason=mended');
    const job = asked.json<JobView & { readonly total: number }>();
    expect([asked.status, asked.headers['location']]).toEqual([202, `/admin/jobs/${job.id}`]);
    expect(job).toMatchObject({ state: 'PROPOSED', total: 1, approveBefore: expect.any(String) });
    expect((await turn('centre', job.id, 'approve')).json()).toMatchObject({ code: 'operator-not-allowed' });
    expect((await statusWhen(gateway.url, again, () => true)).state).toBe('PARTIALLY_FAILED');
    expect((await turn('region', job.id, 'approve')).status).toBe(200);
    await statusWhen(gateway.url, again, ({ state }) => state === 'COMPLETED');
    expect((await audit('auditor', `subject=${job.id}`)).map(({ event, operator }) => [event, operator])).toEqual([
      ['job.approved', 'region'],
      ['job.made', 'centre'],
    ]);
    // Delivered now: nothing to send anew, unless the order says so.
    expect((await retry('centre', 'reason=more')).json()).toMatchObject({ status: 409, code: 'delivery-state-wrong' });
    const received = pratola.received.length;
    const twice = (await retry('centre', 'reason=lost&again=true')).json<JobView>().id;
    expect(pratola.received).toHaveLength(received);
    await turn('region', twice, 'approve');
    await until(() => pratola.received.length === received + 1);
  });

  it('3: the command approves and rejects', async () => {
    const again = await fails();
    const command = async (...words: readonly string[]) => {
      const options = ['--url', gateway.url, '--token', TOKENS.region];
      return (await run(process.execPath, ['dist/cli/crocevia.js', ...options, 'jobs', ...words])).stdout;
    };
    const rejected = await propose('centre', [again]);
    expect(await command('reject', rejected, '--reason', 'not yet')).toContain('REJECTED');
    expect(await command('approve', await propose('centre', [again]))).toContain('RUNNING');
    await statusWhen(gateway.url, again, ({ state }) => state === 'COMPLETED');
  });

  it('3: every look at contents stands in the audit: who, when, which, from where; none that was refused', async () => {
    const path = `messages/${failed}/content`;
    expect((await as('auditor', path)).status).toBe(403);
    expect((await as('raiano', path)).status).toBe(404);
    expect(await audit('auditor', `event=content.viewed&subject=${failed}`)).toEqual([]);
    for (const name of ['sulmona', 'region'] as const) expect((await as(name, path)).status).toBe(200);
    const seen = await audit('auditor', `event=content.viewed&subject=${failed}`);
    expect(seen.map(({ operator, address }) => [operator, address])).toEqual([
      ['region', '127.0.0.1'],
      ['sulmona', '127.0.0.1'],
    ]);
    for (const { at } of seen) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(120_000);
    expect(await audit('auditor', `event=content.viewed&operator=region`)).toHaveLength(1);
    // An auditor of a body sees what concerns it, nobody else the audit at all.
    expect(await audit('auditor-raiano', 'event=content.viewed')).toEqual([]);
    for (const name of ['region', 'sulmona'] as const) expect((await as(name, 'audit')).status).toBe(403);
  });

  it.each(['event=nothing', 'limit=0', 'before=x'])('3: %s asks for no page of the audit', async (query) => {
    expect((await as('auditor', `audit?${query}`)).json()).toMatchObject({ status: 400, code: 'parameter-wrong' });
  });
});
