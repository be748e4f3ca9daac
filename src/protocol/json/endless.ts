type Schema = Readonly<Record<string, unknown>>;

/** A schema and the resource (document, or part with an `$id`) that its references begin from. */
interface Placed {
  readonly schema: Schema;
  readonly root: Schema;
}

const LISTS = ['allOf', 'anyOf', 'oneOf'];
const SINGLE = ['not', 'if', 'then', 'else'];
const NAMED = ['dependentSchemas', 'dependencies'];
const REFERENCES = ['$ref', '$dynamicRef'];

/**
 * Throws Error where a schema that `entry` leads to applies itself to the same value, through references and keywords such
 * as allOf: whoever checks a value by it never ends. One that comes back at a member or an item is no such schema.
 * `documents` are by the part of a reference before its `#`.
 */
export function requireFinite(
  entry: Schema,
  documents: ReadonlyMap<string, Schema>,
  inside: (schema: Schema) => readonly unknown[],
): void {
  const open = new Set<Schema>();
  const done = new Set<Schema>();
  const waiting: Placed[] = [{ schema: entry, root: entry }];
  const visit = (placed: Placed): void => {
    const { schema, root } = placed;
    if (done.has(schema)) return;
    if (open.has(schema)) throw new Error(`a schema applies itself to the same value without end${titled(schema)}`);
    open.add(schema);
    for (const one of sameValue(placed, documents)) visit(one);
    open.delete(schema);
    done.add(schema);
    waiting.push(...inside(schema).flatMap((one) => at(one, root)));
  };
  for (let next = waiting.pop(); next; next = waiting.pop()) visit(next);
}

/** The schemas that are applied to the same value as this one. */
function sameValue({ schema, root }: Placed, documents: ReadonlyMap<string, Schema>): readonly Placed[] {
  const parts = [
    ...LISTS.flatMap((word) => (Array.isArray(schema[word]) ? (schema[word] as unknown[]) : [])),
    ...SINGLE.map((word) => schema[word]),
    ...NAMED.flatMap((word) => (isSchema(schema[word]) ? Object.values(schema[word]) : [])),
  ];
  const references = REFERENCES.map((word) => schema[word]).filter((one) => typeof one === 'string');
  return [...parts.flatMap((one) => at(one, root)), ...references.flatMap((one) => target(one, root, documents))];
}

function target(reference: string, from: Schema, documents: ReadonlyMap<string, Schema>): readonly Placed[] {
  const [document = '', fragment = ''] = reference.split('#', 2);
  const root = document === '' ? from : documents.get(document);
  if (!root) return [];
  const found = fragment === '' || fragment.startsWith('/') ? pointed(root, fragment) : anchored(root, fragment);
  return at(found, root);
}

const pointed = (root: Schema, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, step) => (value as Schema | undefined)?.[step], root);

function anchored(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const { $anchor, $dynamicAnchor, $id } = value as Schema;
  if ($anchor === name || $dynamicAnchor === name || $id === `#${name}`) return value;
  for (const inner of Object.values(value)) {
    const found = anchored(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const at = (value: unknown, root: Schema): readonly Placed[] =>
  typeof value === 'object' && value !== null ? [{ schema: value as Schema, root: rootOf(value as Schema, root) }] : [];

const rootOf = (schema: Schema, root: Schema): Schema =>
  typeof schema['$id'] === 'string' && !schema['$id'].startsWith('#') ? schema : root;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const titled = ({ title }: Schema) => (typeof title === 'string' ? `: ${title.slice(0, 100)}` : '');
