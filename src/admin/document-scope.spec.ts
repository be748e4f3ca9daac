import type { RegistryDocument, ServiceDocument } from '../registry/documents/document-types.js';
import { keyOf, keyText, type StoredDocument } from '../registry/registry-store.js';
import { requireChange, requirePublish, readable, shownDocument, withStoredHashes } from './document-scope.js';
import type { ActingOperator } from './permissions.js';

const CENTRE: ActingOperator = {
  id: 'centre',
  name: 'Centre',
  role: 'service-centre',
  participants: new Set(['cst_aq', 'c_i804', 'c_h007']),
};
const PLATFORM: ActingOperator = { id: 'platform', name: 'Platform', role: 'platform', participants: null };
const NOT_ALLOWED = expect.objectContaining({ code: 'operator-not-allowed' }) as unknown;

const body = (id: string, parent?: string): RegistryDocument => ({
  kind: 'participant',
  id,
  name: id,
  type: 'municipality',
  ...(parent && { parent }),
});
const system = (url: string, headers: Record<string, string> = {}, rest: object = {}): RegistryDocument => ({
  kind: 'system',
  id: 'sulmona.anagrafe',
  participant: 'c_i804',
  receives: { channel: 'push-rest', url, headers },
  ...rest,
});

function answer(before: RegistryDocument | undefined, after: RegistryDocument, operator = CENTRE): unknown {
  try {
    requireChange(operator, before, after);
    return 'allowed';
  } catch (error) {
    return error;
  }
}

describe('who may change a document', () => {
  it('6: a participant moves between two bodies of the scope only', () => {
    const sulmona = body('c_i804', 'cst_aq');
    expect(answer(sulmona, { ...sulmona, name: 'Sulmona' } as RegistryDocument)).toBe('allowed');
    expect(answer(sulmona, body('c_i804', 'c_h007'))).toBe('allowed');
    expect(answer(sulmona, body('c_i804', 'cst_te'))).toEqual(NOT_ALLOWED);
    expect(answer(sulmona, body('c_i804'))).toEqual(NOT_ALLOWED);
    expect(answer(body('cst_aq', 'r_abruzz'), body('cst_aq', 'cst_te'))).toEqual(NOT_ALLOWED);
    expect(answer(body('cst_aq', 'r_abruzz'), body('cst_aq'))).toEqual(NOT_ALLOWED);
    expect(answer(body('c_l103', 'cst_te'), body('c_l103', 'cst_aq'))).toEqual(NOT_ALLOWED);
    expect(answer(sulmona, body('c_i804', 'cst_te'), PLATFORM)).toBe('allowed');
  });

  it('6: a new participant stands below a body of the scope', () => {
    expect(answer(undefined, body('c_h166', 'cst_aq'))).toBe('allowed');
    expect(answer(undefined, body('c_h166', 'cst_te'))).toEqual(NOT_ALLOWED);
    expect(answer(undefined, body('c_h166'))).toEqual(NOT_ALLOWED);
  });

  it('2: a system acts for bodies that the operator looks after only', () => {
    const url = 'http://a.example/';
    const acting = (...actsFor: string[]) => system(url, {}, { actsFor });
    expect(answer(system(url), acting('c_h007'))).toBe('allowed');
    expect(answer(system(url), acting('c_l103'))).toEqual(NOT_ALLOWED);
    expect(answer(undefined, acting('c_l103'))).toEqual(NOT_ALLOWED);
    expect(answer(acting('c_l103'), acting('c_l103', 'c_h007'))).toBe('allowed');
    expect(answer(acting('c_l103'), system(url))).toBe('allowed');
    expect(answer(system(url), acting('c_l103'), PLATFORM)).toBe('allowed');
  });

  const answering = (endpoint: { url: string; headers?: Record<string, string> }) =>
    system(
      'http://a.example/',
      {},
      {
        provides: [{ service: 'PraticaSuap', version: 1, endpoint: { protocol: 'rest', ...endpoint } }],
      },
    );

  it.each([
    ['the address', system('env:SECRET')],
    ['a fallback', system('env:SECRET|http://a.example/')],
    ['a header', system('http://a.example/', { authorization: 'env:SECRET' })],
    ['an endpoint for queries', answering({ url: 'env:SECRET' })],
    ['a header of one', answering({ url: 'http://a.example/', headers: { authorization: 'env:SECRET' } })],
    ['receipts', { ...system('http://a.example/'), receiptsTo: { url: 'env:SECRET' } } as RegistryDocument],
  ])('6: what the environment holds is handed out by the platform only, as %s', (_, after) => {
    expect(answer(undefined, after)).toEqual(NOT_ALLOWED);
    expect(answer(system('http://a.example/'), after)).toEqual(NOT_ALLOWED);
    expect(answer(undefined, after, PLATFORM)).toBe('allowed');
  });

  it('6: what the platform has handed out goes nowhere else', () => {
    const before = system('http://a.example/', { authorization: 'env:SECRET' });
    expect(answer(before, system('http://b.example/', { authorization: 'env:SECRET' }))).toEqual(NOT_ALLOWED);
    expect(answer(before, system('http://a.example/', { authorization: 'env:SECRET' }, { provides: [] }))).toBe(
      'allowed',
    );
    expect(answer(system('http://a.example/'), system('http://b.example/', { note: 'environment' }))).toBe('allowed');
  });

  it('6: nothing is told of a document that the operator cannot see', () => {
    const agreement = (id: string, consumer: string, provider: string): RegistryDocument => ({
      kind: 'agreement',
      id,
      consumer,
      provider,
      service: 'PraticaSuap',
      version: 1,
    });
    const refused = answer(agreement('a', 'c_l103', 'r_abruzz'), agreement('a', 'c_i804', 'c_h007'));
    expect(refused).toMatchObject({
      code: 'operator-not-allowed',
      info: { detail: 'agreement a is not in the scope of operator centre.' },
    });
  });
});

