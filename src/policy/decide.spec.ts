import type { Decoded } from '../message/stages.js';
import type { Agreement, Operation, Participant, Service, System } from '../registry/model.js';
import { snapshot } from '../registry/snapshot.js';
import { announced } from './announce.js';
import { authorise, requireCallerIsSender } from './authorise.js';
import { leasesOver, MemoryAllowances } from '../../test/support/allowances.js';
import type { Registry } from '../registry/registry.js';
import { createThrottle } from './throttle.js';
import { fresh } from '../registry/fresh.js';
import { resolve } from './resolve.js';
import { validate } from './validate.js';

const NS = 'urn:anagrafe';
const operation = (name: string, more: Partial<Operation> = {}): Operation => ({
  name,
  profile: 'one-way',
  soapAction: `${NS}/${name}`,
  element: { namespace: NS, name },
  rest: { method: 'POST', path: `/${name}` },
  eventType: `it.${name}`,
  xsd: null,
  answerSchema: null,
  jsonSchema: { key: 'k', kind: 'json-schema', entry: 'e', documents: {} },
  safe: false,
  acknowledged: true,
  promised: false,
  acceptedAs: null,
  follows: null,
  output: null,
  ...more,
});

const service: Service = {
  id: 'Anagrafe',
  version: 1,
  title: 'Anagrafe',
  status: 'published',
  owner: null,
  deprecated: null,
  sunset: null,
  operations: [operation('nascita'), operation('decesso', { profile: 'query' })],
  maxBytes: 1000,
  maxAttachmentBytes: null,
  senderPath: 'testata/mittente',
  receiverPath: 'testata/destinatario',
  wsdl: null,
  openapi: null,
};

const body = (id: string): Participant => ({ id, name: id, kind: 'municipality', parent: null });
const system = (participant: string): System => ({
  id: `${participant}.sys`,
  participant,
  credentials: [],
  provides: [{ service: 'Anagrafe', version: 1, endpoint: null }],
  answers: { concurrency: 1, waiting: 1 },
  receives: null,
  receiptsTo: null,
  callbacks: [],
  paused: false,
});
const agreement = (provider: string, more: Partial<Agreement> = {}): Agreement => ({
  id: `a-${provider}`,
  consumer: 'mittente',
  provider,
  service: 'Anagrafe',
  version: 1,
  operations: null,
  status: 'active',
  validFrom: null,
  validUntil: null,
  subscribes: true,
  expiresAfter: 60,
  filtersDuplicates: false,
  ordered: false,
  receipts: true,
  evidence: 'digest',
  strictEvidence: false,
  contentDays: null,
  recordDays: null,
  maxBytes: null,
  perMinute: null,
  ...more,
});

const registryWith = (...agreements: Agreement[]) => registryOver(service, agreements);
const registryOver = (service: Service, agreements: readonly Agreement[]) =>
  snapshot({
    revision: 'r',
    participants: ['mittente', 'alfa', 'beta'].map(body),
    systems: ['mittente', 'alfa', 'beta'].map(system),
    services: [service],
    agreements,
    operators: [],
    issuers: [],
  });

const nothing = { soapAction: null, actionParameter: null, wsaAction: null, element: null, eventType: null };

function decoded(more: Partial<Decoded> & { readonly path?: string } = {}): Decoded {
  const { path = '/nascita', ...rest } = more;
  return {
    door: 'http',
    binding: 'rest',
    address: { participant: 'alfa', version: 1, service: 'Anagrafe', path, query: '', method: 'POST' },
    clock: { mark: () => undefined, marks: [] },
    caller: { participant: 'mittente', system: 'mittente.sys' },
    format: 'json',
    attachments: [],
    content: Buffer.alloc(100),
    hints: nothing,
    headers: {},
    messageId: 'm1',
    replyTo: null,
    claimedSender: null,
    claimedReceivers: [],
    ...rest,
  } as unknown as Decoded;
}
const soap = (hints: Partial<Decoded['hints']>) =>
  decoded({ binding: 'soap', path: '', hints: { ...nothing, ...hints } });
const event = (more: Partial<Decoded> = {}) =>
  decoded({ binding: 'cloudevents', hints: { ...nothing, eventType: 'it.nascita' }, ...more });
const now = new Date('2026-11-23T12:00:00Z');

