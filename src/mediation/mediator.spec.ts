import fc from 'fast-check';
import type { SchemaBundle } from '../message/document.js';
import { Fault } from '../message/fault.js';
import { createMediator } from './mediator.js';

const NS = 'urn:test';

function bundle(
  body: string,
  more: Record<string, string> = {},
  attributes = 'elementFormDefault="qualified"',
): SchemaBundle {
  const head = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="${NS}" xmlns:o="urn:other" targetNamespace="${NS}"`;
  const documents = { 'main.xsd': `${head} ${attributes}>${body}</xs:schema>`, ...more };
  return { key: JSON.stringify(documents), kind: 'xsd', entry: 'main.xsd', documents };
}

const mediator = createMediator();
const ROOT = { namespace: NS, name: 'root' };
const toJson = (schema: SchemaBundle, xml: string): unknown =>
  JSON.parse(mediator.toJson(schema, ROOT, Buffer.from(xml)).toString());
const toXml = (schema: SchemaBundle, value: unknown): string =>
  mediator.toXml(schema, ROOT, Buffer.from(JSON.stringify(value))).toString();
const written = (schema: SchemaBundle, value: unknown) => toXml(schema, value).replace(/^<\?xml[^>]*\?>/, '');

function faultOf(work: () => unknown): { code: string; place: string | null; detail: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error.toRecord();
    throw error;
  }
  throw new Error('no fault');
}

const sequence = (body: string) =>
  `<xs:element name="root"><xs:complexType><xs:sequence>${body}</xs:sequence></xs:complexType></xs:element>`;

describe('mediator', () => {
  const scalars = bundle(
    sequence(`
      <xs:element name="text" type="xs:string"/>
      <xs:element name="count" type="xs:unsignedInt"/>
      <xs:element name="amount"><xs:simpleType><xs:restriction base="xs:decimal"><xs:fractionDigits value="2"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="yes" type="xs:boolean"/>
      <xs:element name="bytes" type="xs:base64Binary"/>
      <xs:element name="year" type="xs:gYear"/>
      <xs:element name="at" type="xs:dateTime" minOccurs="0"/>
      <xs:element name="word" type="xs:token" minOccurs="0" maxOccurs="unbounded"/>`),
  );
  const value = { text: ' a\r\n b ', count: 7, amount: '412.30', yes: false, bytes: 'JVBERi0x', year: 44 };

  it('8: gives each value the JSON type of its schema type', () => {
    const xml = `<root xmlns="${NS}"><text> a&#13;\n b </text><count> 007 </count><amount>412.30</amount><yes>0</yes><bytes>JVBE\n Ri0x</bytes><year>0044</year></root>`;
    expect(toJson(scalars, xml)).toEqual(value);
    expect(written(scalars, value)).toBe(
      `<root xmlns="${NS}"><text> a&#xD;\n b </text><count>7</count><amount>412.30</amount><yes>false</yes><bytes>JVBERi0x</bytes><year>0044</year></root>`,
    );
  });

  it('8: writes elements in the order of the schema, whatever the order in JSON', () => {
    const reversed = Object.fromEntries(Object.entries({ ...value, word: ['b', 'a'] }).reverse());
    expect(toXml(scalars, reversed)).toBe(toXml(scalars, { ...value, word: ['b', 'a'] }));
  });

  it('8: makes an array of an element that may repeat, even of one alone, and leaves out what is absent', () => {
    const xml = toXml(scalars, { ...value, word: ['one'] });
    expect(toJson(scalars, xml)).toEqual({ ...value, word: ['one'] });
    expect(toJson(scalars, toXml(scalars, { ...value, word: [] }))).toEqual(value);
  });

  it('writes an RFC 3339 time as xs:dateTime wants it', () => {
    expect(toXml(scalars, { ...value, at: '2026-11-23t09:15:00z' })).toContain('<at>2026-11-23T09:15:00Z</at>');
  });

  it.each([
    ['a string for an integer', { count: '7' }, '/count'],
    ['a number for a decimal', { amount: 412.3 }, '/amount'],
    ['an integer that JSON cannot hold', { count: 2 ** 53 }, '/count'],
    ['half a base64', { bytes: 'JVB' }, '/bytes'],
    ['a member that the schema lacks', { constructor: 'x' }, '/constructor'],
    ['a single value for an array', { word: 'one' }, '/word'],
    ['a number in an array', { word: ['one', 2] }, '/word/1'],
    ['null', { text: null }, '/text'],
    ['a character that XML has not', { text: '\u0001' }, ''],
    ['a missing member', { text: undefined }, ''],
  ])('refuses %s', (_, change, place) => {
    expect(faultOf(() => toXml(scalars, { ...value, ...change }))).toMatchObject({ code: 'mediation-failed', place });
  });

  it.each([
    ['another root', `<r xmlns="${NS}"/>`, '/root'],
    ['the root in no namespace', '<root/>', '/root'],
    ['an element out of its namespace', `<root xmlns="${NS}"><text xmlns="">x</text></root>`, '/root'],
    ['an element twice', `<root xmlns="${NS}"><text>x</text><text>y</text></root>`, '/root'],
    ['text between elements', `<root xmlns="${NS}">x</root>`, '/root'],
    ['an attribute that the schema lacks', `<root xmlns="${NS}" a="1"/>`, '/root'],
    ['an element in text', `<root xmlns="${NS}"><text><b/></text></root>`, '/root/text'],
    ['a boolean that is none', `<root xmlns="${NS}"><yes>yes</yes></root>`, '/root/yes'],
    ['a year with a zone', `<root xmlns="${NS}"><year>2025Z</year></root>`, '/root/year'],
    ['what is missing', `<root xmlns="${NS}"><text/></root>`, '/root'],
    ['xsi:type', `<root xmlns="${NS}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x"/>`, '/root'],
    ['a DOCTYPE', `<!DOCTYPE root [<!ENTITY e "x">]><root xmlns="${NS}">&e;</root>`, '/root'],
    ['what is not well-formed', `<root xmlns="${NS}">`, '/root'],
  ])('refuses %s in XML', (_, xml, place) => {
    expect(faultOf(() => toJson(scalars, xml))).toMatchObject({ code: 'mediation-failed', place });
  });

  it('takes the branch of a choice that has room for what is there, and refuses two', () => {
    const schema = bundle(
      sequence(`
        <xs:element name="name" type="xs:string"/>
        <xs:choice>
          <xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/></xs:sequence>
          <xs:sequence><xs:element name="c" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:sequence>
        </xs:choice>`),
    );
    expect(written(schema, { b: '2', c: '1', name: 'n' })).toContain('<name>n</name><c>1</c><b>2</b>');
    expect(written(schema, { a: '1', name: 'n' })).toContain('<name>n</name><a>1</a>');
    expect(faultOf(() => toXml(schema, { name: 'n', a: '1', c: '2' })).detail).toBe('one of a, b, c is missing.');
    expect(faultOf(() => toXml(schema, { name: 'n' })).code).toBe('mediation-failed');
  });

  it('reads types across documents, each element in its own namespace', () => {
    const other = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:other" targetNamespace="urn:other" elementFormDefault="qualified">
      <xs:element name="note" type="xs:string"/><xs:complexType name="Head"><xs:sequence><xs:element name="id" type="Id"/><xs:element ref="note" minOccurs="0"/></xs:sequence></xs:complexType>
      <xs:simpleType name="Id"><xs:union memberTypes="xs:int xs:long"/></xs:simpleType></xs:schema>`;
    const chameleon = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="Tail"><xs:sequence><xs:element name="end" type="End" minOccurs="0"/></xs:sequence></xs:complexType><xs:simpleType name="End"><xs:restriction base="xs:boolean"/></xs:simpleType></xs:schema>`;
    const schema = bundle(
      `<xs:import namespace="urn:other" schemaLocation="other.xsd"/><xs:include schemaLocation="tail.xsd"/>` +
        sequence('<xs:element name="head" type="o:Head"/><xs:element name="tail" type="t:Tail"/>'),
      { 'other.xsd': other, 'tail.xsd': chameleon },
    );
    const content = { head: { id: 5, note: '' }, tail: { end: true } };
    expect(written(schema, content)).toBe(
      `<n1:root xmlns:n1="${NS}" xmlns:n2="urn:other"><n1:head><n2:id>5</n2:id><n2:note/></n1:head>` +
        '<n1:tail><end>true</end></n1:tail></n1:root>',
    );
    expect(toJson(schema, toXml(schema, content))).toEqual(content);
  });

  it('carries attributes, text beside them, nil, unqualified elements and recursion', () => {
    const schema = bundle(
      `<xs:complexType name="Node"><xs:sequence>
         <xs:element name="price" type="t:Price" nillable="true" minOccurs="0"/><xs:element name="node" type="t:Node" minOccurs="0" maxOccurs="2"/>
       </xs:sequence><xs:attribute name="id" type="xs:int" use="required"/><xs:attribute ref="t:mark"/></xs:complexType>
       <xs:attribute name="mark" type="xs:boolean"/>
       <xs:complexType name="Price"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="currency"/></xs:extension></xs:simpleContent></xs:complexType>
       <xs:element name="root" type="t:Node"/>`,
      {},
      '',
    );
    const content = {
      '@id': 1,
      '@mark': true,
      price: { '#text': '1.50', '@currency': 'a\tb\n"' },
      node: [
        { '@id': 2, price: null },
        { '@id': 3, node: [{ '@id': 4 }] },
      ],
    };
    expect(toXml(schema, content)).toContain(`<n1:root xmlns:n1="${NS}"`);
    expect(toJson(schema, toXml(schema, content))).toEqual(content);
    expect(faultOf(() => toXml(schema, {})).detail).toBe('@id is missing.');
  });

  it('3: refuses an attribute of an element that is nil, which null cannot carry', () => {
    const schema = bundle(
      sequence('<xs:element name="price" type="t:Price" nillable="true"/>') +
        '<xs:complexType name="Price"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="currency"/></xs:extension></xs:simpleContent></xs:complexType>',
    );
    const nil = (more: string) =>
      `<root xmlns="${NS}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><price xsi:nil="true" ${more}/></root>`;
    expect(toJson(schema, nil('xsi:schemaLocation="urn:test main.xsd"'))).toEqual({ price: null });
    expect(faultOf(() => toJson(schema, nil('currency="EUR"')))).toMatchObject({
      code: 'mediation-failed',
      place: '/root/price',
      detail: 'currency stands on an element that is nil: JSON has no place for it.',
    });
  });

  it('extends a type after its base and expands groups', () => {
    const schema = bundle(
      `<xs:complexType name="Base"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence></xs:complexType>
       <xs:group name="G"><xs:sequence><xs:element name="b" type="xs:int"/></xs:sequence></xs:group>
       <xs:element name="root"><xs:complexType><xs:complexContent><xs:extension base="t:Base"><xs:sequence><xs:group ref="t:G" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>`,
    );
    expect(written(schema, { b: 1, a: 'x' })).toContain('<a>x</a><b>1</b>');
    expect(written(schema, { a: 'x' })).toContain('<a>x</a>');
  });

  it.each([
    [
      'a repeated group',
      sequence(
        '<xs:choice maxOccurs="2"><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/></xs:choice>',
      ),
    ],
    [
      'one name in two places',
      sequence(
        '<xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/><xs:element name="a" type="xs:int"/>',
      ),
    ],
    ['a required wildcard', sequence('<xs:any/>')],
    ['xs:anyType', sequence('<xs:element name="a" type="xs:anyType"/>')],
    ['xs:QName', sequence('<xs:element name="a" type="xs:QName"/>')],
    [
      'a substitution group',
      `${sequence('<xs:element ref="t:a"/>')}<xs:element name="a" type="xs:int"/><xs:element name="b" substitutionGroup="t:a"/>`,
    ],
    ['a type that is not there', sequence('<xs:element name="a" type="t:None"/>')],
    ['a document that is not there', `<xs:include schemaLocation="toString"/>${sequence('')}`],
  ])('refuses a schema with %s', (_, body) => {
    expect(faultOf(() => toXml(bundle(body), {}))).toMatchObject({ code: 'mediation-failed', place: 'main.xsd' });
  });

  it('8: keeps names that are special to JavaScript or to the XML library', () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', '_', 'cdata', 'toString'];
    const schema = bundle(sequence(names.map((name) => `<xs:element name="${name}" type="xs:string"/>`).join('')));
    const json = `{${names.map((name) => `"${name}":"${name}"`).join(',')}}`;
    const xml = mediator.toXml(schema, ROOT, Buffer.from(json));
    expect(xml.toString()).toContain('<__proto__>__proto__</__proto__><constructor>');
    expect(mediator.toJson(schema, ROOT, xml).toString()).toBe(json);
  });

  const legal = fc
    .string({ unit: 'binary' })
    .map((text) => text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));

  it('8: brings any content back as it was (JSON -> XML -> JSON)', () => {
    const record = fc.record(
      {
        text: legal,
        count: fc.maxSafeNat(),
        amount: fc.stringMatching(/^-?[0-9]{1,10}\.[0-9]{2}$/),
        yes: fc.boolean(),
        bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
        year: fc.integer({ min: -9999, max: 9999 }),
        at: fc
          .date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('9000-01-01') })
          .map((date) => date.toISOString()),
        word: fc.array(fc.stringMatching(/^[a-z&<>"']+$/), { minLength: 1 }),
      },
      { requiredKeys: ['text', 'count', 'amount', 'yes', 'bytes', 'year'] },
    );
    fc.assert(
      fc.property(record, (content) => {
        expect(toJson(scalars, toXml(scalars, content))).toEqual({ ...content });
      }),
      { numRuns: 500 },
    );
  });
});
