import { offerKey, offersFor, showOffer, type OfferFilter } from './directory.js';
import type { Agreement, Operation, Participant, Service, System } from '../model.js';
import { snapshot } from '../snapshot.js';

const operation: Operation = {
  name: 'inoltro',
  profile: 'one-way',
  soapAction: 'urn:inoltro',
  element: { namespace: 'urn:p', name: 'inoltro' },
  rest: { method: 'POST', path: '/inoltri', bodyRequired: true },
  eventType: null,
  xsd: null,
  jsonSchema: null,
  answerSchema: null,
  safe: false,
  acknowledged: false,
  promised: false,
  acceptedAs: null,
  follows: null,
  output: null,
};
const service = (id: string, version: number, status: Service['status'], more: Partial<Service> = {}): Service => ({
  id,
  version,
  title: `Servizio ${id}`,
  status,
  owner: null,
  deprecated: null,
  sunset: null,
  operations: [operation],
  maxBytes: 1,
  maxAttachmentBytes: null,
  senderPath: null,
  receiverPath: null,
  wsdl: { entry: 'P.wsdl', documents: { 'P.wsdl': '', 'a b.xsd': '' } },
  openapi: { entry: 'openapi.yaml', documents: { 'openapi.yaml': '', 'a.schema.json': '' } },
  ...more,
});
const system = (participant: string, ...provides: readonly (readonly [string, number])[]): System => ({
  id: `${participant}.s`,
  participant,
  credentials: [],
  provides: provides.map(([id, version]) => ({ service: id, version, endpoint: null })),
  answers: { concurrency: 1, waiting: 1 },
  receives: null,
  receiptsTo: null,
  callbacks: [],
  paused: false,
});
const agreement = (consumer: string, provider: string, id: string, more: Partial<Agreement> = {}): Agreement => ({
  id: `${consumer}-${provider}-${id}`,
  consumer,
  provider,
  service: id,
  version: 1,
  operations: null,
  status: 'active',
  validFrom: null,
  validUntil: new Date('2027-01-01T00:00:00Z'),
  subscribes: false,
  expiresAfter: 1,
  filtersDuplicates: false,
  ordered: false,
  receipts: true,
  evidence: 'none',
  strictEvidence: false,
  contentDays: null,
  recordDays: null,
  maxBytes: null,
  perMinute: null,
  ...more,
});
const body = (id: string): Participant => ({ id, name: `Comune ${id}`, kind: 'municipality', parent: null });

const registry = snapshot({
  revision: '1',
  participants: ['c_a', 'c_b', 'c_c', 'c_d'].map(body),
  systems: [system('c_b', ['Altro', 10], ['Altro', 2], ['Vecchio', 1], ['Bozza', 1]), system('c_a', ['Altro', 2])],
  services: [
    service('Altro', 10, 'published'),
    service('Altro', 2, 'deprecated', { deprecated: new Date(0), sunset: new Date(1000) }),
    service('Vecchio', 1, 'retired'),
    service('Bozza', 1, 'draft', { owner: 'c_c' }),
    service('Idea', 1, 'draft', { owner: 'c_c' }),
    service('Nessuno', 1, 'published'),
  ],
  agreements: [
    agreement('c_a', 'c_b', 'Vecchio'),
    agreement('c_d', 'c_b', 'Vecchio', { status: 'revoked' }),
    agreement('c_a', 'c_b', 'Altro', { version: 10, status: 'suspended', operations: ['inoltro'] }),
  ],
  operators: [],
  issuers: [],
});
const keys = (caller: string, filter: OfferFilter = {}) => offersFor([caller], registry, filter).map(offerKey);
const OPEN = ['c_a/Altro/0002', 'c_b/Altro/0002', 'c_b/Altro/0010'];