describe('resolve', () => {
  const registry = registryWith(agreement('alfa'), agreement('beta'));

  it.each([
    ['SOAPAction', { soapAction: `${NS}/nascita` }],
    ['action parameter', { actionParameter: `${NS}/nascita` }],
    ['wsa:Action', { wsaAction: `${NS}/nascita` }],
    ['body element', { element: { namespace: NS, name: 'nascita' } }],
    ['an empty SOAPAction and the element', { soapAction: '', element: { namespace: NS, name: 'nascita' } }],
  ])('4: finds the operation by %s', (_name, hints) => {
    expect(resolve(soap(hints), registry).operation.name).toBe('nascita');
  });

  it.each([
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, wsaAction: `${NS}/decesso` }],
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, element: { namespace: NS, name: 'decesso' } }],
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, element: { namespace: 'urn:other', name: 'nascita' } }],
    ['operation-unknown', { soapAction: `${NS}/matrimonio` }],
    ['operation-unknown', { element: { namespace: 'urn:other', name: 'nascita' } }],
    ['operation-unknown', {}],
  ])('4: refuses with %s', (code, hints) => {
    expect(() => resolve(soap(hints), registry)).toThrow(expect.objectContaining({ code }));
  });

  it.each([{ element: { namespace: 'urn:x', name: 'nascita' } }, { soapAction: 'urn:x' }])(
    '4: says that a service has no SOAP interface, %j',
    (hints) => {
      const rest = { ...service, operations: [operation('nascita', { element: null, soapAction: null })] };
      const refused = expect.objectContaining({
        code: 'operation-unknown',
        info: expect.objectContaining({
          detail: expect.stringContaining('Anagrafe v1 publishes no SOAP interface'),
          expected: '/rest/alfa/v1/Anagrafe/...',
        }),
      }) as Error;
      expect(() => resolve(soap(hints), registryOver(rest, [agreement('alfa')]))).toThrow(refused);
    },
  );

  it.each([
    ['participant-unknown', { participant: 'gamma' }],
    ['service-unknown', { service: 'Tributi' }],
    ['version-unknown', { version: 9 }],
    ['route-unknown', { path: '/matrimonio' }],
    ['method-not-allowed', { method: 'PUT' }],
  ])('refuses a REST address with %s', (code, address) => {
    const wrong = decoded();
    expect(() => resolve({ ...wrong, address: { ...wrong.address, ...address } }, registry)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each([
    ['POST', '/nascita', 'nascita'],
    ['GET', '/7', 'legge'],
    ['GET', '/nascita', 'method-not-allowed'],
    ['POST', '/7', 'method-not-allowed'],
    ['GET', '/7/8', 'route-unknown'],
    ['GET', '', 'route-unknown'],
  ])('2: %s %s beside a path template is %s', (method, path, expected) => {
    const template = operation('legge', { rest: { method: 'GET', path: '/{id}' } });
    const wider = { ...registry, service: () => ({ ...service, operations: [template, ...service.operations] }) };
    const sent = decoded();
    const outcome = () => resolve({ ...sent, address: { ...sent.address, method, path } }, wider).operation.name;
    if (expected.includes('-')) expect(outcome).toThrow(expect.objectContaining({ code: expected }));
    else expect(outcome()).toBe(expected);
  });

  it('4: sends an event to the receivers it names, else to every subscriber', () => {
    const quiet = registryWith(agreement('alfa'), agreement('beta', { subscribes: false }));
    const receivers = (message: Decoded) => resolve(message, quiet).receivers.map(({ participant }) => participant);
    expect(receivers(event())).toEqual(['alfa']);
    expect(receivers(event({ claimedReceivers: ['beta'] }))).toEqual(['beta']);
    expect(receivers(event({ claimedReceivers: ['alfa', 'beta'] }))).toEqual(['alfa', 'beta']);
  });

  it.each([
    ['receiver-unknown', ['gamma']],
    ['not-authorised', ['mittente']],
  ])('refuses an event to a receiver with %s', (code, claimedReceivers) => {
    expect(() => resolve(event({ claimedReceivers }), registry)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses an event that nobody takes', () => {
    expect(() => resolve(event(), registryWith())).toThrow(expect.objectContaining({ code: 'no-subscriber' }));
  });
});

describe('authorise', () => {
  const decide = (message: Decoded, ...agreements: Agreement[]) => {
    const registry = registryWith(...agreements);
    return authorise(resolve(message, registry), registry, now);
  };

  it('5: lets through what an agreement in force covers', () => {
    expect(
      decide(decoded(), agreement('alfa', { operations: ['nascita'] })).routes.map(({ agreement: { id } }) => id),
    ).toEqual(['a-alfa']);
  });

  it.each([
    ['not-authorised', []],
    ['not-authorised', [agreement('beta')]],
    ['not-authorised', [agreement('alfa', { operations: ['decesso'] })]],
    ['not-authorised', [agreement('alfa', { status: 'revoked' })]],
    ['not-authorised', [agreement('alfa', { status: 'requested' })]],
    ['too-large', [agreement('alfa', { maxBytes: 99 })]],
    ['agreement-suspended', [agreement('alfa', { status: 'suspended' })]],
    ['intake-paused', [agreement('alfa', { takesNothing: true })]],
    ['agreement-not-in-force', [agreement('alfa', { validUntil: new Date('2026-01-01') })]],
    ['agreement-not-in-force', [agreement('alfa', { validFrom: new Date('2027-01-01') })]],
  ] as const)('5: refuses with %s', (code, agreements) => {
    expect(() => decide(decoded(), ...agreements)).toThrow(expect.objectContaining({ code }));
  });

  it('skips a subscriber whose agreement is suspended, and refuses when none is left', () => {
    const suspended = agreement('beta', { status: 'suspended' });
    expect(decide(event(), agreement('alfa'), suspended).routes.map(({ receiver }) => receiver.participant)).toEqual([
      'alfa',
    ]);
    expect(() => decide(event(), suspended)).toThrow(expect.objectContaining({ code: 'no-subscriber' }));
    expect(() => decide(event({ claimedReceivers: ['alfa', 'beta'] }), agreement('alfa'), suspended)).toThrow(
      expect.objectContaining({ code: 'agreement-suspended' }),
    );
  });

  it('4: needs a message id where the agreement filters duplicates', () => {
    const strict = agreement('alfa', { filtersDuplicates: true });
    expect(() => decide(decoded({ messageId: null }), strict)).toThrow(
      expect.objectContaining({ code: 'message-id-missing' }),
    );
    expect(decide(decoded({ messageId: null }), agreement('alfa')).messageId).toBeNull();
  });

  it('5: refuses a sender that is not the caller, but not an address that names nobody', () => {
    expect(() => decide(decoded({ claimedSender: 'alfa' }), agreement('alfa'))).toThrow(
      expect.objectContaining({ code: 'sender-mismatch' }),
    );
    expect(() => decide(decoded({ claimedSender: 'mittente' }), agreement('alfa'))).not.toThrow();
    const naming = (binding: Decoded['binding']) => () =>
      requireCallerIsSender(decoded({ binding, claimedSender: 'https://10.0.0.1/porta' }));
    expect(naming('soap')).not.toThrow();
    for (const binding of ['rest', 'cloudevents'] as const) expect(naming(binding)).toThrow(/sender-mismatch/);
  });

  it('1: an event carries no query, for nobody waits for the answer', () => {
    const registry = registryWith(agreement('alfa'));
    const asked = decoded({ path: '/decesso' });
    expect(() => decide(asked, agreement('alfa'))).not.toThrow();
    const question = { ...resolve(asked, registry), binding: 'cloudevents', claimedReceivers: ['alfa'] } as const;
    expect(() => authorise(question, registry, now)).toThrow(expect.objectContaining({ code: 'profile-unsupported' }));
  });
});

describe('a service version', () => {
  const over = (status: Service['status'], more: Partial<Service> = {}) =>
    registryOver({ ...service, status, ...more }, [agreement('alfa')]);

  it.each([
    ['draft', 'service-unknown'],
    ['retired', 'service-retired'],
  ] as const)('3: that is a %s cannot be called', (status, code) => {
    expect(() => resolve(decoded(), over(status))).toThrow(expect.objectContaining({ code }));
  });

  it('3: that is deprecated can be called, and every answer says since when and until when', () => {
    const dates = { deprecated: new Date('2026-11-01T00:00:00Z'), sunset: new Date('2027-06-30T22:00:00Z') };
    const { service: found } = resolve(decoded(), over('deprecated', dates));
    expect(announced({ status: 202, headers: { a: 'b' }, body: '' }, found).headers).toEqual({
      a: 'b',
      deprecation: '@1793491200',
      sunset: 'Wed, 30 Jun 2027 22:00:00 GMT',
    });
    expect(announced({ status: 202, headers: {}, body: '' }, service).headers).toEqual({});
  });
});

describe('throttle', () => {
  const throttleOver = (registry: Registry, perMinute = 1000) => {
    const refused: string[] = [];
    const leases = leasesOver(new MemoryAllowances());
    return {
      throttle: createThrottle({ leases, registry: () => registry, perMinute, refused: (kind) => refused.push(kind) }),
      refused,
    };
  };
  const limited = (detail: string) =>
    expect.objectContaining({
      code: 'rate-limited',
      info: expect.objectContaining({ detail: expect.stringContaining(detail), retryAfterSeconds: expect.any(Number) }),
    });

  it('4: holds an agreement to its messages a minute, and others not', async () => {
    const registry = registryWith(agreement('alfa', { perMinute: 2 }), agreement('beta'));
    const { throttle } = throttleOver(registry);
    const send = (to: string) =>
      throttle.take(authorise(resolve(event({ claimedReceivers: [to] }), registry), registry, now));
    await send('alfa');
    await send('alfa');
    await expect(send('alfa')).rejects.toEqual(
      limited('The limit of agreement a-alfa is used up: 2 messages a minute. It is free again at '),
    );
    for (let count = 0; count < 10; count++) expect(await send('beta')).toBeDefined();
  });

  it('7: holds system, participant, service and quota, names whose it is, and tells the tightest', async () => {
    const limits = { perMinute: 600, burst: 5, messagesPerDay: 3, bytesPerMonth: 1_000_000 };
    const registry = snapshot({
      revision: 'r',
      participants: [{ ...body('mittente'), limits }, body('alfa')],
      systems: [{ ...system('mittente'), limits: { perMinute: 4 } }, system('alfa')],
      services: [{ ...service, limits: { perMinute: 2 } }],
      agreements: [agreement('alfa')],
      operators: [],
      issuers: [],
    });
    const { throttle, refused } = throttleOver(registry);
    const caller = { participant: 'mittente', system: 'mittente.sys' };
    const authorised = authorise(
      resolve({ ...event({ claimedReceivers: ['alfa'] }), caller }, registry),
      registry,
      now,
    );
    const told = (one: Parameters<typeof throttle.headers>[0]) =>
      [throttle.headers(one)].map((all) => [all['x-ratelimit-limit'], all['x-ratelimit-remaining']])[0];
    expect(told({ caller })).toEqual(['4', '4']);
    await throttle.admit(caller);
    await throttle.take(authorised);
    expect(told({ caller })).toEqual(['4', '3']);
    expect(told(authorised)).toEqual(['2', '1']);
    await throttle.take(authorised);
    await expect(throttle.take(authorised)).rejects.toEqual(limited('service Anagrafe v1 of mittente'));
    for (let count = 0; count < 3; count++) await throttle.admit(caller);
    await expect(throttle.admit(caller)).rejects.toEqual(
      limited('system mittente.sys is used up: 4 requests a minute'),
    );
    const sibling = { participant: 'mittente', system: 'another' };
    await throttle.admit(sibling);
    await expect(throttle.admit(sibling)).rejects.toEqual(
      limited('participant mittente is used up: 5 requests in 0.5 seconds'),
    );
    const unlimited = { ...authorised, service: { ...service } };
    await throttle.take(unlimited);
    await expect(throttle.take(unlimited)).rejects.toEqual(
      limited('participant mittente is used up: 3 messages a day'),
    );
    expect(refused).toEqual(['service', 'system', 'participant', 'participant']);
  });
});

describe('a registry that ages', () => {
  it('4: refuses once the node could not look for 30 s', () => {
    const registry = registryWith();
    expect(fresh({ current: () => registry, age: () => 29_999 })()).toBe(registry);
    expect(() => fresh({ current: () => registry, age: () => 30_001 })()).toThrow(
      expect.objectContaining({ code: 'registry-stale' }),
    );
  });
});

describe('validate', () => {
  const registry = registryWith(agreement('alfa'), agreement('beta'));
  const check = (examination: object, message = decoded()) => {
    const document = {
      examine: async () => ({ violations: [], truncated: false, extracted: {}, digest: 'd', ...examination }),
    };
    return validate(authorise(resolve({ ...message, document } as unknown as Decoded, registry), registry, now));
  };

  it('5: holds the names in the body against caller and receiver', async () => {
    await expect(check({ extracted: { sender: 'mittente', receiver: 'alfa' } })).resolves.toBeDefined();
    await expect(check({ extracted: { sender: 'alfa' } })).rejects.toMatchObject({ code: 'sender-mismatch' });
    await expect(check({ extracted: { receiver: 'beta' } })).rejects.toMatchObject({ code: 'receiver-mismatch' });
    await expect(check({ extracted: { receiver: 'alfa' } }, event())).rejects.toMatchObject({
      code: 'receiver-mismatch',
    });
  });

  it('tells every violation, and what is published instead of an unpublished format', async () => {
    const violation = { path: '/a', line: 3, rule: 'enum', expected: 'x', found: 'y', message: 'no' };
    await expect(check({ violations: [violation] })).rejects.toMatchObject({
      code: 'schema-violation',
      info: { place: '/a, line 3', violations: [violation] },
    });
    await expect(check({}, decoded({ format: 'xml' }))).rejects.toMatchObject({
      code: 'media-type-unsupported',
      info: { expected: 'application/json' },
    });
  });

  it('6: makes attachments part of what the same message is', async () => {
    const attachment = (text: string) => ({ contentId: 'a', contentType: 'text/plain', bytes: Buffer.from(text) });
    const digestWith = async (...texts: string[]) =>
      (await check({}, decoded({ attachments: texts.map(attachment) }))).examination.digest;
    expect(await digestWith()).toBe('d');
    expect(await digestWith('x')).toBe(await digestWith('x'));
    expect(
      new Set([await digestWith(), await digestWith('x'), await digestWith('y'), await digestWith('x', 'y')]).size,
    ).toBe(4);
  });
});
