import type { SchemaBundle } from '../../../message/document.js';
import { schemaBundle } from '../document-names.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';
import type { InterfacePlace } from '../interface-problem.js';
import { isObject, type JsonObject } from './json-documents.js';
import type { JsonReferences, Located } from './json-references.js';

const CURRENT = 'https://json-schema.org/draft/2020-12/schema';
const ENTRY = 'schema.json';
const MISSING = 'missing';

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
  private readonly bundles = new Map<string, SchemaBundle>();
  private readonly places = new WeakMap<SchemaBundle, Located>();
  private room: number = INTERFACE_LIMITS.openApiSchemaBytes;

  constructor(
    private readonly references: JsonReferences,
    private readonly older: boolean,
  ) {}

  /** False where the description's schemas, each with all that it refers to, are more than the limit. */
  get fit(): boolean {
    return this.room >= 0;
  }

  bundle(schema: Located): SchemaBundle {
    const key = keyOf(schema);
    const known = this.bundles.get(key);
    if (known) return known;
    const text = this.fit ? JSON.stringify(this.closed(schema)) : '{}';
    this.room -= text.length;
    const bundle = schemaBundle('json-schema', ENTRY, { [ENTRY]: text });
    this.bundles.set(key, bundle);
    this.places.set(bundle, schema);
    return bundle;
  }

  /** Where the schema of a bundle of `bundle` begins. */
  placeOf(bundle: SchemaBundle): InterfacePlace | undefined {
    const schema = this.places.get(bundle);
    return schema && this.references.placeOf(schema);
  }

  /** What is referred to waits in a queue: a chain of references may be as long as the document. */
  private closed(schema: Located): JsonObject {
    const names = new Map<string, string>();
    const definitions = new Map<string, unknown>();
    const waiting: { readonly name: string; readonly target: Located }[] = [];
    const define = (reference: string, from: string): string => {
      const target = this.references.target(reference, from);
      if (!target) {
        // The problem is noted already: a schema that says nothing gives no second one.
        definitions.set(MISSING, true);
        return `#/$defs/${MISSING}`;
      }
      const key = keyOf(target);
      const known = names.get(key);
      if (known !== undefined) return `#/$defs/${known}`;
      const name = `${names.size + 1}-${lastStep(target.pointer)}`;
      names.set(key, name);
      waiting.push({ name, target });
      return `#/$defs/${name}`;
    };
    const root = this.converted(schema.value, schema.file, define);
    for (const { name, target } of waiting) definitions.set(name, this.converted(target.value, target.file, define));
    return {
      $schema: CURRENT,
      ...(isObject(root) ? root : { allOf: [root] }),
      $defs: Object.fromEntries(definitions),
    };
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

const keyOf = ({ file, pointer }: Located) => `${file}#${pointer}`;

const lastStep = (pointer: string) => pointer.slice(pointer.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_.-]/g, '_');
