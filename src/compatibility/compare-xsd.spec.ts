import type { SchemaBundle } from '../message/document.js';
import { compareXsd } from './compare-xsd.js';

const XS = 'http://www.w3.org/2001/XMLSchema';
const NS = 'urn:nota';

function xsd(body: string): SchemaBundle {
  const text = `<xs:schema xmlns:xs="${XS}" xmlns="${NS}" targetNamespace="${NS}" elementFormDefault="qualified">${body}</xs:schema>`;
  return { key: text, kind: 'xsd', entry: 'entry', documents: { entry: text } };
}

/** `!removed nota/a`: a change that breaks; without `!` one that does not. */
function between(before: SchemaBundle, after: SchemaBundle): readonly string[] {
  const changes: string[] = [];
  compareXsd(before, after, { namespace: NS, name: 'nota' }, (kind, breaking, place) =>
    changes.push(`${breaking ? '!' : ''}${kind} ${place}`),
  );
  return changes;
}

describe('XSD payloads', () => {
  const nota = (content: string, more = '') =>
    xsd(`<xs:element name="nota"><xs:complexType>${content}</xs:complexType></xs:element>${more}`);
  const sequence = (...parts: string[]) => nota(`<xs:sequence>${parts.join('')}</xs:sequence>`);
  const el = (name: string, more = 'type="xs:string"') => `<xs:element name="${name}" ${more}/>`;
  const simple = (facets: string, base = 'xs:string') =>
    nota(
      `<xs:sequence><xs:element name="a" type="T"/></xs:sequence>`,
      `<xs:simpleType name="T"><xs:restriction base="${base}">${facets}</xs:restriction></xs:simpleType>`,
    );
  const a = '!changed nota/a';

  it.each<[string, SchemaBundle, SchemaBundle, string[]]>([
    ['an element gone', sequence(el('a'), el('b')), sequence(el('b')), ['!removed nota/a']],
    [
      'an optional element',
      sequence(el('b')),
      sequence(el('b'), el('a', 'type="xs:int" minOccurs="0"')),
      ['added nota/a'],
    ],
    ['a required element', sequence(), sequence(el('a')), ['!added nota/a']],
    [
      'an element made required',
      sequence(el('a', 'minOccurs="0" type="xs:int"')),
      sequence(el('a', 'type="xs:int"')),
      [a],
    ],
    [
      'an element made optional',
      sequence(el('a', 'type="xs:int"')),
      sequence(el('a', 'minOccurs="0" type="xs:int"')),
      [a.slice(1)],
    ],
    ['a lower maxOccurs', sequence(el('a', 'maxOccurs="unbounded"')), sequence(el('a', 'maxOccurs="9"')), [a]],
    ['a higher maxOccurs', sequence(el('a', 'maxOccurs="2"')), sequence(el('a', 'maxOccurs="9"')), [a.slice(1)]],
    ['a type narrowed', sequence(el('a', 'type="xs:integer"')), sequence(el('a', 'type="xs:int"')), [a]],
    ['a type widened', sequence(el('a', 'type="xs:short"')), sequence(el('a', 'type="xs:decimal"')), [a.slice(1)]],
    ['a date made text', sequence(el('a', 'type="xs:date"')), sequence(el('a')), [a.slice(1)]],
    ['text made a date', sequence(el('a')), sequence(el('a', 'type="xs:date"')), [a]],
    ['no nil any more', sequence(el('a', 'type="xs:int" nillable="true"')), sequence(el('a', 'type="xs:int"')), [a]],
    ['a fixed value', sequence(el('a')), sequence(el('a', 'type="xs:string" fixed="x"')), [a]],
    ['another order', sequence(el('a'), el('b')), sequence(el('b'), el('a')), ['!changed nota']],
    ['an order at all', nota(`<xs:all>${el('a')}${el('b')}</xs:all>`), sequence(el('a'), el('b')), ['!changed nota']],
    ['a free order', sequence(el('a'), el('b')), nota(`<xs:all>${el('a')}${el('b')}</xs:all>`), []],
    [
      'a sequence made a choice',
      sequence(el('a')),
      nota(`<xs:choice>${el('a')}${el('b')}</xs:choice>`),
      [a.slice(1), a, 'added nota/b'],
    ],
    [
      'a choice made required',
      nota(`<xs:choice minOccurs="0">${el('a')}</xs:choice>`),
      nota(`<xs:choice>${el('a')}</xs:choice>`),
      [a],
    ],
    [
      'an alternative gone',
      nota(`<xs:choice>${el('a')}${el('b')}</xs:choice>`),
      nota(`<xs:choice>${el('b')}</xs:choice>`),
      ['!removed nota/a'],
    ],
    [
      'an alternative more',
      nota(`<xs:choice>${el('b')}</xs:choice>`),
      nota(`<xs:choice>${el('a')}${el('b')}</xs:choice>`),
      ['added nota/a'],
    ],
    ['no xs:any any more', sequence('<xs:any/>'), sequence(), ['!changed nota']],
    ['an attribute gone', nota('<xs:attribute name="x"/>'), nota(''), ['!removed nota/@x']],
    ['an optional attribute', nota(''), nota('<xs:attribute name="x"/>'), ['added nota/@x']],
    ['a required attribute', nota(''), nota('<xs:attribute name="x" use="required"/>'), ['!added nota/@x']],
    [
      'an attribute made required',
      nota('<xs:attribute name="x"/>'),
      nota('<xs:attribute name="x" use="required"/>'),
      ['!changed nota/@x'],
    ],
    [
      'an attribute narrowed',
      nota('<xs:attribute name="x" type="xs:string"/>'),
      nota('<xs:attribute name="x" type="xs:int"/>'),
      ['!changed nota/@x'],
    ],
    [
      'a value gone',
      simple('<xs:enumeration value="1"/><xs:enumeration value="2"/>'),
      simple('<xs:enumeration value="1"/>'),
      ['!removed nota/a'],
    ],
    [
      'a value more',
      simple('<xs:enumeration value="1"/>'),
      simple('<xs:enumeration value="1"/><xs:enumeration value="2"/>'),
      ['added nota/a'],
    ],
    ['a shorter maxLength', simple('<xs:maxLength value="9"/>'), simple('<xs:maxLength value="8"/>'), [a]],
    ['a longer maxLength', simple('<xs:maxLength value="8"/>'), simple('<xs:maxLength value="9"/>'), [a.slice(1)]],
    [
      'a length made a range',
      simple('<xs:length value="5"/>'),
      simple('<xs:minLength value="4"/><xs:maxLength value="6"/>'),
      [a.slice(1), a.slice(1)],
    ],
    [
      'a higher minInclusive',
      simple('<xs:minInclusive value="1"/>', 'xs:int'),
      simple('<xs:minInclusive value="2"/>', 'xs:int'),
      [a],
    ],
    [
      'fewer totalDigits',
      simple('<xs:totalDigits value="9"/>', 'xs:decimal'),
      simple('<xs:totalDigits value="8"/>', 'xs:decimal'),
      [a],
    ],
    [
      'another date limit',
      simple('<xs:minInclusive value="2020-01-01"/>', 'xs:date'),
      simple('<xs:minInclusive value="2021-01-01"/>', 'xs:date'),
      [a],
    ],
    ['another pattern', simple('<xs:pattern value="a"/>'), simple('<xs:pattern value="b"/>'), [a]],
    ['a pattern gone', simple('<xs:pattern value="a"/>'), simple(''), ['removed nota/a']],
  ])('3: %s', (_name, before, after, changes) => {
    expect(between(before, after)).toEqual(changes);
  });

  it('3: follows groups, references, derivation, unions, lists and types that hold themselves', () => {
    const schema = (max: number, member: string) =>
      xsd(`
        <xs:element name="nota" type="Nota"/>
        <xs:complexType name="Base"><xs:sequence><xs:element name="b" type="xs:string"/></xs:sequence></xs:complexType>
        <xs:complexType name="Nota"><xs:complexContent><xs:extension base="Base"><xs:sequence>
          <xs:group ref="G" minOccurs="0"/><xs:element name="nota" type="Nota" minOccurs="0"/>
        </xs:sequence><xs:attributeGroup ref="A"/></xs:extension></xs:complexContent></xs:complexType>
        <xs:group name="G"><xs:sequence><xs:element ref="g" maxOccurs="${max}"/></xs:sequence></xs:group>
        <xs:element name="g"><xs:complexType><xs:simpleContent><xs:extension base="Union"/></xs:simpleContent></xs:complexType></xs:element>
        <xs:attributeGroup name="A"><xs:attribute name="x" type="List"/></xs:attributeGroup>
        <xs:simpleType name="Union"><xs:union memberTypes="xs:date ${member}"/></xs:simpleType>
        <xs:simpleType name="List"><xs:list itemType="${member}"/></xs:simpleType>`);
    expect(between(schema(3, 'xs:int'), schema(2, 'xs:long'))).toEqual([
      'changed nota/@x',
      '!changed nota/g',
      '!removed nota/g',
      'added nota/g',
    ]);
  });

  it('3: a document without a namespace means another thing to each that includes it', () => {
    const chameleon = (type: string): SchemaBundle => {
      const schema = (namespace: string, body: string) =>
        `<xs:schema xmlns:xs="${XS}" xmlns="${namespace}" targetNamespace="${namespace}">${body}</xs:schema>`;
      const documents = {
        entry: schema(
          NS,
          `<xs:include schemaLocation="c"/><xs:import namespace="urn:b" schemaLocation="b"/>
           <xs:simpleType name="S"><xs:restriction base="xs:string"/></xs:simpleType>
           <xs:element name="nota"><xs:complexType><xs:sequence>
             <xs:element name="a" type="T"/><xs:element xmlns:b="urn:b" ref="b:b"/>
           </xs:sequence></xs:complexType></xs:element>`,
        ),
        b: schema(
          'urn:b',
          `<xs:include schemaLocation="c"/><xs:element name="b" type="T"/>
           <xs:simpleType name="S"><xs:restriction base="xs:${type}"/></xs:simpleType>`,
        ),
        c: `<xs:schema xmlns:xs="${XS}"><xs:complexType name="T"><xs:sequence><xs:element name="s" type="S"/></xs:sequence></xs:complexType></xs:schema>`,
      };
      return { key: type, kind: 'xsd', entry: 'entry', documents };
    };
    expect(between(chameleon('string'), chameleon('int'))).toEqual(['!changed nota/b/s']);
  });
});
