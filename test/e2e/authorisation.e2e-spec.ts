import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { http, idOf, statusWhen, type HttpAnswer, type StatusView } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, NOTICE_TYPE, noticeJson, SOAP11_HEADERS } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { until } from '../support/until.js';

const REGION = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const CENTRE = 'centro.secret-centro';
const STRANGER = 'straniero.secret-straniero';
const from = (code: string) =>
  `<wsa:From xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>urn:crocevia:participant:${code}</wsa:Address></wsa:From>`;

const system = (id: string, participant: string, actsFor?: readonly string[]): RegistryDocument => ({
  kind: 'system',
  id: `${id}.sistema`,
  participant,
  credentials: [{ kind: 'api-key', id, hash: hashSecret(`secret-${id}`) }],
  ...(actsFor && { actsFor }),
});
const agreement = (id: string, consumer: string, more: object = {}): RegistryDocument => ({
  kind: 'agreement',
  id,
  consumer,
  provider: 'r_abruzz',
  service: 'VariazioneAnagrafica',
  version: 1,
  filtersDuplicates: false,
  ...more,
});

/** A service centre that speaks for Sulmona, and an agency that is told little. */
const documents = (actsFor: readonly string[]): readonly RegistryDocument[] => [
  { kind: 'participant', id: 'uc_pelig', name: 'Centro servizi', type: 'service-centre', parent: 'r_abruzz' },
  system('centro', 'uc_pelig', actsFor),
  { kind: 'participant', id: 'ag_stran', name: 'Agenzia', type: 'agency', disclosure: 'minimal' },
  system('straniero', 'ag_stran'),
  agreement('stranger-suspended', 'ag_stran', { status: 'suspended' }),
  agreement('stranger-over', 'ag_stran', { provider: 'c_h007', validUntil: '2020-01-01T00:00:00Z' }),
];

