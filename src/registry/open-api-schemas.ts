import type { SchemaBundle } from '../message/document.js';
import { schemaBundle } from './document-names.js';
import { isObject, type JsonObject } from './json-documents.js';
import type { JsonReferences, Located } from './json-references.js';

const CURRENT = 'https://json-schema.org/draft/2020-12/schema';
const ENTRY = 'schema.json';

const MAPS = ['properties', 'patternProperties', 'dependentSchemas'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SCHEMAS = [
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'],
];
/** Left out: every reference is written anew, and what it points at stands under `$defs` of the bundle. */
const DROPPED = ['$id', 'id', '$schema', '$anchor', 'definitions', '$defs', 'example', 'externalDocs', 'xml'];

/**
 * The schema objects of one OpenAPI description as JSON Schema 2020-12, each in a bundle of its own with all that it
 * refers to. `older` is true where schemas without `$schema` are those of OpenAPI 3.0.
 */
export class OpenApiSchemas {
  constructor(
    private readonly references: JsonReferences,
    private readonly older: boolean,
  ) {}

  bundle(schema: Located): SchemaBundle {
    const names = new Map<string, string>();
    const definitions: Record<string, unknown> = {};
    const define = (reference: string, from: string): string => {
      const target = this.references.target(reference, from);
      if (!target) return missing(definitions);
      const key = `${target.file}#${target.pointer}`;
      const known = names.get(key);
      if (known !== undefined) return known;
      const name = freeName(target.pointer, definitions);
      names.set(key, `#/$defs/${name}`);
      definitions[name] = true;
      definitions[name] = this.converted(target.value, target.file, define);
      return `#/$defs/${name}`;
    };
    const root = this.converted(schema.value, schema.file, define);
    const whole = isObject(root) ? root : { allOf: [root] };
    const text = JSON.stringify({ $schema: CURRENT, ...whole, $defs: definitions });
    return schemaBundle('json-schema', ENTRY, { [ENTRY]: text });
  }

  private converted(schema: unknown, file: string, define: Define): unknown {
    if (!isObject(schema)) return schema;
    const older = this.isOlder(file);
    if (older && typeof schema['$ref'] === 'string') return { $ref: define(schema['$ref'], file) };
    const inner = (value: unknown) => this.converted(value, file, define);
    return Object.fromEntries(
      Object.entries(older ? currentWords(schema) : schema)
        .filter(([word]) => !DROPPED.includes(word))
        .map(([word, value]) => [word, convertedWord(word, value, inner, (reference) => define(reference, file))]),
    );
  }

  private isOlder(file: string): boolean {
    const dialect = this.references.document(file)?.['$schema'];
    return typeof dialect === 'string' ? /\/draft-0[3-7]\//.test(dialect) : this.older;
  }
}

/** The problem is noted already: no second one for the same reference. */
function missing(definitions: Record<string, unknown>): string {
  definitions['missing'] ??= true;
  return '#/$defs/missing';
}

type Define = (reference: string, from: string) => string;

function convertedWord(
  word: string,
  value: unknown,
  inner: (value: unknown) => unknown,
  define: (reference: string) => string,
): unknown {
  if (word === '$ref' && typeof value === 'string') return define(value);
  if (SCHEMAS.includes(word)) return inner(value);
  if (LISTS.includes(word) && Array.isArray(value)) return value.map(inner);
  if (MAPS.includes(word) && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]));
  return value;
}

/** Words of OpenAPI 3.0.3 §4.7.24 and of the drafts up to 07 in those of 2020-12. `nullable` only widens `type`. */
function currentWords(schema: JsonObject): JsonObject {
  const { nullable, exclusiveMinimum, exclusiveMaximum, additionalItems, dependencies, ...words } = schema;
  const { type, items } = words;
  return {
    ...words,
    ...(nullable === true && typeof type === 'string' && { type: [type, 'null'] }),
    ...exclusive('exclusiveMinimum', exclusiveMinimum, 'minimum', words['minimum']),
    ...exclusive('exclusiveMaximum', exclusiveMaximum, 'maximum', words['maximum']),
    ...(Array.isArray(items) && { prefixItems: items, items: additionalItems ?? true }),
    ...(isObject(dependencies) && split(dependencies)),
  };
}

function exclusive(word: string, value: unknown, bound: string, limit: unknown): JsonObject {
  if (value === true && limit !== undefined) return { [word]: limit, [bound]: undefined };
  return typeof value === 'boolean' || value === undefined ? {} : { [word]: value };
}

function split(dependencies: JsonObject): JsonObject {
  const entries = Object.entries(dependencies);
  return {
    dependentRequired: Object.fromEntries(entries.filter(([, value]) => Array.isArray(value))),
    dependentSchemas: Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value))),
  };
}

function freeName(pointer: string, taken: JsonObject): string {
  const last = pointer.slice(pointer.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_.-]/g, '_') || 'root';
  let name = last;
  for (let number = 2; Object.hasOwn(taken, name); number++) name = `${last}-${number}`;
  return name;
}
