import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createClientAsync } from 'soap';
import { parse, stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface Offer {
  readonly participant: { readonly id: string; readonly name: string; readonly kind: string };
  readonly service: string;
  readonly version: number;
  readonly status: string;
  readonly interfaces: { readonly wsdl?: string; readonly openapi?: string; readonly documents: readonly string[] };
  readonly endpoints: { readonly soap?: string; readonly rest?: string };
  readonly agreement: { readonly id: string; readonly status: string } | null;
}
interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
type Caller = keyof typeof KEYS;

const operations = [
  {
    name: 'notifica',
    profile: 'one-way' as const,
    rest: { method: 'POST', path: '/notifiche' },
    jsonSchema: resolve('schemas/anagrafe/1.0/notificaVariazioneAnagrafica.schema.json'),
  },
];
const MORE: readonly RegistryDocument[] = [
  { kind: 'service', id: 'Vecchio', version: 1, title: 'Vecchio', status: 'retired', operations },
  { kind: 'service', id: 'Bozza', version: 1, title: 'Bozza', status: 'draft', owner: 'c_i804', operations },
  {
    kind: 'system',
    id: 'pratola.altro',
    participant: 'c_h007',
    provides: ['Vecchio', 'Bozza'].map((service) => ({ service, version: 1 })),
    receives: { channel: 'box' },
  },
  {
    kind: 'agreement',
    id: 'raiano-pratola',
    consumer: 'c_h166',
    provider: 'c_h007',
    service: 'Vecchio',
    version: 1,
  },
];

/** The description with the schemas that it refers to by their addresses. */
async function validity(description: Record<string, unknown>, documents: readonly string[]) {
  const validator = new Validator();
  for (const url of documents.filter((one) => one.endsWith('.json')))
    await validator.addSpecRef((await http(url)).json(), url);
  const { valid, errors } = await validator.validate(description);
  return valid ? { valid } : { valid, errors };
}

describe('the directory for consumers, embedded', () => {
  let gateway: RunningGateway;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeFile(join(directory, 'more.yaml'), MORE.map((one) => stringify(one)).join('---\n'));
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const ask = (who: Caller, path: string) => http(`${gateway.url}${path}`, { key: KEYS[who] });
  const offers = async (who: Caller, query = 'limit=500') =>
    (await ask(who, `/directory?${query}`)).json<Page<Offer>>().items;
  const named = (all: readonly Offer[]) => all.map((one) => `${one.participant.id} ${one.service} v${one.version}`);

  it('8: every listed address can be fetched; each WSDL and OpenAPI is read by a client and names this gateway', async () => {
    const listed = await offers('sulmona', 'status=published&limit=500');
    expect(listed).toHaveLength(12);
    let documents = 0;
    for (const { interfaces, endpoints } of listed) {
      const answers = await Promise.all(interfaces.documents.map((url) => http(url)));
      expect(answers.map(({ status }) => status)).toEqual(interfaces.documents.map(() => 200));
      documents += answers.length;
      const client = await createClientAsync(interfaces.wsdl as string);
      expect(Object.keys(client.describe() as object)).toHaveLength(1);
      const wsdl = (await http(interfaces.wsdl as string)).text;
      const ports = [...wsdl.matchAll(/:address\b[^>]*\blocation="([^"]*)"/g)].map(([, url]) => url);
      expect(new Set(ports)).toEqual(new Set([endpoints.soap]));
      const { text } = await http(interfaces.openapi as string);
      const description = parse(text) as { servers: { url: string }[]; [member: string]: unknown };
      expect(description.servers.map(({ url }) => url)).toEqual([endpoints.rest]);
      expect(await validity(description, interfaces.documents)).toEqual({ valid: true });
      expect([endpoints.soap, endpoints.rest].map((url) => url?.startsWith(gateway.url))).toEqual([true, true]);
    }
    expect(documents).toBeGreaterThanOrEqual(12);
  }, 60_000);

  it('8: a caller sees its own agreements, never another’s', async () => {
    const callers = { sulmona: 'c_i804-', pratola: 'c_h007-', regione: 'r_abruzz-', raiano: 'raiano-pratola' };
    const own: Record<string, number> = {};
    for (const [who, prefix] of Object.entries(callers) as [Caller, string][]) {
      const ids = (await offers(who)).flatMap(({ agreement }) => agreement?.id ?? []);
      expect(ids.filter((id) => !id.startsWith(prefix))).toEqual([]);
      own[who] = ids.length;
    }
    expect(own).toEqual({ sulmona: 4, pratola: 1, regione: 1, raiano: 1 });
    const [suap] = await offers('sulmona', 'service=PraticaSuap&participant=r_abruzz');
    expect(suap?.agreement).toEqual({
      id: 'c_i804-r_abruzz-PraticaSuap',
      status: 'suspended',
      operations: null,
      validFrom: null,
      validUntil: null,
    });
    expect((await ask('raiano', '/directory?limit=500')).text).not.toMatch(/c_i804-|c_h007-|r_abruzz-/);
  });

  it('8: drafts and retired versions are for those concerned', async () => {
    const special = async (who: Caller) =>
      named((await offers(who)).filter(({ status }) => ['draft', 'retired'].includes(status)));
    expect(await special('sulmona')).toEqual(['c_h007 Bozza v1']);
    expect(await special('pratola')).toEqual(['c_h007 Bozza v1']);
    expect(await special('raiano')).toEqual(['c_h007 Vecchio v1']);
    expect(await special('regione')).toEqual([]);
  });

  it('8: is read by pages, and participants too', async () => {
    const walk = async <T>(path: string): Promise<readonly T[]> => {
      const all: T[] = [];
      for (let after: string | null = ''; after !== null;) {
        const page: Page<T> = (await ask('regione', `${path}?limit=3&after=${encodeURIComponent(after)}`)).json();
        expect(page.items.length).toBeLessThanOrEqual(3);
        all.push(...page.items);
        after = page.next;
      }
      return all;
    };
    expect(named(await walk<Offer>('/directory'))).toEqual(named(await offers('regione')));
    expect(await walk('/directory/participants')).toEqual([
      { id: 'c_h007', name: 'Comune di Pratola Peligna', kind: 'municipality', parent: 'r_abruzz' },
      { id: 'c_h166', name: 'Comune di Raiano', kind: 'municipality', parent: 'r_abruzz' },
      { id: 'c_i804', name: 'Comune di Sulmona', kind: 'municipality', parent: 'r_abruzz' },
      { id: 'r_abruzz', name: 'Regione Abruzzo', kind: 'region', parent: null },
    ]);
    expect(named(await offers('regione', 'text=pratola%20PELIGNA&service=PraticaSuap'))).toEqual([
      'c_h007 PraticaSuap v1',
    ]);
  });

  it('8: refuses callers without credentials and parameters that are wrong', async () => {
    for (const path of ['/directory', '/directory/participants']) {
      expect((await http(`${gateway.url}${path}`)).json()).toMatchObject({ status: 401, code: 'credentials-missing' });
      for (const wrong of ['limit=0', 'limit=501', 'after=a&after=b'])
        expect((await ask('raiano', `${path}?${wrong}`)).json()).toMatchObject({
          status: 400,
          code: 'parameter-wrong',
        });
    }
    for (const wrong of ['status=new', 'text=a&text=b', `text=${'a'.repeat(201)}`])
      expect((await ask('raiano', `/directory?${wrong}`)).json()).toMatchObject({
        status: 400,
        code: 'parameter-wrong',
      });
  });
});