describe('2: who may call what', () => {
  let gateway: RunningGateway;
  let directory: string;
  let data: string;
  const write = (actsFor: readonly string[]) =>
    writeFile(
      join(directory, 'acting.yaml'),
      documents(actsFor)
        .map((one) => stringify(one))
        .join('---\n'),
    );
  const send = (key: string, { path = REGION, body = noticeJson() as unknown as object, headers = {} } = {}) =>
    http(`${gateway.url}${path}`, { key, body, headers });
  const offerOf = async (key: string) => {
    const { items } = (
      await http(`${gateway.url}/directory?participant=r_abruzz&service=VariazioneAnagrafica`, { key })
    ).json<{
      items: readonly object[];
    }>();
    return items[0];
  };
  const senderOf = async (answer: HttpAnswer) => {
    const status = await statusWhen(gateway.url, idOf(answer), ({ state }) => state !== '');
    return (status as StatusView & { readonly sender: string }).sender;
  };

  beforeAll(async () => {
    data = await dataDirectory();
    directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await write(['c_i804']);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await Promise.all([directory, data].map((place) => rm(place, { recursive: true, force: true })));
  }, 60_000);

  it('2: the directory tells who acts for others what each of them may call, and nobody else', async () => {
    const offer = await offerOf('centro.secret-centro');
    expect(offer).toMatchObject({
      agreement: null,
      actingFor: [{ participant: 'c_i804', agreement: { id: expect.stringContaining('c_i804'), status: 'active' } }],
    });
    expect(await offerOf(STRANGER)).not.toHaveProperty('actingFor');
  });

  it('2: a system sends for another body that it is registered to act for, by REST, SOAP and CloudEvents', async () => {
    const event = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'atto-1',
      'ce-source': '/centro',
      'ce-type': NOTICE_TYPE,
      'ce-sender': 'c_i804',
      'ce-receiver': 'r_abruzz',
    };
    const soap = { key: CENTRE, headers: SOAP11_HEADERS, body: envelope({ headers: from('c_i804') }) };
    const answers = [
      await send(CENTRE, { headers: { 'x-sender': 'c_i804' } }),
      await http(`${gateway.url}/soap/r_abruzz/v1/VariazioneAnagrafica`, soap),
      await http(`${gateway.url}/messages`, { key: CENTRE, headers: event, body: JSON.stringify(noticeJson()) }),
    ];
    for (const answer of answers) {
      expect([200, 202]).toContain(answer.status);
      expect(await senderOf(answer)).toBe('c_i804');
      for (const key of [CENTRE, KEYS.sulmona])
        expect((await http(`${gateway.url}/messages/${idOf(answer)}`, { key })).status).toBe(200);
      expect((await http(`${gateway.url}/messages/${idOf(answer)}`, { key: KEYS.pratola })).status).toBe(404);
    }
  });

  it('2: what it does not name is its own, and needs an agreement of its own', async () => {
    const answer = await send(CENTRE);
    expect([answer.status, answer.json()['code']]).toEqual([403, 'not-authorised']);
    expect(answer.text).toContain('uc_pelig -> r_abruzz');
  });

  it('2: a body that it is not registered for is refused, and so is the sender inside the content', async () => {
    const other = await send(CENTRE, { headers: { 'x-sender': 'c_h007' } });
    expect([other.status, other.json()['code'], other.json()['expected']]).toEqual([
      403,
      'sender-mismatch',
      'uc_pelig, c_i804',
    ]);
    const inside = await send(CENTRE, {
      headers: { 'x-sender': 'c_i804' },
      body: noticeJson(undefined, 'c_h007'),
    });
    expect([inside.status, inside.json()['code'], inside.json()['expected']]).toEqual([
      403,
      'sender-mismatch',
      'c_i804',
    ]);
    const self = await send(KEYS.raiano, { headers: { 'x-sender': 'c_i804' } });
    expect([self.status, self.json()['code']]).toEqual([403, 'sender-mismatch']);
  });

  it('2: what it sent for a body is hidden from it as soon as it may no longer act for it', async () => {
    const id = idOf(await send(CENTRE, { headers: { 'x-sender': 'c_i804' } }));
    const look = async () => (await http(`${gateway.url}/messages/${id}`, { key: CENTRE })).status;
    expect(await look()).toBe(200);
    await write([]);
    await until(async () => (await look()) === 404);
    expect((await send(CENTRE, { headers: { 'x-sender': 'c_i804' } })).json()['code']).toBe('sender-mismatch');
  });

  it('2: a partner with minimal disclosure learns that it may not, never why; the operator sees why', async () => {
    const paths = {
      'agreement-suspended': REGION,
      'agreement-not-in-force': '/rest/c_h007/v1/VariazioneAnagrafica/notifiche',
      'not-authorised': '/rest/c_i804/v1/VariazioneAnagrafica/notifiche',
      'participant-unknown': '/rest/c_zzzz/v1/VariazioneAnagrafica/notifiche',
      'service-unknown': '/rest/c_h166/v1/VariazioneAnagrafica/notifiche',
    };
    const shown = new Set<string>();
    for (const [code, path] of Object.entries(paths)) {
      const answer = await send(STRANGER, { path, body: noticeJson(undefined, 'ag_stran') });
      const id = idOf(answer);
      const own = await http(`${gateway.url}/messages/${id}`, { key: STRANGER });
      const timeline = await http(`${gateway.url}/messages/${id}/timeline`, { key: STRANGER });
      for (const { text } of [own, timeline])
        expect(text).not.toMatch(/suspended|in force|stranger-|No participant|does not provide/);
      shown.add(`${answer.status} ${answer.text.replaceAll(id, 'ID')}`);
      const operator = await http(`${gateway.url}/admin/messages/${id}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      expect(operator.json<StatusView>().fault?.code).toBe(code);
    }
    expect([...shown]).toHaveLength(1);
    expect([...shown][0]).toMatch(/^403 .*not-authorised/);
  });

  it('2: a partner without it is told everything', async () => {
    const none = await send(KEYS.raiano, { body: noticeJson(undefined, 'c_h166') });
    expect(none.json()['place']).toBe('c_h166 -> r_abruzz, VariazioneAnagrafica v1, notificaVariazione');
    const nobody = await send(KEYS.raiano, { path: '/rest/c_zzzz/v1/VariazioneAnagrafica/notifiche' });
    expect([nobody.status, nobody.json()['code']]).toEqual([404, 'participant-unknown']);
  });
});
