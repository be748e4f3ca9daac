import type { SchemaBundle } from '../message/document.js';
import type { Facets } from './facets.js';

type Words = Readonly<Record<string, unknown>>;

/** A schema with the document that it stands in: what its references are relative to. */
export interface JsonNode {
  readonly schema: object | boolean;
  readonly document: string;
}

/** What schemas that hold all at once (allOf, a $ref and what stands beside it) say of one value. */
export interface JsonView {
  /** Null: every type. */
  readonly types: ReadonlySet<string> | null;
  /** Values as JSON; null: every value. */
  readonly values: ReadonlySet<string> | null;
  readonly facets: Facets;
  readonly patterns: ReadonlySet<string>;
  readonly formats: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, readonly JsonNode[]>;
  readonly required: ReadonlySet<string>;
  readonly items: readonly JsonNode[];
  readonly additional: readonly JsonNode[];
  /** One list for each anyOf or oneOf. */
  readonly alternatives: readonly (readonly JsonNode[])[];
  /** Keywords that are compared as text. */
  readonly others: ReadonlySet<string>;
}

const FACETS = [
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
];
const OTHERS = [
  ...['not', 'if', 'then', 'else', 'contains', 'minContains', 'maxContains', 'prefixItems', 'additionalItems'],
  ...['patternProperties', 'propertyNames', 'dependentRequired', 'dependentSchemas', 'dependencies', 'uniqueItems'],
  ...['unevaluatedProperties', 'unevaluatedItems', 'contentEncoding'],
];
const MAX_TEXT_NODES = 5_000;

/** Reads the schemas of one bundle. */
export class JsonSchemas {
  private readonly documents: ReadonlyMap<string, unknown>;
  readonly root: readonly JsonNode[];

  constructor({ entry, documents }: SchemaBundle) {
    this.documents = new Map(Object.entries(documents).map(([name, text]) => [name, JSON.parse(text) as unknown]));
    this.root = [{ schema: this.documents.get(entry) as object, document: entry }];
  }

  view(nodes: readonly JsonNode[]): JsonView {
    const parts = this.conjuncts(nodes);
    const words = parts.flatMap(({ schema, document }) =>
      typeof schema === 'object'
        ? Object.entries(schema).map(([word, value]) => ({ word, value: value as unknown, document }))
        : [],
    );
    const of = (word: string) => words.filter((one) => one.word === word);
    const nodesOf = (word: string) =>
      of(word)
        .filter(({ value }) => isSchema(value))
        .map(({ value, document }) => ({ schema: value as object, document }));
    const texts = (word: string) => new Set(of(word).map(({ value }) => String(value)));
    return {
      types: both(of('type').map(({ value }) => new Set([value].flat().map(String)))),
      values: both([
        ...of('enum').map(({ value }) => new Set((value as unknown[]).map((one) => JSON.stringify(one)))),
        ...of('const').map(({ value }) => new Set([JSON.stringify(value)])),
        ...(parts.some(({ schema }) => schema === false) ? [new Set<string>()] : []),
      ]),
      facets: facetsOf(words),
      patterns: texts('pattern'),
      formats: texts('format'),
      properties: propertiesOf(of('properties')),
      required: new Set(of('required').flatMap(({ value }) => (Array.isArray(value) ? value.map(String) : []))),
      items: nodesOf('items'),
      additional: nodesOf('additionalProperties'),
      alternatives: [...of('anyOf'), ...of('oneOf')].map(({ value, document }) =>
        (value as object[]).map((schema) => ({ schema, document })),
      ),
      others: new Set(
        words
          .filter(({ word }) => OTHERS.includes(word))
          .map((one) => `${one.word}: ${this.text(one.value, one.document)}`),
      ),
    };
  }

  /** The schema as text with what it refers to, so that equal texts mean equal schemas. */
  text(value: unknown, document: string): string {
    let left = MAX_TEXT_NODES;
    const expand = (inner: unknown, at: string, above: readonly unknown[]): unknown => {
      if (inner === null || typeof inner !== 'object' || left-- < 0) return inner;
      if (Array.isArray(inner)) return inner.map((one) => expand(one, at, above));
      const { $ref } = inner as Words;
      const target = typeof $ref === 'string' ? this.target($ref, at) : null;
      if (target && !above.includes(target.schema))
        return { ...(inner as object), $ref: expand(target.schema, target.document, [...above, target.schema]) };
      const kept = Object.entries(inner).filter(([word]) => !['title', 'description', '$comment'].includes(word));
      return Object.fromEntries(
        kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, one]) => [word, expand(one, at, above)]),
      );
    };
    return JSON.stringify(expand(value, document, []));
  }

  private conjuncts(nodes: readonly JsonNode[], seen = new Set<unknown>()): readonly JsonNode[] {
    return nodes.flatMap((node) => {
      if (typeof node.schema === 'boolean') return [node];
      if (seen.has(node.schema)) return [];
      seen.add(node.schema);
      const { $ref, allOf } = node.schema as Words;
      const target = typeof $ref === 'string' ? this.target($ref, node.document) : null;
      const all = Array.isArray(allOf) ? allOf.map((schema: object) => ({ schema, document: node.document })) : [];
      return [node, ...this.conjuncts([...(target ? [target] : []), ...all], seen)];
    });
  }

  private target(reference: string, from: string): JsonNode | null {
    const [name = '', fragment = ''] = reference.split('#', 2);
    const document = name === '' ? from : name;
    const schema = fragment
      .split('/')
      .slice(1)
      .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, step) => (value as Words | undefined)?.[step], this.documents.get(document));
    return isSchema(schema) ? { schema, document } : null;
  }
}

const isSchema = (value: unknown): value is object | boolean =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));

function both(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> | null {
  const [first, ...others] = sets;
  if (!first) return null;
  return new Set(
    [...first].filter((one) => others.every((other) => other.has(one) || (one === 'integer' && other.has('number')))),
  );
}

/** Of limits that all hold the tightest one. */
function facetsOf(words: readonly { readonly word: string; readonly value: unknown }[]): Facets {
  const facets: Record<string, number> = {};
  for (const { word, value } of words) {
    if (!FACETS.includes(word) || typeof value !== 'number') continue;
    const known = facets[word];
    facets[word] =
      known === undefined ? value : /^max|^exclusiveMax/.test(word) ? Math.min(known, value) : Math.max(known, value);
  }
  return facets;
}

function propertiesOf(
  found: readonly { readonly value: unknown; readonly document: string }[],
): ReadonlyMap<string, readonly JsonNode[]> {
  const properties = new Map<string, readonly JsonNode[]>();
  for (const { value, document } of found)
    for (const [name, schema] of Object.entries(value as Record<string, object>))
      properties.set(name, [...(properties.get(name) ?? []), { schema, document }]);
  return properties;
}
