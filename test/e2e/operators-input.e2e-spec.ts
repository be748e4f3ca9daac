import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { stringify } from 'yaml';
import { http, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const VERSION = 'services/VariazioneAnagrafica/versions/1';

const operations = [
  {
    name: 'notifica',
    profile: 'one-way',
    rest: { method: 'POST', path: '/notifiche' },
    jsonSchema: resolve('schemas/anagrafe/1.0/notificaVariazioneAnagrafica.schema.json'),
  },
];
const OTHERS = [
  { kind: 'service', id: 'NessunoLoOffre', version: 1, title: 'Vecchio', status: 'retired', operations },
  { kind: 'service', id: 'Bozza', version: 1, title: 'Bozza', status: 'draft', operations },
];

describe('what operators send wrongly, embedded', () => {
  let gateway: RunningGateway;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    await writeFile(join(directory, 'others.yaml'), OTHERS.map((one) => stringify(one)).join('---\n'));
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (who: OperatorName, path: string, { headers, ...call }: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: { ...bearer(who), ...headers } });

  it.each([
    ['GET', 'registry/documents?text=a&text=b', 'text'],
    ['GET', 'registry/documents?text=a%00', 'text'],
    ['GET', 'registry/documents/participant/a%00b', 'id'],
    ['GET', 'registry/documents?after=zzz', 'after'],
    ['GET', 'registry/history?id=a%00', 'id'],
    ['GET', 'registry/history?kind=nothing', 'kind'],
    ['GET', 'services?text=a&text=b', 'text'],
    ['GET', 'services?status=new', 'status'],
    ['GET', 'agreements?status=new', 'status'],
    ['GET', 'messages?text=a&text=b', 'text'],
    ['GET', 'messages?sender=a%00b', 'sender'],
    ['GET', 'messages?limit=abc', 'limit'],
    ['GET', 'messages?limit=501', 'limit'],
    ['GET', 'messages/a%00b', 'id'],
    ['GET', 'messages/a%00b/timeline', 'id'],
    ['GET', `${VERSION}/compatibility?from=1&from=2`, 'from'],
    ['POST', `${VERSION}/validate?path=a&path=b`, 'path'],
    ['POST', `${VERSION}/publish?reason=a%00`, 'reason'],
    ['POST', `broker/grants/a%00b`, 'system'],
  ] as const)('6: %s %s: %s is not right', async (method, path, place) => {
    const answer = await as('platform', path, { method });
    expect(answer.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place });
  });

  it.each([`after=${'9'.repeat(30)}`, 'after=-1', 'after=a'])('6: events %s is no cursor', async (query) => {
    const { statusCode, body } = await request(`${gateway.url}/admin/events?${query}`, { headers: bearer('platform') });
    expect([statusCode, await body.json()]).toMatchObject([400, { code: 'parameter-wrong', place: 'after' }]);
  });

  it.each(['+275760-09-13', '2020-01-01T00:00:00Z', '2100-01-01', 'soon'])(
    '1: no version ends at %s',
    async (sunset) => {
      const answer = await as('platform', `${VERSION}/deprecate?sunset=${encodeURIComponent(sunset)}`, {
        method: 'POST',
      });
      expect(answer.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place: 'sunset' });
    },
  );

  it('1: a version that was published is not taken away, whoever asks; a draft is', async () => {
    const remove = async (id: string) => {
      const path = `registry/documents/service/${id}?version=1`;
      const { etag = '' } = (await as('platform', path)).headers;
      return as('platform', path, { method: 'DELETE', headers: { 'if-match': etag } });
    };
    expect((await remove('NessunoLoOffre')).json()).toMatchObject({
      status: 422,
      code: 'registry-refused',
      problems: [{ message: 'NessunoLoOffre v1 is retired: a version that was published stays' }],
    });
    expect((await remove('Bozza')).status).toBe(204);
  });

  it('4: who asks for an agreement under the id of another’s is not told its revision', async () => {
    const mine = { consumer: 'c_h166', provider: 'r_abruzz', service: 'VariazioneAnagrafica', version: 1 };
    const asked = (id: string) =>
      as('raiano', 'agreements', {
        method: 'POST',
        body: { ...mine, id, operations: ['notificaVariazione'], filtersDuplicates: false },
      });
    const taken = await asked('c_i804-c_h007-VariazioneAnagrafica');
    expect(taken.json()).toMatchObject({ status: 409, code: 'agreement-state-wrong', expected: 'another id' });
    expect(taken.text).not.toContain('revision');
    expect((await asked('raiano-nuovo')).status).toBe(201);
  });

  it.each(['soap/c_h007/v1/VariazioneAnagrafica?wsdl', 'soap/c_h007/v1/Nessuno?wsdl', 'directory'])(
    '8: no browser runs what is served at /%s',
    async (path) => {
      const { headers } = await http(`${gateway.url}/${path}`, { key: KEYS.sulmona });
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      });
    },
  );

  it('an order without a body may say that it is JSON; a body that is none is still refused', async () => {
    const headers = { 'content-type': 'application/json' };
    const paused = await as('platform', 'systems/sulmona.anagrafe/pause', { method: 'POST', headers });
    expect(paused.status).toBe(200);
    const broken = await as('platform', 'systems/sulmona.anagrafe/resume', { method: 'POST', headers, body: '{' });
    expect(broken.json()).toMatchObject({ status: 400, code: 'not-well-formed', place: 'body' });
    const needed = await as('platform', 'jobs', { method: 'POST', headers });
    expect(needed.json()).toMatchObject({ status: 400 });
  });

  it.each([
    ['it-IT,it;q=0.9', 'it', 'Parametro non valido'],
    ['en', 'en', 'Parameter not valid'],
    ['', 'en', 'Parameter not valid'],
  ])('a refusal has its title in the language that is asked for: "%s"', async (accepted, language, title) => {
    const answer = await as('platform', 'messages?limit=abc', { headers: { 'accept-language': accepted } });
    expect(answer.headers).toMatchObject({ 'content-language': language, vary: 'Accept-Language' });
    expect(answer.json<{ title: string }>().title).toContain(title);
  });

  it('6: statuses are listed where the API is described', async () => {
    const { paths } = (await http(`${gateway.url}/admin/openapi.json`)).json<{
      paths: Record<string, { get: { parameters: { name: string; schema: object }[] } }>;
    }>();
    const status = (path: string) => paths[path]?.get.parameters.find(({ name }) => name === 'status')?.schema;
    expect(status('/admin/services')).toMatchObject({ enum: ['draft', 'published', 'deprecated', 'retired'] });
    expect(status('/admin/agreements')).toMatchObject({ enum: ['requested', 'active', 'suspended', 'revoked'] });
  });
});
