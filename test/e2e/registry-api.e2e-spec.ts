import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { type Stored, type Page, RAIANO, RAIANO_TO_REGION } from '../support/raiano.js';

describe('the registry over HTTP, embedded', () => {
  let gateway: RunningGateway;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (who: OperatorName, path: string, { headers, ...call }: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: { ...bearer(who), ...headers } });
  const shown = async (path: string, who: OperatorName = 'platform') => {
    const answer = await as(who, `registry/documents/${path}`);
    return {
      ...answer,
      etag: answer.headers['etag'] ?? '',
      stored: answer.status === 200 ? answer.json<Stored>() : null,
    };
  };
  const fromRaiano = async () => {
    const notice = noticeJson('r_abruzz');
    const body = { ...notice, testata: { ...(notice['testata'] as object), codiceIpaMittente: 'c_h166' } };
    return http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, { key: KEYS.raiano, body });
  };

  it('5: a document is written under the ETag that was read; another one is refused with the right one', async () => {
    const { etag, stored } = await shown('participant/c_h166');
    expect([etag, stored?.document]).toEqual([`"${stored?.revision}"`, RAIANO]);
    const renamed = { ...RAIANO, name: 'Raiano' };
    const put = (headers: Record<string, string>, body: object = renamed) =>
      as('platform', 'registry/documents/participant/c_h166', { method: 'PUT', headers, body });
    expect((await put({})).json()).toMatchObject({ status: 428, code: 'precondition-missing' });
    expect((await put({ 'if-none-match': '*' })).json()).toMatchObject({ status: 412, code: 'document-changed' });
    const written = await put({ 'if-match': etag });
    expect([written.status, written.json<Stored>().document]).toEqual([200, renamed]);
    expect((await put({ 'if-match': etag })).json()).toMatchObject({
      status: 412,
      place: 'If-Match',
      expected: written.headers['etag'],
    });
    const wrong = await put({ 'if-match': written.headers['etag'] ?? '' }, { ...renamed, type: 'kingdom' });
    expect(wrong.json()).toMatchObject({ status: 422, problems: [{ message: expect.stringContaining('type') }] });
    expect((await shown('participant/c_h166')).etag).toBe(written.headers['etag']);
  });

  it('5: what others refer to cannot go, what nobody needs can, and the history tells of it all', async () => {
    const { etag } = await shown('participant/c_i804');
    const gone = (path: string, match: string) =>
      as('platform', `registry/documents/${path}?reason=prova`, { method: 'DELETE', headers: { 'if-match': match } });
    const refused = await gone('participant/c_i804', etag);
    expect(refused.json()).toMatchObject({ status: 422, code: 'registry-refused' });
    expect(refused.json<{ problems: { message: string }[] }>().problems[0]?.message).toContain('no participant c_i804');
    const path = 'participant/c_x999';
    const body = { ...RAIANO, id: 'c_x999', name: 'Prova' };
    const made = await as('platform', `registry/documents/${path}`, {
      method: 'PUT',
      headers: { 'if-none-match': '*' },
      body,
    });
    expect(made.status).toBe(201);
    expect((await gone(path, made.headers['etag'] ?? '')).status).toBe(204);
    expect((await shown(path)).json()).toMatchObject({ status: 404, code: 'document-unknown' });
    const { items } = (await as('platform', 'registry/history?kind=participant&id=c_x999&limit=5')).json<
      Page<object>
    >();
    expect(items).toMatchObject([
      { by: 'platform', reason: 'prova', before: { document: body }, after: null },
      { by: 'platform', reason: null, before: null, after: { document: body } },
    ]);
    const first = (await as('platform', 'registry/history?limit=1')).json<Page<{ revision: number }>>();
    const second = (await as('platform', `registry/history?limit=1&before=${first.next}`)).json<
      Page<{ revision: number }>
    >();
    expect(second.items[0]!.revision).toBeLessThan(first.items[0]!.revision);
  });

  it('4: the history of what is out of scope is that of what never was', async () => {
    const told = async (query: string) => (await as('auditor-raiano', `registry/history?limit=1&${query}`)).json();
    const never = await told('kind=system&id=nothing');
    expect(never).toEqual({ items: [], next: null });
    for (const query of ['kind=system&id=sulmona.anagrafe', 'kind=operator&id=centre', 'kind=participant&id=c_h007'])
      expect([query, await told(query)]).toEqual([query, never]);
  });

  it('4: of a change that leads out of scope an auditor sees its own side only, at both doors', async () => {
    const path = 'agreement/moved';
    const ofRaiano = { kind: 'agreement', ...RAIANO_TO_REGION, id: 'moved' };
    const put = (headers: Record<string, string>, body: object) =>
      as('platform', `registry/documents/${path}`, { method: 'PUT', headers, body });
    const made = await put({ 'if-none-match': '*' }, ofRaiano);
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const moved = await put({ 'if-match': made.headers['etag'] ?? '' }, { ...ofRaiano, consumer: 'c_h007' });
    expect([moved.status, moved.text]).toEqual([200, expect.any(String)]);
    const told = async (who: OperatorName, door: string) => (await as(who, `registry/${door}`)).json<Page<object>>();
    const history = 'history?kind=agreement&id=moved';
    const sides = { before: { document: { consumer: 'c_h166' } }, after: { document: { consumer: 'c_h007' } } };
    expect((await told('platform', history)).items).toMatchObject([
      { action: 'update', ...sides },
      { action: 'create', before: null, after: sides.before },
    ]);
    for (const door of [history, `documents/${path}/history`]) {
      const own = await told('auditor-raiano', door);
      expect(own.items).toMatchObject([
        { action: 'update', after: null },
        { action: 'create', before: null },
      ]);
      expect(JSON.stringify(own)).not.toContain('c_h007');
    }
    const { status } = await as('platform', `registry/documents/${path}`, {
      method: 'DELETE',
      headers: { 'if-match': moved.headers['etag'] ?? '' },
    });
    expect(status).toBe(204);
  });

  it('6: documents are listed by pages, by kind and text, and only those in scope', async () => {
    const all: string[] = [];
    for (let after = ''; ;) {
      const page = (await as('platform', `registry/documents?limit=7${after}`)).json<Page<Stored>>();
      all.push(...page.items.map(({ key }) => key));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(all).toEqual([...new Set(all)].sort());
    expect(all).toEqual(
      expect.arrayContaining(['operator auditor', 'service PraticaSuap v1', 'system pratola.protocollo']),
    );
    const keys = async (who: OperatorName, query: string) =>
      (await as(who, `registry/documents?${query}`)).json<Page<Stored>>().items.map(({ key }) => key);
    expect(await keys('platform', 'kind=participant&text=pratola')).toEqual(['participant c_h007']);
    expect(await keys('raiano', 'limit=500')).toEqual([
      'participant c_h166',
      ...['InoltroProtocollo', 'PosizioneTributaria', 'PraticaSuap', 'VariazioneAnagrafica'].map(
        (id) => `service ${id} v1`,
      ),
      'system raiano.anagrafe',
    ]);
    expect((await shown('system/sulmona.anagrafe', 'raiano')).status).toBe(404);
    expect((await shown('system/raiano.anagrafe', 'raiano')).text).not.toContain('scrypt');
    expect((await shown('system/raiano.anagrafe')).text).toContain('scrypt');
    const own = await shown('operator/sulmona', 'sulmona');
    expect(own.status).toBe(404);
  });

  it('6: an operator writes only in its scope', async () => {
    const put = (who: OperatorName, path: string, body: object, match: string) =>
      as(who, `registry/documents/${path}`, { method: 'PUT', headers: { 'if-match': match }, body });
    const { etag, stored } = await shown('participant/c_h007');
    const answers = await Promise.all(
      (['sulmona', 'auditor', 'raiano'] as const).map((who) => put(who, 'participant/c_h007', stored!.document, etag)),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await put('centre', 'participant/c_h007', stored!.document, etag)).status).toBe(200);
    const operator = await shown('operator/centre');
    const raised = { ...operator.stored!.document, role: 'platform', scope: undefined };
    expect((await put('centre', 'operator/centre', raised, operator.etag)).status).toBe(403);
  });

  it('5: a centre changes a system whose hashes it is not shown, and the credentials stay', async () => {
    const { etag, stored } = await shown('system/raiano.anagrafe', 'region');
    expect(JSON.stringify(stored)).not.toContain('scrypt');
    const written = await as('region', 'registry/documents/system/raiano.anagrafe', {
      method: 'PUT',
      headers: { 'if-match': etag },
      body: { ...stored!.document, receives: { channel: 'box' } },
    });
    expect([written.status, written.text]).toEqual([200, expect.not.stringContaining('scrypt')]);
    expect((await fromRaiano()).json()).toMatchObject({ status: 403, code: 'not-authorised' });
  });

  it('6: no setting of the gateway is told to whoever writes a system', async () => {
    const write = (who: OperatorName, url: string) =>
      as(who, 'registry/documents/system/pratola.prova', {
        method: 'PUT',
        headers: { 'if-none-match': '*' },
        body: { kind: 'system', id: 'pratola.prova', participant: 'c_h007', receives: { channel: 'push-rest', url } },
      });
    for (const url of ['env:CROCEVIA_ADMIN_TOKEN', 'env:PATH'])
      expect((await write('centre', url)).json()).toMatchObject({ status: 403, code: 'operator-not-allowed' });
    const [own, other] = [await write('platform', 'env:CROCEVIA_ADMIN_TOKEN'), await write('platform', 'env:PATH')];
    expect([own.status, other.status]).toEqual([422, 422]);
    expect(own.text).toContain('CROCEVIA_ADMIN_TOKEN is not in the environment');
    expect(own.text).not.toContain(ADMIN_TOKEN);
    expect(other.text).not.toContain(process.env['PATH']);
  });

  it('4: the consumer asks, the provider grants, suspends, resumes and revokes; each is in force at once', async () => {
    expect((await fromRaiano()).status).toBe(403);
    const step = (who: OperatorName, name: string) =>
      as(who, `agreements/raiano-regione/${name}?reason=prova`, { method: 'POST' });
    const asked = (who: OperatorName) => as(who, 'agreements', { body: RAIANO_TO_REGION });
    expect((await asked('sulmona')).status).toBe(403);
    expect((await asked('raiano')).json<Stored>().document).toMatchObject({ status: 'requested', perMinute: 3 });
    expect((await asked('raiano')).json()).toMatchObject({
      status: 409,
      code: 'agreement-state-wrong',
      detail: 'Agreement raiano-regione is requested already.',
    });
    expect((await fromRaiano()).json()).toMatchObject({
      code: 'not-authorised',
      detail: expect.stringContaining('requested'),
    });
    expect((await step('raiano', 'grant')).status).toBe(403);
    expect((await step('sulmona', 'grant')).status).toBe(404);
    expect((await step('region', 'grant')).json<Stored>().document).toMatchObject({ status: 'active' });
    const taken = await fromRaiano();
    expect(taken.status).toBe(202);
    expect((await step('region', 'suspend')).status).toBe(200);
    expect((await fromRaiano()).json()).toMatchObject({ status: 403, code: 'agreement-suspended' });
    expect((await step('region', 'grant')).json()).toMatchObject({ status: 409, code: 'agreement-state-wrong' });
    expect((await step('region', 'resume')).status).toBe(200);
    expect((await fromRaiano()).status).toBe(202);
    expect((await step('raiano', 'revoke')).json<Stored>().document).toMatchObject({ status: 'revoked' });
    expect((await fromRaiano()).json()).toMatchObject({ status: 403, code: 'not-authorised' });
    expect((await step('region', 'resume')).status).toBe(409);
    const { items } = (await as('platform', 'registry/history?kind=agreement&id=raiano-regione')).json<
      Page<{ by: string }>
    >();
    expect(items.map(({ by }) => by)).toEqual(['raiano', 'region', 'region', 'region', 'raiano']);
    expect((await statusWhen(gateway.url, idOf(taken), () => true)).state).toBe('ACCEPTED');
  });

  it.each(['raiano-regione-2', 'raiano-regione'])(
    '4: after a revocation the consumer may ask anew, as %s',
    async (id) => {
      const asked = await as('raiano', 'agreements', { body: { ...RAIANO_TO_REGION, id } });
      expect([asked.status, asked.text]).toEqual([201, expect.stringContaining('requested')]);
      expect((await as('region', `agreements/${id}/grant`, { method: 'POST' })).status).toBe(200);
      expect((await fromRaiano()).status).toBe(202);
      expect((await as('raiano', `agreements/${id}/revoke`, { method: 'POST' })).status).toBe(200);
    },
  );

  it('4: a wrong agreement is told with its place and an example', async () => {
    const problems = async (body: object) =>
      (await as('raiano', 'agreements', { body })).json<{ problems: object[] }>().problems;
    const { id: _id, ...nameless } = RAIANO_TO_REGION;
    expect(await problems(nameless)).toMatchObject([{ file: 'new agreement', message: 'the document lacks id' }]);
    expect(await problems({ ...RAIANO_TO_REGION, validUntil: '2026-12-31' })).toMatchObject([
      { message: expect.stringContaining('validUntil'), hint: 'date-time, such as 2026-12-31T23:59:59+01:00' },
    ]);
  });

  it('4: the id of another agreement is not taken by asking', async () => {
    const taken = { ...RAIANO_TO_REGION, id: 'c_i804-r_abruzz-VariazioneAnagrafica' };
    const asked = await as('raiano', 'agreements', { body: taken });
    expect(asked.json()).toMatchObject({ status: 409, code: 'agreement-state-wrong', expected: 'another id' });
  });

  it('4: an agreement’s rate and size are held to', async () => {
    const key = 'agreement/c_i804-r_abruzz-VariazioneAnagrafica';
    const { etag, stored } = await shown(key);
    const put = (more: object, match: string) =>
      as('region', `registry/documents/${key}`, {
        method: 'PUT',
        headers: { 'if-match': match },
        body: { ...stored!.document, ...more },
      });
    const slow = await put({ perMinute: 2 }, etag);
    expect(slow.status).toBe(200);
    const send = () =>
      http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, {
        key: KEYS.sulmona,
        body: noticeJson('r_abruzz'),
      });
    const statuses = [(await send()).status, (await send()).status];
    const third = await send();
    expect([statuses, third.status, third.json()]).toMatchObject([
      [202, 202],
      429,
      { code: 'rate-limited', retryable: true },
    ]);
    expect(Number(third.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(third.headers['retry-after'])).toBeLessThanOrEqual(60);
    await put({ maxBytes: 50 }, slow.headers['etag'] ?? '');
    expect((await send()).json()).toMatchObject({ status: 413, code: 'too-large', expected: 'at most 50 bytes' });
  });
});
