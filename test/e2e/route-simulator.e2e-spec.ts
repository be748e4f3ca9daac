import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Simulated {
  readonly wouldBe: string;
  readonly decisions: readonly { station: string; facts: Record<string, string>; fault: { code: string } | null }[];
  readonly routes: readonly Readonly<Record<string, unknown>>[];
}

/** Sender, address, and what both the simulation and the gateway make of it. */
const SENT: readonly (readonly [keyof typeof KEYS, string, Record<string, string>, string])[] = [
  ['sulmona', 'c_h007', { service: 'VariazioneAnagrafica', path: '/notifiche' }, 'accepted'],
  ['raiano', 'r_abruzz', { service: 'VariazioneAnagrafica', path: '/notifiche' }, 'not-authorised'],
  ['sulmona', 'r_abruzz', { service: 'PraticaSuap', path: '/pratiche' }, 'agreement-suspended'],
  ['sulmona', 'c_h007', { service: 'VariazioneAnagrafica', path: '/altro' }, 'route-unknown'],
  ['sulmona', 'c_h007', { service: 'VariazioneAnagrafica', path: '/notifiche', method: 'PUT' }, 'method-not-allowed'],
  ['sulmona', 'c_h007', { service: 'VariazioneAnagrafica', path: '/notifiche', version: '9' }, 'version-unknown'],
  ['sulmona', 'c_h007', { service: 'Nessuno', path: '/notifiche' }, 'service-unknown'],
  ['sulmona', 'c_zzzz', { service: 'VariazioneAnagrafica', path: '/notifiche' }, 'participant-unknown'],
  ['sulmona', 'c_h166', { service: 'VariazioneAnagrafica', path: '/notifiche' }, 'service-unknown'],
];
const SYSTEMS = { sulmona: 'sulmona.anagrafe', raiano: 'raiano.anagrafe', regione: 'regione.anagrafe', pratola: '' };

