import { attribute, type XmlElement } from '../mediation/xml.js';
import { resolveName, XSD, type Declaration, type SchemaSet } from '../mediation/schema-set.js';
import { child } from '../mediation/simple-type.js';
import type { QName } from '../message/message.js';
import type { Facets } from './facets.js';

/** A simple type: the built-in that it is made of with every restriction on the way. */
export interface SimpleFacts {
  /** Local name of a built-in type, `list` or `union`. */
  readonly base: string;
  /** Item type of a list, member types of a union. */
  readonly members: readonly SimpleFacts[];
  readonly values: ReadonlySet<string> | null;
  readonly facets: Facets;
  readonly patterns: ReadonlySet<string>;
}

const FACETS = [
  ...['minLength', 'maxLength', 'minInclusive', 'maxInclusive', 'minExclusive', 'maxExclusive'],
  ...['totalDigits', 'fractionDigits'],
];

const plain = (base: string, members: readonly SimpleFacts[] = []): SimpleFacts => ({
  base,
  members,
  values: null,
  facets: {},
  patterns: new Set(),
});

export function simpleFactsNamed(name: QName, from: Declaration, schemas: SchemaSet): SimpleFacts {
  return name.namespace === XSD ? plain(name.name) : simpleFactsOf(schemas.get('type', name, from.schema), schemas);
}

/** Of an xs:simpleType. */
export function simpleFactsOf(from: Declaration, schemas: SchemaSet): SimpleFacts {
  const rule = from.node.children.find(({ name }) => ['restriction', 'list', 'union'].includes(name));
  if (!rule) return plain('anySimpleType');
  const own = { ...from, node: rule };
  if (rule.name !== 'restriction') return plain(rule.name, membersOf(own, schemas));
  const [base = plain('anySimpleType')] = membersOf(own, schemas);
  return restricted(base, rule);
}

/** `base`, `itemType` or `memberTypes`, then the types that stand inside. */
function membersOf(from: Declaration, schemas: SchemaSet): readonly SimpleFacts[] {
  const named = ['base', 'itemType', 'memberTypes'].flatMap((name) => (attribute(from.node, name) ?? '').split(/\s+/));
  return [
    ...named.filter((name) => name !== '').map((name) => simpleFactsNamed(resolveName(name, from), from, schemas)),
    ...from.node.children
      .filter(({ name }) => name === 'simpleType')
      .map((node) => simpleFactsOf({ ...from, node }, schemas)),
  ];
}

/** The base with the facets of an xs:restriction. Patterns of one step are alternatives, of several steps all hold. */
export function restricted(base: SimpleFacts, rule: XmlElement): SimpleFacts {
  const values = (name: string) =>
    rule.children.filter((one) => one.name === name).map((one) => attribute(one, 'value') ?? '');
  const own = FACETS.flatMap((name) => values(name).map((value) => [name, asNumber(value)] as const));
  const lengths = values('length').flatMap((value) =>
    ['minLength', 'maxLength'].map((name) => [name, Number(value)] as const),
  );
  const patterns = values('pattern').sort().join('|');
  return {
    ...base,
    values: child(rule, 'enumeration') ? new Set(values('enumeration')) : base.values,
    facets: { ...base.facets, ...Object.fromEntries([...lengths, ...own]) },
    patterns: new Set([...base.patterns, ...(child(rule, 'pattern') ? [patterns] : [])]),
  };
}

const asNumber = (value: string): number | string => (/^[+-]?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value);
