import type { QName } from '../message/message.js';
import { misfit } from './misfit.js';
import { resolveName, XSD, type Declaration, type SchemaSet } from './schema-set.js';
import type { SimpleType, WhiteSpace } from './shape.js';
import { attribute, type XmlElement } from './xml.js';

const INTEGERS = [
  'integer nonPositiveInteger negativeInteger long int short byte nonNegativeInteger',
  'unsignedLong unsignedInt unsignedShort unsignedByte positiveInteger',
]
  .join(' ')
  .split(' ');

const string = (whiteSpace: WhiteSpace): SimpleType => ({ scalar: 'string', whiteSpace });

/** Built-in types that are not plain collapsed strings (XSD 1.0 Part 2 §3). */
const BUILT_IN: ReadonlyMap<string, SimpleType> = new Map<string, SimpleType>([
  ['string', string('preserve')],
  ['anySimpleType', string('preserve')],
  ['normalizedString', string('replace')],
  ['boolean', { scalar: 'boolean', whiteSpace: 'collapse' }],
  ['base64Binary', { scalar: 'base64', whiteSpace: 'collapse' }],
  ['gYear', { scalar: 'year', whiteSpace: 'collapse' }],
  ['dateTime', { scalar: 'dateTime', whiteSpace: 'collapse' }],
  ...INTEGERS.map((name) => [name, { scalar: 'integer', whiteSpace: 'collapse' }] as const),
]);

/** Their values mean nothing without the prefixes around them, which JSON has not. */
const CONTEXTUAL = ['QName', 'NOTATION'];

export function simpleTypeNamed(name: QName, from: Declaration, schemas: SchemaSet): SimpleType {
  if (name.namespace !== XSD) return simpleTypeOf(schemas.get('type', name, from.schema), schemas);
  if (CONTEXTUAL.includes(name.name)) throw misfit(`xs:${name.name} is not supported.`, from.schema.document);
  return BUILT_IN.get(name.name) ?? string('collapse');
}

/** The type that an xs:simpleType node declares. */
export function simpleTypeOf(from: Declaration, schemas: SchemaSet): SimpleType {
  const rule = from.node.children.find(({ name }) => name !== 'annotation');
  if (rule?.name === 'list') return string('collapse');
  if (rule?.name === 'union') return unionOf({ ...from, node: rule }, schemas);
  if (rule?.name !== 'restriction') throw misfit('This xs:simpleType is not supported.', from.schema.document);
  return restricted({ ...from, node: rule }, schemas);
}

function restricted(from: Declaration, schemas: SchemaSet): SimpleType {
  const base = attribute(from.node, 'base');
  const inline = child(from.node, 'simpleType');
  if (base === undefined && !inline) throw misfit('An xs:restriction has no base.', from.schema.document);
  const type =
    base === undefined
      ? simpleTypeOf({ ...from, node: inline as XmlElement }, schemas)
      : simpleTypeNamed(resolveName(base, from), from, schemas);
  const facet = child(from.node, 'whiteSpace');
  return facet ? { ...type, whiteSpace: (attribute(facet, 'value') ?? type.whiteSpace) as WhiteSpace } : type;
}

/** Members that are read alike make one type; others meet in a string that keeps every character. */
function unionOf(from: Declaration, schemas: SchemaSet): SimpleType {
  const names = (attribute(from.node, 'memberTypes') ?? '').split(/\s+/).filter((name) => name !== '');
  const named = names.map((name) => simpleTypeNamed(resolveName(name, from), from, schemas));
  const inline = from.node.children.filter(({ name }) => name === 'simpleType');
  const [first, ...others] = [...named, ...inline.map((node) => simpleTypeOf({ ...from, node }, schemas))];
  if (!first) throw misfit('An xs:union has no member.', from.schema.document);
  const scalar = others.every((one) => one.scalar === first.scalar) ? first.scalar : 'string';
  const whiteSpace = others.every((one) => one.whiteSpace === first.whiteSpace) ? first.whiteSpace : 'preserve';
  return { scalar, whiteSpace };
}

export function child(node: XmlElement, name: string): XmlElement | undefined {
  return node.children.find((one) => one.name === name && one.namespace === XSD);
}