describe('who may read a draft', () => {
  const draft = (owner?: string, more: Partial<ServiceDocument> = {}): ServiceDocument => ({
    ...{ kind: 'service', id: 'Bozza', version: 1, title: 'Bozza', status: 'draft', ...more },
    ...(owner && { owner }),
  });
  const providing = system('http://a.example/', {}, { provides: [{ service: 'Bozza', version: 1 }] });
  const documents = new Map([['system sulmona.anagrafe', { document: providing } as StoredDocument]]);
  const AUDITOR: ActingOperator = { ...PLATFORM, id: 'auditor', role: 'auditor' };
  const OTHER: ActingOperator = { ...CENTRE, id: 'other', role: 'participant', participants: new Set(['c_l103']) };

  it.each([
    ['the platform', PLATFORM, true, true],
    ['an auditor of all', AUDITOR, true, true],
    ['the centre above the owner or the provider', CENTRE, true, true],
    ['another body', OTHER, false, false],
  ])('6: %s: %#', (_, operator, own, provided) => {
    expect(readable(operator, new Map())(draft('c_h007'))).toBe(own);
    expect(readable(operator, documents)(draft('c_x'))).toBe(provided);
  });

  it('6: not of an owner elsewhere, or one that is the platform’s; what is published is for all', () => {
    expect(readable(CENTRE, new Map())(draft('c_l103'))).toBe(false);
    expect(readable(CENTRE, new Map())(draft())).toBe(false);
    expect(readable(CENTRE, documents)(draft('c_l103', { version: 2 }))).toBe(false);
    expect(readable(OTHER, new Map())(draft('c_h007', { status: 'published' }))).toBe(true);
  });
});

