import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { http, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';

const VERSION = 'services/VariazioneAnagrafica/versions/1';

describe('what operators send wrongly, embedded', () => {
  let gateway: RunningGateway;
  let data: string;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'crocevia-data-'));
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 60_000);
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

  it('6: statuses are listed where the API is described', async () => {
    const { paths } = (await http(`${gateway.url}/admin/openapi.json`)).json<{
      paths: Record<string, { get: { parameters: { name: string; schema: object }[] } }>;
    }>();
    const status = (path: string) => paths[path]?.get.parameters.find(({ name }) => name === 'status')?.schema;
    expect(status('/admin/services')).toMatchObject({ enum: ['draft', 'published', 'deprecated', 'retired'] });
    expect(status('/admin/agreements')).toMatchObject({ enum: ['requested', 'active', 'suspended', 'revoked'] });
  });
});