describe('2. the route simulator and the versions of a service, embedded', () => {
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

  const ask = (path: string, name: OperatorName = 'platform') =>
    http(`${gateway.url}/admin/${path}`, { headers: bearer(name) });
  const simulated = async (query: Record<string, string>, name: OperatorName = 'platform') =>
    (await ask(`routes?${new URLSearchParams(query).toString()}`, name)).json<Simulated>();
  const verdictOf = ({ wouldBe, decisions }: Simulated) => decisions.at(-1)?.fault?.code ?? wouldBe;

  it.each(SENT)('2. says of %s to %s %j what the gateway then does: %s', async (from, receiver, at, expected) => {
    const told = await simulated({ system: SYSTEMS[from], receiver, ...at });
    expect(verdictOf(told)).toBe(expected);
    const address = `${gateway.url}/rest/${receiver}/v${at['version'] ?? 1}/${at['service']}${at['path']}`;
    const answer = await http(address, {
      method: (at['method'] ?? 'POST') as 'POST',
      headers: { 'x-api-key': KEYS[from], 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(noticeJson(receiver)),
    });
    expect(answer.status === 202 ? 'accepted' : answer.json<{ code: string }>().code).toBe(expected);
  });

  it('2. explains each decision in the order of the path, and sends nothing', async () => {
    const before = (await ask('messages')).json<{ items: unknown[] }>().items.length;
    const query = { system: 'sulmona.anagrafe', receiver: 'c_h007', service: 'VariazioneAnagrafica' };
    expect(await simulated({ ...query, path: '/notifiche', priority: '7' })).toEqual({
      wouldBe: 'accepted',
      decisions: [
        { station: 'identify', facts: { system: 'sulmona.anagrafe', body: 'c_i804' }, fault: null },
        { station: 'represent', facts: { body: 'c_i804' }, fault: null },
        {
          station: 'resolve',
          facts: {
            service: 'VariazioneAnagrafica v1',
            status: 'published',
            operation: 'notificaVariazione',
            profile: 'one-way',
            receivers: 'c_h007',
          },
          fault: null,
        },
        { station: 'authorise', facts: { agreements: 'c_i804-c_h007-VariazioneAnagrafica' }, fault: null },
      ],
      routes: [
        {
          participant: 'c_h007',
          system: 'pratola.protocollo',
          agreement: { id: 'c_i804-c_h007-VariazioneAnagrafica', status: 'active' },
          channel: 'box',
          paused: false,
          circuitUntil: null,
          priority: 4,
          ordered: false,
          expiresAfter: 432_000,
          fault: null,
        },
      ],
    });
    expect((await ask('messages')).json<{ items: unknown[] }>().items.length).toBe(before);
  });

  it('2. asks for an id where the agreement filters duplicates', async () => {
    const query = { system: 'sulmona.anagrafe', receiver: 'c_h007', service: 'InoltroProtocollo' };
    const soapAction = 'urn:nobody';
    expect(verdictOf(await simulated({ ...query, binding: 'soap', soapAction }))).toBe('operation-unknown');
    const { stored } = (await ask('services/InoltroProtocollo/versions/1')).json<{ stored: { document: object } }>();
    expect(stored.document).toMatchObject({ kind: 'service', id: 'InoltroProtocollo' });
    const { operations } = (await ask('services/InoltroProtocollo/versions/1')).json<{
      operations: { soapAction: string; path: string; element: { namespace: string; name: string } }[];
    }>();
    const [first] = operations;
    const by = { ...query, binding: 'soap', soapAction: first!.soapAction };
    expect(verdictOf(await simulated(by))).toBe('accepted');
    expect(verdictOf(await simulated({ ...by, messageId: 'no' }))).toBe('message-id-missing');
    const element = `{${first!.element.namespace}}${first!.element.name}`;
    expect(verdictOf(await simulated({ ...query, binding: 'soap', element }))).toBe('accepted');
    expect((await ask(`routes?${new URLSearchParams({ ...by, element: 'x' }).toString()}`)).json()).toMatchObject({
      code: 'parameter-wrong',
      place: 'element',
    });
  });

  it('2. an event goes to every subscriber; a question is asked', async () => {
    const event = {
      system: 'sulmona.anagrafe',
      binding: 'cloudevents',
      eventType: 'it.crocevia.anagrafe.variazione.v1',
    };
    const all = await simulated(event);
    expect([all.wouldBe, all.routes.map(({ participant }) => participant)]).toEqual([
      'accepted',
      ['c_h007', 'r_abruzz'],
    ]);
    const one = await simulated({ ...event, receiver: 'r_abruzz' });
    expect(one.routes.map(({ participant }) => participant)).toEqual(['r_abruzz']);
    expect(verdictOf(await simulated({ ...event, receiver: 'c_h166' }))).toBe('not-authorised');
    const question = { system: 'regione.anagrafe', receiver: 'c_i804', service: 'PosizioneTributaria' };
    expect((await simulated({ ...question, path: '/posizioni/consulta' })).wouldBe).toBe('asked');
  });

  it('4. a body without an agreement is not told how another’s system stands', async () => {
    const query = {
      system: 'raiano.anagrafe',
      receiver: 'c_h007',
      service: 'VariazioneAnagrafica',
      path: '/notifiche',
    };
    const [own, platform] = [await simulated(query, 'raiano'), await simulated(query)];
    expect([own.wouldBe, own.routes]).toEqual(['refused', []]);
    expect(platform.routes).toMatchObject([{ system: 'pratola.protocollo', paused: false }]);
  });

  it('3. a paused system, and a system out of scope', async () => {
    await http(`${gateway.url}/admin/systems/pratola.protocollo/pause?reason=x`, {
      method: 'POST',
      headers: bearer('platform'),
    });
    const query = {
      system: 'sulmona.anagrafe',
      receiver: 'c_h007',
      service: 'VariazioneAnagrafica',
      path: '/notifiche',
    };
    expect((await simulated(query, 'sulmona')).routes[0]).toMatchObject({ paused: true, fault: null });
    const path = (system: string) => `routes?${new URLSearchParams({ ...query, system }).toString()}`;
    const [hidden, none] = [await ask(path('sulmona.anagrafe'), 'raiano'), await ask(path('sulmona.nuovo'), 'raiano')];
    expect([hidden.status, none.status]).toEqual([404, 404]);
    expect(hidden.text.replace('sulmona.anagrafe', 'sulmona.nuovo')).toBe(none.text);
  });

  it('2. a version with its operations, its files as they were published, and those in scope who use it', async () => {
    interface Version {
      readonly stored: { readonly files: Record<string, string> };
      readonly versions: readonly object[];
      readonly providers: readonly { participant: string }[];
      readonly agreements: readonly { consumer: string; provider: string }[];
    }
    const at = 'services/VariazioneAnagrafica/versions/1';
    const whole = (await ask(at)).json<Version>();
    expect(whole).toMatchObject({ id: 'VariazioneAnagrafica', status: 'published', versions: [{ version: 1 }] });
    expect(whole.providers.map(({ participant }) => participant)).toContain('c_h007');
    expect(whole.agreements.length).toBeGreaterThanOrEqual(2);
    const own = (await ask(at, 'raiano')).json<Version>();
    expect([own.providers, own.agreements]).toEqual([[], []]);
    const names = Object.keys(whole.stored.files);
    expect(names.length).toBeGreaterThan(1);
    for (const path of names) {
      const file = await ask(`${at}/file?path=${encodeURIComponent(path)}`, 'raiano');
      expect([file.status, file.headers['x-content-type-options']]).toEqual([200, 'nosniff']);
      expect(file.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
      expect(file.headers['etag']).toBe(`"${whole.stored.files[path]}"`);
    }
    for (const path of ['nothing', '__proto__', '../../etc/passwd'])
      expect((await ask(`${at}/file?path=${encodeURIComponent(path)}`)).json()).toMatchObject({
        status: 404,
        code: 'document-unknown',
      });
  });
});
