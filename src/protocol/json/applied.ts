export type Schema = Readonly<Record<string, unknown>>;

/** A schema and the resource (document, or part with an `$id`) that its references begin from. */
export interface Placed {
  readonly schema: Schema;
  readonly root: Schema;
}

const LISTS = ['allOf', 'anyOf', 'oneOf'];
const SINGLE = ['not', 'if', 'then', 'else'];
const NAMED = ['dependentSchemas', 'dependencies'];
const REFERENCES = ['$ref', '$dynamicRef'];

/** The schemas that are applied to the same value as this one. */
export function sameValue({ schema, root }: Placed, documents: ReadonlyMap<string, Schema>): readonly Placed[] {
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

/** As a schema of its document, or of one of its own. */
export const at = (value: unknown, root: Schema): readonly Placed[] =>
  typeof value === 'object' && value !== null ? [{ schema: value as Schema, root: rootOf(value as Schema, root) }] : [];

const rootOf = (schema: Schema, root: Schema): Schema =>
  typeof schema['$id'] === 'string' && !schema['$id'].startsWith('#') ? schema : root;

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
