import type { AnySchemaObject } from 'ajv';
import type { SchemaBundle } from '../../message/document.js';

/** A bundle read, with references that name documents by their ids. */
export interface PreparedSchemas {
  readonly start: AnySchemaObject;
  /** By id, which a reference names before its `#`. */
  readonly documents: ReadonlyMap<string, AnySchemaObject>;
}

/** Throws Error for a bundle without its entry, and for a $ref to what is not in it. */
export function preparedOf({ entry, documents }: SchemaBundle): PreparedSchemas {
  const schemas = new Map(Object.entries(documents).map(([name, text]) => [name, JSON.parse(text) as AnySchemaObject]));
  const names = namesOf(schemas);
  const start = schemas.get(entry);
  if (!start) throw new Error(`JSON Schema bundle without its entry ${entry}`);
  for (const [name, schema] of schemas) {
    const unresolved: string[] = [];
    rename(schema, typeof schema.$id === 'string' ? schema.$id : null, names, unresolved);
    if (unresolved.length > 0)
      throw new Error(`JSON Schema ${name} refers to what is not there: ${unresolved.join(', ')}`);
  }
  return { start, documents: new Map([...schemas].map(([name, schema]) => [idOf(name), schema])) };
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

export const idOf = (name: string): string => `bundle:/${encodeURIComponent(name)}`;

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

/** The schemas that stand in this one. */
export function schemasIn(node: Readonly<Record<string, unknown>>): readonly unknown[] {
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
