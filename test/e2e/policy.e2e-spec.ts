import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { request } from 'undici';
import { http, idOf } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, TOKENS, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { DOORS, LETTERS, SCOPED } from './policy-table.js';

const NAMES = Object.keys(TOKENS) as OperatorName[];
const mayCall = (name: OperatorName, door: string) =>
  ['open', 'itself'].includes(DOORS[door]!) || DOORS[door]!.includes(LETTERS[name]);

describe('roles x scope x doors, embedded', () => {
  let gateway: RunningGateway;
  let data: string;
  const ids = { MESSAGE: '', JOB: '' };

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
    const to = `${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    ids.MESSAGE = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    const body = { action: 'retry', reason: 'of the test', filter: { ids: [ids.MESSAGE] } };
    const job = await http(`${gateway.url}/admin/jobs`, { headers: bearer('centre'), body });
    ids.JOB = job.json<{ id: string }>().id;
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  /** The status and, where it is short, the text of an answer; a stream is not waited for. */
  const call = async (door: string, path: string, headers: Record<string, string>, body?: object) => {
    const method = door.split(' ')[0] as 'GET' | 'POST';
    const reply = await request(`${gateway.url}${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    });
    const isStream = reply.statusCode === 200 && path === '/admin/events';
    if (isStream) reply.body.on('error', () => undefined).destroy();
    return { status: reply.statusCode, text: isStream ? '' : await reply.body.text() };
  };
  const anyPath = (door: string) =>
    door
      .split(' ')[1]!
      .replace('{kind}', 'participant')
      .replace('{version}', '1')
      .replaceAll(/\{\w+\}/g, 'nothing');

  it('3: every door of the application is in the table', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/admin-routes.mjs']);
    const routes = JSON.parse(stdout) as readonly { method: string; path: string }[];
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(Object.keys(DOORS).toSorted());
    const { paths } = (await http(`${gateway.url}/admin/openapi.json`)).json<{ paths: Record<string, object> }>();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const door of described.filter((one) => one.includes(' /admin/'))) expect(Object.keys(DOORS)).toContain(door);
  });

  it.each(Object.keys(DOORS).filter((door) => DOORS[door] !== 'open'))('3: %s: each role, and nobody', async (door) => {
    expect((await call(door, anyPath(door), {})).status).toBe(401);
    for (const name of NAMES) {
      const { status, text } = await call(door, anyPath(door), bearer(name));
      const isDenied = status === 403 && /"operator-not-allowed"/.test(text) && /has the role/.test(text);
      expect([name, status === 401, isDenied]).toEqual([name, false, !mayCall(name, door)]);
    }
  });

  it.each(Object.keys(DOORS).filter((door) => DOORS[door] === 'open'))('3: %s is open', async (door) => {
    const { status, text } = await call(door, anyPath(door), {});
    // A log-in that is none is refused as such, never for want of a token.
    expect([status === 403, status >= 400 && /"operator-unknown"/.test(text)]).toEqual([false, false]);
  });

  it.each(SCOPED.map((one) => [one.door, one] as const))('3: %s: inside and outside the scope', async (door, one) => {
    const path = one.path.replace('MESSAGE', ids.MESSAGE).replace('JOB', ids.JOB);
    for (const name of NAMES.filter((each) => mayCall(each, door))) {
      const { status } = await call(door, path, { ...bearer(name), ...one.headers }, one.body);
      const isThere = ![401, 403, 404].includes(status);
      expect([name, isThere]).toEqual([name, one.within.includes(name)]);
      if (!isThere) expect([name, status]).toEqual([name, status === 404 ? 404 : 403]);
    }
  });

  it('3: every door that names one thing of somebody’s is tried inside and outside', () => {
    const named = Object.keys(DOORS).filter((door) => door.includes('{') && DOORS[door] !== 'p...');
    const elsewhere = [
      // Published interfaces are everybody's.
      'GET /admin/services/{id}/versions/{version}',
      'GET /admin/services/{id}/versions/{version}/file',
      'GET /admin/services/{id}/versions/{version}/compatibility',
      'POST /admin/services/{id}/versions/{version}/validate',
      'GET /admin/services/{id}/versions/{version}/example',
      // The history of what is out of scope is empty: document-text.e2e.
      'GET /admin/registry/documents/{kind}/{id}/history',
      // Filters are their operator’s: saved-filters.e2e.
      'PUT /admin/session/filters/{page}',
      // A report is of its reader's scope, whatever its kind: situation.e2e.
      'GET /admin/reports/{kind}',
      // A schedule is its owner's: report-schedules.e2e.
      'DELETE /admin/report-schedules/{id}',
      'POST /admin/report-schedules/{id}/send',
      // A delivery must be there first: message-detail.e2e.
      'GET /admin/messages/{id}/deliveries/{delivery}/content',
      // A correction must be there first: corrections.e2e.
      'GET /admin/corrections/{id}',
      'GET /admin/corrections/{id}/content',
      'POST /admin/corrections/{id}/approve',
      'POST /admin/corrections/{id}/reject',
      // An incident must be there first: alerts.e2e.
      'POST /admin/alerts/{id}/acknowledge',
      'POST /admin/alerts/{id}/silence',
    ];
    expect([...new Set(SCOPED.map(({ door }) => door)), ...elsewhere]).toEqual(expect.arrayContaining(named));
  });
});
