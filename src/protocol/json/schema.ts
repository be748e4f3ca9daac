import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaBundle } from '../../message/document.js';
import { CompiledSchemas } from '../compiled-schemas.js';
import { requireFinite } from './endless.js';
import { linearPatterns } from './patterns.js';

/** Keywords. */
const MAX_INLINED = 30;
const compiled = new CompiledSchemas(compileJsonSchema);

/** The compiled schema of this thread, by the bundle's key. Throws what `compileJsonSchema` throws. */
export const jsonSchemaOf = (bundle: SchemaBundle): ValidateFunction => compiled.of(bundle);

export const hasJsonSchema = (key: string): boolean => compiled.has(key);

/**
 * Compiles a bundle of JSON Schema 2020-12 or, where the entry's $schema says so, draft-07. A $ref may name a document
 * by its key in the bundle or by its $id. Throws Error for a $ref to anything else, for a schema without end, and with
 * ajv's reasons.
 */
export function compileJsonSchema({ entry, documents }: SchemaBundle): ValidateFunction {
  const schemas = new Map(Object.entries(documents).map(([name, text]) => [name, JSON.parse(text) as AnySchemaObject]));
  const names = namesOf(schemas);
  const start = schemas.get(entry);
  if (!start) throw new Error(`JSON Schema bundle without its entry ${entry}`);
  const ajv = engineFor(start);
  for (const [name, schema] of schemas) {
    const unresolved: string[] = [];
    rename(schema, typeof schema.$id === 'string' ? schema.$id : null, names, unresolved);
    if (unresolved.length > 0)
      throw new Error(`JSON Schema ${name} refers to what is not there: ${unresolved.join(', ')}`);
    ajv.addSchema({ ...schema, $id: idOf(name) });
  }
  requireFinite(start, new Map([...schemas].map(([name, schema]) => [idOf(name), schema])), schemasIn);
  const validate = ajv.getSchema(idOf(entry));
  if (!validate) throw new Error(`JSON Schema ${entry} does not compile`);
  return validate as ValidateFunction;
}

/** Every name by which a document may be meant -> its key in the bundle. */
function namesOf(schemas: ReadonlyMap<string, AnySchemaObject>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, { $id }] of schemas) {
    names.set(name, name);
    if (typeof $id === 'string') names.set($id, name);
  }
  return names;
}

const idOf = (name: string): string => `bundle:/${encodeURIComponent(name)}`;

function engineFor(start: AnySchemaObject): Ajv {
  const options = {
    allErrors: true,
    strict: false,
    verbose: true,
    // A big schema that much refers to would else be copied as often.
    inlineRefs: MAX_INLINED,
    code: { regExp: linearPatterns },
    logger: false,
  } as const;
  const ajv = String(start.$schema ?? '').includes('draft-07') ? new Ajv(options) : new Ajv2020(options);
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv);
  return ajv;
}

/** Words whose values are data, not schemas. */
const DATA = ['const', 'enum', 'default', 'example', 'examples'];
/** Words whose values hold schemas by name. */
const MAPS = ['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'dependencies'];

function rename(schema: unknown, base: string | null, names: ReadonlyMap<string, string>, unresolved: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Record<string, unknown>;
  if (typeof node.$ref === 'string') node.$ref = renamedRef(node.$ref, base, names, unresolved);
  for (const inner of schemasIn(node)) rename(inner, base, names, unresolved);
}

function schemasIn(node: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(node).flatMap(([word, value]) => {
    if (DATA.includes(word)) return [];
    return MAPS.includes(word) && typeof value === 'object' && value !== null ? Object.values(value) : [value];
  });
}

function renamedRef(
  ref: string,
  base: string | null,
  names: ReadonlyMap<string, string>,
  unresolved: string[],
): string {
  const [target = '', fragment = ''] = ref.split('#', 2);
  if (target === '') return ref;
  const absolute = base !== null && URL.canParse(target, base) ? new URL(target, base).href : target;
  const name = names.get(target) ?? names.get(absolute);
  if (name === undefined) unresolved.push(ref);
  return `${idOf(name ?? target)}#${fragment}`;
}