describe('hashes that an operator is not shown', () => {
  const before = system(
    'http://a.example/',
    {},
    {
      credentials: [
        { kind: 'api-key', id: 'one', hash: 'H1' },
        { kind: 'basic', username: 'one', hash: 'H2' },
      ],
    },
  );

  it('5: a system that is sent back as it was shown keeps them', () => {
    expect(JSON.stringify(shownDocument(CENTRE, before))).not.toContain('H1');
    expect(withStoredHashes(CENTRE, before, shownDocument(CENTRE, before))).toEqual(before);
  });

  const session = {} as NonNullable<ActingOperator['session']>;

  it('7.2: a browser is shown no hash of a system, and what it sends back keeps them', () => {
    const browser = { ...PLATFORM, session };
    expect(JSON.stringify(shownDocument(PLATFORM, before))).toContain('H1');
    expect(JSON.stringify(shownDocument(browser, before))).not.toContain('H1');
    expect(withStoredHashes(browser, before, shownDocument(browser, before))).toEqual(before);
  });

  it('7.2: a browser is shown no hash of an operator’s token, and what it sends back keeps them', () => {
    const operator: RegistryDocument = {
      kind: 'operator',
      id: 'centro',
      name: 'Centro',
      role: 'service-centre',
      tokens: [
        { id: 'notte', hash: 'H1' },
        { id: 'giorno', hash: 'H2' },
      ],
    };
    const browser = { ...PLATFORM, session };
    expect(JSON.stringify(shownDocument(PLATFORM, operator))).toContain('H1');
    expect(JSON.stringify(shownDocument(browser, operator))).not.toMatch(/H1|H2/);
    expect(withStoredHashes(browser, operator, shownDocument(browser, operator))).toEqual(operator);
  });

  it('7.2: no browser is shown what is sent to a system', () => {
    const sending = system('http://a.example/', { authorization: 'Bearer S1' });
    for (const operator of [CENTRE, PLATFORM]) {
      expect(JSON.stringify(shownDocument(operator, sending))).toContain('S1');
      expect(JSON.stringify(shownDocument({ ...operator, session }, sending))).not.toContain('S1');
    }
  });

  it('5: another id, another kind and a hash that is sent are taken as they are', () => {
    const credentials = [
      { kind: 'api-key', id: 'two' },
      { kind: 'api-key', username: 'two' },
      { kind: 'basic', username: 'one', hash: 'H3' },
    ];
    const sent = { ...before, credentials };
    expect(withStoredHashes(CENTRE, before, sent)).toEqual(sent);
    expect(withStoredHashes(CENTRE, undefined, sent)).toBe(sent);
    const foreign = { ...before, participant: 'c_l103' } as RegistryDocument;
    expect(withStoredHashes(CENTRE, foreign, sent)).toBe(sent);
  });
});

describe('who may publish a version', () => {
  const service = (version: number, owner?: string): ServiceDocument => ({
    kind: 'service',
    id: 'Avvisi',
    version,
    title: 'Avvisi',
    ...(owner && { owner }),
  });
  const registryOf = (...documents: readonly ServiceDocument[]) =>
    new Map(
      documents.map((document) => [keyText(keyOf(document)), { key: keyOf(document), document } as StoredDocument]),
    );

  it('1: no version of a service that another body, or the platform, has published', () => {
    const publishing =
      (document: ServiceDocument, ...there: readonly ServiceDocument[]) =>
      () =>
        requirePublish(CENTRE, document, registryOf(...there));
    expect(publishing(service(2, 'c_i804'), service(1, 'c_i804'))).not.toThrow();
    expect(publishing(service(2, 'c_i804'), service(1, 'c_h007'))).not.toThrow();
    expect(publishing(service(2, 'c_i804'), { ...service(1, 'c_l103'), id: 'Altro' })).not.toThrow();
    expect(publishing(service(2, 'c_i804'), service(1, 'c_l103'))).toThrow(NOT_ALLOWED as Error);
    expect(publishing(service(2, 'c_i804'), service(1))).toThrow(NOT_ALLOWED as Error);
    expect(publishing(service(2, 'c_l103'), service(1, 'c_i804'))).toThrow(NOT_ALLOWED as Error);
  });
});
