import type { SchemaBundle } from '../message/document.js';
import type { Operation, Service } from '../registry/model.js';
import type { InterfaceChange } from './change.js';
import { compareServices } from './compare-services.js';

const XS = 'http://www.w3.org/2001/XMLSchema';
const NS = 'urn:nota';
const element = { namespace: NS, name: 'nota' };
const nota = (name: string) =>
  `<xs:element name="nota"><xs:complexType><xs:sequence><xs:element name="${name}" type="xs:int"/></xs:sequence></xs:complexType></xs:element>`;

const bundle = (kind: SchemaBundle['kind'], text: string): SchemaBundle => ({
  key: text,
  kind,
  entry: 'entry',
  documents: { entry: text },
});
const json = (schema: object) => bundle('json-schema', JSON.stringify(schema));
const xsd = (body: string) =>
  bundle(
    'xsd',
    `<xs:schema xmlns:xs="${XS}" xmlns="${NS}" targetNamespace="${NS}" elementFormDefault="qualified">${body}</xs:schema>`,
  );

const operation = (more: Partial<Operation> = {}): Operation => ({
  name: 'invia',
  profile: 'one-way',
  soapAction: null,
  element: null,
  rest: null,
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
  ...more,
});

const service = (operations: readonly Operation[], maxBytes = 1_000): Service => ({
  id: 'S',
  version: 1,
  title: 'S',
  status: 'published',
  deprecated: null,
  sunset: null,
  operations,
  maxBytes,
  maxAttachmentBytes: null,
  owner: null,
  senderPath: null,
  receiverPath: null,
  wsdl: null,
  openapi: null,
});

/** `! removed /a`: a change that breaks; without `!` one that does not. */
const short = (changes: readonly InterfaceChange[]) =>
  changes.map(({ breaking, kind, place }) => `${breaking ? '!' : ''}${kind} ${place}`);

const between = (before: Partial<Operation>, after: Partial<Operation>) =>
  short(compareServices(service([operation(before)]), service([operation(after)])));

describe('operations', () => {
  it('3: finds no change where nothing has changed', () => {
    const same = operation({ jsonSchema: json({ type: 'string' }), rest: { method: 'POST', path: '/a' } });
    expect(compareServices(service([same]), service([same]))).toEqual([]);
  });

  it('3: an operation removed breaks, one added does not; both are named', () => {
    const [before, after] = [service([operation()]), service([operation({ name: 'nuova' })])];
    expect(compareServices(before, after)).toEqual([
      {
        kind: 'removed',
        breaking: true,
        operation: 'invia',
        place: 'operations',
        message: 'The operation invia is gone.',
      },
      {
        kind: 'added',
        breaking: false,
        operation: 'nuova',
        place: 'operations',
        message: 'The operation nuova is new.',
      },
    ]);
  });

  it.each<[string, Partial<Operation>, Partial<Operation>, string[]]>([
    ['another profile', { profile: 'one-way' }, { profile: 'query' }, ['!changed profile']],
    ['another soapAction', { soapAction: 'a' }, { soapAction: 'b' }, ['!changed soapAction']],
    ['no soapAction any more', { soapAction: 'a' }, {}, ['!removed soapAction']],
    ['a first soapAction', {}, { soapAction: 'a' }, ['added soapAction']],
    ['another element', { element }, { element: { ...element, namespace: 'urn:b' } }, ['!changed element']],
    [
      'another method',
      { rest: { method: 'POST', path: '/a' } },
      { rest: { method: 'PUT', path: '/a' } },
      ['!changed rest'],
    ],
    [
      'another path',
      { rest: { method: 'POST', path: '/a' } },
      { rest: { method: 'POST', path: '/b' } },
      ['!changed rest'],
    ],
    ['a variable renamed', { rest: { method: 'GET', path: '/{a}/' } }, { rest: { method: 'GET', path: '/{b}' } }, []],
    ['another event type', { eventType: 'a' }, { eventType: 'b' }, ['!changed eventType']],
    ['no JSON any more', { jsonSchema: json({}) }, {}, ['!removed json']],
    ['JSON too', {}, { jsonSchema: json({}) }, ['added json']],
    ['XML too', {}, { xsd: xsd('') }, ['added xsd']],
  ])('3: %s', (_name, before, after, changes) => {
    expect(between(before, after)).toEqual(changes);
  });

  it('3: parameters and a required body', () => {
    const parameter = (name: string, required: boolean, type = 'string') =>
      ({ name, in: 'query', required, schema: json({ type }) }) as const;
    const rest = { method: 'GET', path: '/a' };
    const before = {
      ...rest,
      parameters: [parameter('a', false), parameter('b', false), parameter('c', true, 'integer')],
    };
    const after = {
      ...rest,
      bodyRequired: true,
      parameters: [parameter('a', true), parameter('c', false, 'number'), parameter('d', true), parameter('e', false)],
    };
    expect(between({ rest: before }, { rest: after })).toEqual([
      '!changed rest: body',
      '!changed rest: query a',
      'changed rest: query c',
      'changed rest: query c: /',
      '!added rest: query d',
      'added rest: query e',
      '!removed rest: query b',
    ]);
  });

  it('3: a lower limit of bytes breaks', () => {
    expect(short(compareServices(service([], 1_000), service([], 500)))).toEqual(['!changed maxBytes']);
    expect(short(compareServices(service([], 500), service([], 1_000)))).toEqual(['changed maxBytes']);
  });
});

describe('payloads', () => {
  it('3: are compared, each at its place', () => {
    const before = { element, xsd: xsd(nota('a')), jsonSchema: json({ maximum: 2 }) };
    const after = { element, xsd: xsd(nota('b')), jsonSchema: json({ maximum: 3 }) };
    expect(between(before, after)).toEqual(['!removed xsd: nota/a', '!added xsd: nota/b', 'changed json: /']);
  });

  it('3: are compared for every operation that has them', () => {
    const pair = (name: string) => {
      const one = { element, xsd: xsd(nota(name)) };
      return service([operation({ ...one, name: 'a' }), operation({ ...one, name: 'b' })]);
    };
    const places = compareServices(pair('a'), pair('b')).map(({ operation: of, place }) => `${of} ${place}`);
    expect(places).toEqual(['a', 'b'].flatMap((name) => [`${name} xsd: nota/a`, `${name} xsd: nota/b`]));
  });

  it('3: say where they cannot be compared', () => {
    const redefined = xsd('<xs:redefine schemaLocation="x.xsd"/>');
    expect(between({ element, xsd: xsd(nota('a')) }, { element, xsd: redefined })).toEqual(['!changed xsd']);
  });
});
