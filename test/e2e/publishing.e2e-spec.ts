import { readdir, readFile, rm } from 'node:fs/promises';
import { packBundle } from '../../src/registry/bundle/bundle.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, SOAP11_HEADERS } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Published {
  readonly key: string;
  readonly report: {
    readonly problems: readonly object[];
    readonly operations: readonly { readonly name: string }[];
    readonly documents: readonly string[];
    readonly unused: readonly string[];
  };
  readonly compatibility: readonly { readonly breaking: boolean; readonly message: string }[] | null;
}
interface Rehearsed {
  readonly wouldBe: string;
  readonly operation: string | null;
  readonly agreement: { readonly id: string } | null;
  readonly route: readonly object[];
  readonly faults: readonly { readonly code: string; readonly violations: readonly { path: string; line: number }[] }[];
}

/** WSDL and XSDs of the residents' notice as a vendor would send them. */
async function notice(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const folder of ['anagrafe', 'comune', 'crocevia'])
    for (const name of await readdir(`schemas/${folder}/1.0`, { withFileTypes: true }))
      if (name.isFile() && /\.(wsdl|xsd)$/.test(name.name))
        files.set(`${folder}/1.0/${name.name}`, await readFile(`schemas/${folder}/1.0/${name.name}`));
  return files;
}