describe('directory', () => {
  it('8: lists what is provided, retired versions only to who still has an agreement', () => {
    expect(keys('c_a')).toEqual([...OPEN, 'c_b/Vecchio/0001']);
    expect(keys('c_d')).toEqual(OPEN);
  });

  it('8: lists a draft to its owner and to who provides it, to nobody else', () => {
    expect(keys('c_c')).toEqual([...OPEN, 'c_b/Bozza/0001', 'c_c/Idea/0001']);
    expect(keys('c_b')).toEqual([...OPEN, 'c_b/Bozza/0001']);
  });

  it('8: shows the caller its own agreement only', () => {
    const seen = (caller: string) => offersFor([caller], registry).map((offer) => offer.agreement?.id ?? null);
    expect(seen('c_a')).toEqual([null, null, 'c_a-c_b-Altro', 'c_a-c_b-Vecchio']);
    for (const caller of ['c_b', 'c_c', 'c_d']) expect(new Set(seen(caller))).toEqual(new Set([null]));
  });

  it('2: shows who acts for others what each of them has, and what is for them', () => {
    const offers = offersFor(['c_d', 'c_a', 'c_c'], registry);
    expect(offers.map(offerKey)).toEqual([...OPEN, 'c_b/Bozza/0001', 'c_b/Vecchio/0001', 'c_c/Idea/0001']);
    const shown = offers.map((offer) => showOffer(offer, 'https://g'));
    expect(shown[2]).toMatchObject({ agreement: null });
    expect(shown[2]?.actingFor).toMatchObject([
      { participant: 'c_a', agreement: { id: 'c_a-c_b-Altro', status: 'suspended' } },
      { participant: 'c_c', agreement: null },
    ]);
  });

  it.each([
    [{ participant: 'c_a' }, [OPEN[0]]],
    [{ service: 'Vecchio' }, ['c_b/Vecchio/0001']],
    [{ status: 'published' as const }, [OPEN[2]]],
    [{ text: 'COMUNE C_A' }, [OPEN[0]]],
    [{ text: 'inOLTro', status: 'deprecated' as const }, OPEN.slice(0, 2)],
    [{ text: '.*' }, []],
  ])('8: filters by %j', (filter, expected) => {
    expect(keys('c_a', filter)).toEqual(expected);
  });

  it('8: gives the addresses of what is served and of what can be called', () => {
    const shown = offersFor(['c_a'], registry, { participant: 'c_b' }).map((offer) =>
      showOffer(offer, 'https://g/base'),
    );
    expect(shown.map(({ status, endpoints }) => [status, Object.keys(endpoints)])).toEqual([
      ['deprecated', ['soap', 'rest']],
      ['published', ['soap', 'rest']],
      ['retired', []],
    ]);
    const [soap, rest] = ['https://g/base/soap/c_b/v10/Altro', 'https://g/base/rest/c_b/v10/Altro'];
    expect(shown[1]).toEqual({
      participant: { id: 'c_b', name: 'Comune c_b', kind: 'municipality' },
      service: 'Altro',
      version: 10,
      title: 'Servizio Altro',
      status: 'published',
      deprecated: null,
      sunset: null,
      operations: [
        {
          name: 'inoltro',
          profile: 'one-way',
          rest: { method: 'POST', path: '/inoltri' },
          soapAction: 'urn:inoltro',
          eventType: null,
        },
      ],
      interfaces: {
        wsdl: `${soap}?wsdl`,
        openapi: `${rest}/openapi.yaml`,
        documents: [`${soap}?xsd=a%20b.xsd`, `${rest}/a.schema.json`],
      },
      endpoints: { soap, rest },
      agreement: {
        id: 'c_a-c_b-Altro',
        status: 'suspended',
        operations: ['inoltro'],
        validFrom: null,
        validUntil: '2027-01-01T00:00:00.000Z',
      },
    });
    const [draft] = offersFor(['c_c'], registry, { status: 'draft' });
    expect(showOffer(draft!, 'https://g')).toMatchObject({ interfaces: { documents: [] }, endpoints: {} });
  });
});
