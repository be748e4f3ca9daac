import { rm } from 'node:fs/promises';
import { parse } from 'yaml';
import { readBundle } from '../../src/registry/bundle/bundle.js';
import { http, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';

interface Text {
  readonly revision: number;
  readonly text: string;
}
interface Check {
  readonly problems: readonly { file: string; line: number | null; message: string; hint: string }[];
  readonly document: object | null;
  readonly text: string | null;
}
interface History {
  readonly items: readonly {
    by: string;
    action: string;
    members: string[];
    before: string | null;
    after: string | null;
  }[];
  readonly next: string | null;
}

const SULMONA = 'system/sulmona.anagrafe';
const SERVICE = 'service/VariazioneAnagrafica';
const CANARY = 'canary-of-a-header';

describe('a document of the registry as a text', () => {
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
    http(`${gateway.url}/admin/registry/documents/${path}`, { ...call, headers: { ...bearer(who), ...headers } });
  const textOf = async (path: string, who: OperatorName = 'platform') => (await as(who, `${path}/text`)).json<Text>();
  const check = async (path: string, text: string, who: OperatorName = 'platform') => {
    const [place, query = ''] = path.split('?');
    return as(who, `${place}/check?${query}`, { body: { text } });
  };
  const put = (path: string, revision: number, body: object, who: OperatorName = 'platform') =>
    as(who, `${path}?reason=prova`, { method: 'PUT', headers: { 'if-match': `"${revision}"` }, body });
  const historyOf = async (path: string, who: OperatorName = 'platform') =>
    (await as(who, `${path}/history`)).json<History>();

  it('7.2: it is read and taken out without hashes, by the platform too', async () => {
    const { text, revision } = await textOf(SULMONA);
    expect(text).toMatch(/^kind: system\nid: sulmona.anagrafe\n/);
    expect(text).not.toContain('scrypt');
    const file = await as('platform', `${SULMONA}/file`);
    expect([file.text, file.headers['content-disposition'], file.headers['etag']]).toEqual([
      text,
      "attachment; filename*=UTF-8''system-sulmona.anagrafe.yaml",
      `"${revision}"`,
    ]);
  });

  it('7.2: a service is taken out with its interface files, as a folder of a registry', async () => {
    const address = `${gateway.url}/admin/registry/documents/${SERVICE}/file?version=1`;
    const file = await fetch(address, { headers: bearer('raiano') });
    expect(file.headers.get('content-type')).toBe('application/zip');
    const files = await readBundle(Buffer.from(await file.arrayBuffer()));
    const names = [...files.keys()];
    const document = names.find((name) => name.endsWith('service.yaml') || name.endsWith('-v1.yaml'))!;
    expect(parse(files.get(document)!.toString())).toMatchObject({ kind: 'service', id: 'VariazioneAnagrafica' });
    expect(names.some((name) => name.endsWith('anagrafe.xsd'))).toBe(true);
    expect(names.filter((name) => name === 'participants.yaml')).toEqual([]);
  });

  it('7.2: a text is tried out with every problem at its line, and nothing is written', async () => {
    const { text, revision } = await textOf('participant/c_h166');
    const tried = async (changed: string) => (await check('participant/c_h166', changed)).json<Check>();
    expect(await tried(text)).toEqual({ problems: [], document: parse(text) as object, text });
    const lines = text.split('\n');
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start)) + 1;
    const wrong = await tried(text.replace(/^type: .*$/m, 'type: kingdom').replace(/^name: .*$/m, 'nome: Raiano'));
    expect(wrong.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ line: at('type:'), message: expect.stringContaining('type') as unknown }),
        expect.objectContaining({ line: at('name:'), message: 'nome is not known here' }),
      ]),
    );
    const nobody = await tried(text.replace(/^parent: .*$/m, 'parent: c_nobody'));
    expect(nobody.problems).toMatchObject([{ file: 'participant c_h166', line: at('parent:') }]);
    const unreadable = (await tried('kind: participant\nid: [')).problems;
    expect(unreadable).toMatchObject([{ line: 2, hint: expect.stringContaining('YAML') as unknown }]);
    expect(await tried('')).toMatchObject({ document: null, problems: [{ line: 1, message: 'holds no document' }] });
    expect((await tried(text.replace('id: c_h166', 'id: c_h167'))).problems).toMatchObject([{ line: 2 }]);
    expect((await as('platform', 'participant/c_h166/check', { body: {} })).json()).toMatchObject({
      code: 'parameter-wrong',
    });
    expect((await textOf('participant/c_h166')).revision).toBe(revision);
  });

  it('7.2: what would break another document is told with its name and no line', async () => {
    const { text } = await textOf('agreement/c_i804-c_h007-VariazioneAnagrafica');
    const own = `${text.replace(/^version: .*$/m, 'version: 9')}`;
    const found = (await check('agreement/c_i804-c_h007-VariazioneAnagrafica', own)).json<Check>();
    expect(found.problems[0]?.line).toBe(own.split('\n').findIndex((line) => line.startsWith('service:')) + 1);
    const moved = (await textOf(SULMONA)).text.replace('participant: c_i804', 'participant: c_nobody');
    const { problems } = (await check(SULMONA, moved)).json<Check>();
    const at = moved.split('\n').findIndex((line) => line.startsWith('participant:')) + 1;
    expect(problems.map(({ file, line }) => [file, line])).toEqual([
      ['system sulmona.anagrafe', at],
      ['agreement c_h007-c_i804-InoltroProtocollo', null],
      ['agreement r_abruzz-c_i804-PosizioneTributaria', null],
    ]);
  });

  it('7.2: an interface that was published stays as it is', async () => {
    const { text } = (await as('platform', `${SERVICE}/text?version=1`)).json<Text>();
    const changed = `${text}operations:\n  - name: altra\n`;
    const { problems } = (await check(`${SERVICE}?version=1`, changed)).json<Check>();
    expect(problems.length).toBeGreaterThan(0);
    const unpublished = text.replace('version: 1', 'version: 7');
    expect((await check(`${SERVICE}?version=7`, unpublished)).json()).toMatchObject({ code: 'document-unknown' });
  });

  it('7.2: what is not shown is kept: hashes, and header values for the same address', async () => {
    const before = (await as('platform', SULMONA)).json<{ revision: number; document: Record<string, unknown> }>();
    const receives = { channel: 'push-rest', url: 'http://127.0.0.1:9/a', headers: { 'x-key': CANARY } };
    expect((await put(SULMONA, before.revision, { ...before.document, receives })).status).toBe(200);
    for (const who of ['platform', 'region', 'auditor'] as const) {
      const { text } = await textOf(SULMONA, who);
      expect(text).toContain('x-key: "***"');
      expect(text).not.toMatch(/scrypt|canary/);
      expect(JSON.stringify(await historyOf(SULMONA, who))).not.toMatch(/scrypt|canary/);
    }
    const { text, revision } = await textOf(SULMONA);
    const tried = (await check(SULMONA, text.replace('127.0.0.1:9/a', '127.0.0.1:9/b'))).json<Check>();
    expect(tried.problems).toMatchObject([{ line: text.split('\n').findIndex((line) => line.includes('x-key')) + 1 }]);
    const renamed = `${text}paused: true\n`;
    const { document, problems } = (await check(SULMONA, renamed)).json<Check>();
    expect(problems).toEqual([]);
    expect((await put(SULMONA, revision, document!)).status).toBe(200);
    const after = (await as('platform', SULMONA)).json<{ document: object }>().document;
    expect(after).toEqual({ ...before.document, receives, paused: true });
  });

  it('7.2: an earlier version is put back from the history, under the ETag and with the hashes of now', async () => {
    const { items } = await historyOf(SULMONA);
    expect(items.slice(0, 2).map(({ action, members }) => [action, members])).toEqual([
      ['update', ['paused']],
      ['update', ['receives']],
    ]);
    expect(items[0]?.before).toBe(items[1]?.after);
    const { revision } = await textOf(SULMONA);
    const { document } = (await check(SULMONA, items[2]!.after!)).json<Check>();
    expect((await put(SULMONA, revision - 1, document!)).json()).toMatchObject({ code: 'document-changed' });
    expect((await put(SULMONA, revision, document!)).status).toBe(200);
    expect((await textOf(SULMONA)).text).toBe(items[2]?.after);
    expect((await as('platform', SULMONA)).text).toContain('scrypt');
    const page = (await as('platform', `${SULMONA}/history?limit=2`)).json<History>();
    const rest = (await as('platform', `${SULMONA}/history?limit=2&before=${page.next}`)).json<History>();
    expect([...page.items, ...rest.items]).toEqual((await historyOf(SULMONA)).items.slice(0, 4));
  });

  it('7.2: a credential that was taken away since comes back with no earlier version', async () => {
    const key = { kind: 'api-key', id: 'di-prima' };
    const { text, revision } = await textOf(SULMONA);
    const { document } = (await as('platform', SULMONA)).json<{
      document: { credentials: { kind: string; hash?: string }[] };
    }>();
    const { hash } = document.credentials.find((one) => one.hash !== undefined)!;
    const more = { ...document, credentials: [...document.credentials, { ...key, hash }] };
    const added = await put(SULMONA, revision, more);
    const now = added.json<Text>().revision;
    const earlier = (await textOf(SULMONA)).text;
    expect((await put(SULMONA, now, document)).status).toBe(200);
    const { problems } = (await check(SULMONA, earlier)).json<Check>();
    expect(problems.map(({ message }) => message).join()).toContain('hash');
    expect((await textOf(SULMONA)).text).toBe(text);
  });

  it('7.2: what is out of scope is as unknown as what never was, and is not tried out', async () => {
    const never = await historyOf('system/nothing', 'raiano');
    expect([never, await historyOf(SULMONA, 'raiano')]).toEqual([{ items: [], next: null }, never]);
    for (const door of ['text', 'file'])
      expect((await as('raiano', `${SULMONA}/${door}`)).json()).toMatchObject({ code: 'document-unknown' });
    const { text } = await textOf(SULMONA);
    expect((await check(SULMONA, text, 'centre')).json()).toMatchObject({ code: 'operator-not-allowed' });
    expect((await check(SULMONA, text, 'auditor')).json()).toMatchObject({ code: 'operator-not-allowed' });
    expect((await check(SULMONA, text, 'region')).json<Check>().problems).toEqual([]);
    for (const door of ['text', 'file', 'history'])
      expect((await as('platform', `operator/centre/${door}`)).json()).toMatchObject({ code: 'parameter-wrong' });
    expect((await check('operator/centre', '')).json()).toMatchObject({ code: 'parameter-wrong' });
  });

  it('7.2: who is held back does not let itself go by an earlier version', async () => {
    const path = 'participant/c_h007';
    const { text } = await textOf(path);
    const suspended = `${gateway.url}/admin/participants/c_h007/suspend?reason=prova`;
    expect((await http(suspended, { method: 'POST', headers: bearer('region') })).status).toBe(200);
    expect((await check(path, text, 'centre')).json()).toMatchObject({ code: 'operator-not-allowed' });
    expect((await check(path, text, 'region')).json<Check>().problems).toEqual([]);
  });
});