describe('publishing an interface, embedded', () => {
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

  const post = (path: string, who: OperatorName = 'platform', body: Buffer | string = '', headers = {}) =>
    http(`${gateway.url}/admin/${path}`, { method: 'POST', headers: { ...bearer(who), ...headers }, body });
  const publish = async (files: ReadonlyMap<string, Buffer>, query: string, who: OperatorName = 'platform') =>
    post(`services?${query}`, who, await packBundle(files), { 'content-type': 'application/zip' });
  const revision = async () =>
    (await http(`${gateway.url}/admin/registry`, { headers: bearer('platform') })).json<{ revision: string }>()
      .revision;
  const send = () =>
    http(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, {
      key: KEYS.sulmona,
      body: envelope(),
      headers: SOAP11_HEADERS,
    });

  it('1: a bundle becomes a draft: operations, files used and unused, and what it changes', async () => {
    const files = new Map([...(await notice()), ['leggimi.txt', Buffer.from('ciao')]]);
    const answer = await publish(files, 'id=VariazioneAnagrafica&version=2&title=Variazioni&reason=prova');
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
    const { key, report, compatibility } = answer.json<Published>();
    expect([key, report.problems]).toEqual(['service VariazioneAnagrafica v2', []]);
    expect(report.operations).toMatchObject([{ name: 'notificaVariazione', profile: 'one-way', input: 'xsd' }]);
    expect(report.unused).toContain('leggimi.txt');
    expect(report.documents).toContain('anagrafe/1.0/VariazioneAnagrafica.wsdl');
    // The WSDL alone says nothing of REST, JSON and events, which version 1 has.
    expect(compatibility?.some(({ breaking }) => breaking)).toBe(true);
    const drafts = await http(`${gateway.url}/admin/services?status=draft`, { headers: bearer('auditor') });
    expect(drafts.json<{ items: { key: string }[] }>().items.map((one) => one.key)).toEqual([key]);
  });

  it('1: what is wrong is told with file and line, missing documents by name; the registry is unchanged', async () => {
    const before = await revision();
    const files = await notice();
    const wsdl = files.get('anagrafe/1.0/VariazioneAnagrafica.wsdl')!.toString();
    const broken = new Map([
      ...files,
      ['anagrafe/1.0/VariazioneAnagrafica.wsdl', Buffer.from(wsdl.replace('</wsdl:types>', ''))],
    ]);
    const missing = new Map([...files].filter(([name]) => !name.startsWith('comune/')));
    const answers = [await publish(broken, 'id=X&version=1'), await publish(missing, 'id=X&version=1')].map((one) =>
      one.json<{ status: number; problems: { file: string; line: number; message: string }[] }>(),
    );
    expect(answers.map(({ status }) => status)).toEqual([422, 422]);
    expect(answers[0]!.problems[0]).toMatchObject({
      file: 'anagrafe/1.0/VariazioneAnagrafica.wsdl',
      line: expect.any(Number),
    });
    expect(answers[1]!.problems.map(({ message }) => message).join('\n')).toContain('comune.xsd');
    const none = await publish(new Map([['a.txt', Buffer.from('')]]), 'id=X&version=1');
    expect(none.json()).toMatchObject({ status: 422, code: 'registry-refused' });
    const noZip = await post('services?id=X&version=1', 'platform', 'no archive', {
      'content-type': 'application/zip',
    });
    expect(noZip.json()).toMatchObject({ status: 422, problems: [{ message: expect.stringContaining('archive') }] });
    expect(await revision()).toBe(before);
  });

  it('1: a participant’s operator publishes in its own name only', async () => {
    const own = await publish(await notice(), 'id=AvvisiSulmona&version=1&title=Avvisi', 'sulmona');
    expect(own.status).toBe(201);
    expect((await publish(await notice(), 'id=AvvisiSulmona&version=1&title=Avvisi', 'raiano')).status).toBe(403);
    expect((await publish(await notice(), 'id=Altro&version=1&owner=c_h007', 'sulmona')).status).toBe(403);
    expect((await publish(await notice(), 'id=VariazioneAnagrafica&version=3', 'auditor')).status).toBe(403);
    expect((await publish(await notice(), 'id=AvvisiSulmona&version=2', 'raiano')).status).toBe(403);
    expect((await publish(await notice(), 'id=VariazioneAnagrafica&version=3', 'sulmona')).status).toBe(403);
  });

  it('6: a draft is seen by its owner, not by other bodies', async () => {
    const seen = async (who: OperatorName, path: string) =>
      (await http(`${gateway.url}/admin/${path}`, { headers: bearer(who) })).text.includes('AvvisiSulmona');
    for (const path of ['services?status=draft&owner=c_i804', 'registry/documents?kind=service'])
      expect([await seen('sulmona', path), await seen('raiano', path)]).toEqual([true, false]);
    const compared = `services/AvvisiSulmona/versions/1/compatibility?from=1`;
    const answer = (who: OperatorName) => http(`${gateway.url}/admin/${compared}`, { headers: bearer(who) });
    expect([(await answer('sulmona')).status, (await answer('raiano')).status]).toEqual([200, 404]);
  });

  it('3: a draft cannot be called and may change; published it is as it is', async () => {
    const path = `${gateway.url}/soap/c_h007/v2/VariazioneAnagrafica`;
    const call = () => http(path, { key: KEYS.sulmona, body: envelope(), headers: SOAP11_HEADERS });
    expect((await call()).text).toContain('version-unknown');
    const files = await notice();
    const xsd = 'anagrafe/1.0/anagrafe.xsd';
    const name = files.has(xsd) ? xsd : [...files.keys()].find((one) => /^anagrafe.*\.xsd$/.test(one))!;
    const changed = new Map([...files, [name, Buffer.concat([files.get(name)!, Buffer.from('\n<!-- altro -->\n')])]]);
    expect((await publish(changed, 'id=VariazioneAnagrafica&version=2&title=Variazioni')).status).toBe(201);
    const released = await post('services/VariazioneAnagrafica/versions/2/publish');
    expect([released.status, released.json<{ document: object }>().document]).toMatchObject([
      200,
      { status: 'published' },
    ]);
    // It is there now, but nobody provides it.
    expect((await call()).text).toContain('service-unknown');
    const again = await publish(files, 'id=VariazioneAnagrafica&version=2&title=Variazioni');
    expect(again.json()).toMatchObject({
      status: 422,
      problems: [
        {
          file: 'service VariazioneAnagrafica v2',
          message: 'VariazioneAnagrafica v2 is published: its interface cannot change',
          hint: 'publish it as a new version: 3',
        },
      ],
    });
  });

  it('7: what would happen is told without sending: operation, agreement, route, every fault with its place', async () => {
    const rehearse = async (query: string, body: string, headers: Record<string, string> = SOAP11_HEADERS) =>
      (
        await post(`services/VariazioneAnagrafica/versions/1/validate?${query}`, 'platform', body, headers)
      ).json<Rehearsed>();
    expect(await rehearse('consumer=c_i804&provider=c_h007', envelope())).toEqual({
      wouldBe: 'accepted',
      operation: 'notificaVariazione',
      agreement: { id: 'c_i804-c_h007-VariazioneAnagrafica', status: 'active' },
      route: [{ participant: 'c_h007', system: 'pratola.protocollo', channel: 'box' }],
      faults: [],
    });
    const wrong = envelope().replace(/<(\w+:)?sesso>.*?<\/(\w+:)?sesso>/, '<$1sesso>X</$1sesso>');
    const both = await rehearse('consumer=c_h166&provider=c_h007', wrong);
    expect(both).toMatchObject({ wouldBe: 'refused', operation: 'notificaVariazione', agreement: null });
    expect(both.faults.map(({ code }) => code)).toEqual(['not-authorised', 'schema-violation']);
    expect(both.faults[1]!.violations[0]).toMatchObject({
      path: expect.stringContaining('sesso'),
      line: expect.any(Number),
    });
    const json = JSON.stringify(noticeJson('r_abruzz'), null, 2).replace('"CAMBIO_RESIDENZA"', '"TRASLOCO"');
    const rest = await rehearse('consumer=c_i804&provider=r_abruzz', json, { 'content-type': 'application/json' });
    expect(rest.faults.map(({ code, violations }) => [code, violations[0]?.path])).toEqual([
      ['schema-violation', '/tipoVariazione'],
    ]);
    const nothing = await http(`${gateway.url}/admin/messages`, { headers: bearer('platform') });
    expect(nothing.json<{ items: { state: string }[] }>().items.filter(({ state }) => state !== 'REJECTED')).toEqual(
      [],
    );
  });

  it('7: a draft that nobody provides yet is tried by the body that owns it, broken messages too', async () => {
    const path = 'services/AvvisiSulmona/versions/1/validate';
    const tried = await post(path, 'sulmona', envelope(), SOAP11_HEADERS);
    expect([tried.status, tried.json<Rehearsed>().route]).toMatchObject([200, [{ participant: 'c_i804' }]]);
    expect((await post(`${path}?consumer=c_h166`, 'raiano', envelope(), SOAP11_HEADERS)).status).toBe(404);
    expect((await post(path, 'auditor-raiano', envelope(), SOAP11_HEADERS)).status).toBe(404);
    const broken = await post(path, 'sulmona', '{"a":', { 'content-type': 'application/json' });
    expect(broken.json()).toMatchObject({ status: 400, code: 'not-well-formed' });
    const media = await post(path, 'sulmona', 'a: 1', { 'content-type': 'application/yaml' });
    expect(media.json()).toMatchObject({ status: 415, code: 'media-type-unsupported' });
  });

  it('7: an accepted message is explained with its agreement', async () => {
    const accepted = await send();
    const id = accepted.headers['x-gateway-id'] ?? '';
    const told = await http(`${gateway.url}/admin/messages/${id}/explanation`, { headers: bearer('platform') });
    expect(told.json()).toMatchObject({
      wouldBe: 'accepted',
      agreement: { id: 'c_i804-c_h007-VariazioneAnagrafica', status: 'active' },
    });
  });

  it('7: a refused message is explained after the fact', async () => {
    const refused = await http(`${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`, {
      key: KEYS.sulmona,
      body: envelope().replace(/<(\w+:)?sesso>.*?<\/(\w+:)?sesso>/, '<$1sesso>X</$1sesso>'),
      headers: SOAP11_HEADERS,
    });
    const id = refused.headers['x-gateway-id'] ?? '';
    const told = await http(`${gateway.url}/admin/messages/${id}/explanation`, { headers: bearer('platform') });
    expect([told.status, told.json()]).toMatchObject([
      200,
      {
        id,
        wouldBe: 'refused',
        operation: 'notificaVariazione',
        agreement: { id: 'c_i804-c_h007-VariazioneAnagrafica', status: 'active' },
        faults: [{ code: 'schema-violation', violations: [{ path: expect.stringContaining('sesso') }] }],
      },
    ]);
  });

  it('3: deprecation is announced in every answer, and a retired version is gone', async () => {
    expect((await send()).headers['deprecation']).toBeUndefined();
    const sunset = '2027-06-30T22:00:00.000Z';
    const step = (name: string) => post(`services/VariazioneAnagrafica/versions/1/${name}`);
    expect((await step(`deprecate?sunset=${sunset}`)).status).toBe(200);
    const { status, headers } = await send();
    expect([status, headers['deprecation'], headers['sunset']]).toEqual([
      200,
      expect.stringMatching(/^@\d{10}$/),
      'Wed, 30 Jun 2027 22:00:00 GMT',
    ]);
    expect((await step('deprecate')).json<{ document: object }>().document).toMatchObject({ sunset });
    expect((await step('publish')).json()).toMatchObject({
      status: 422,
      problems: [{ message: expect.stringContaining('announced') }],
    });
    expect((await step('retire')).status).toBe(200);
    const gone = await send();
    expect([gone.status, gone.text]).toEqual([500, expect.stringContaining('service-retired')]);
    const rest = await http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: noticeJson('r_abruzz'),
    });
    expect(rest.json()).toMatchObject({ status: 410, code: 'service-retired' });
    expect((await step('publish')).json()).toMatchObject({
      status: 422,
      problems: [{ message: expect.stringContaining('retired') }],
    });
  });

  it('3: a version is compared with another before it is published', async () => {
    const answer = await http(`${gateway.url}/admin/services/VariazioneAnagrafica/versions/2/compatibility?from=1`, {
      headers: bearer('auditor'),
    });
    const { changes } = answer.json<{ changes: { kind: string; breaking: boolean; place: string }[] }>();
    const without = await http(`${gateway.url}/admin/services/VariazioneAnagrafica/versions/2/compatibility`, {
      headers: bearer('auditor'),
    });
    expect(without.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place: 'from' });
    expect(changes).toContainEqual(expect.objectContaining({ breaking: true, place: expect.stringMatching(/rest/) }));
  });
});
