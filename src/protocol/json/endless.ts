import { at, sameValue, type Placed, type Schema } from './applied.js';

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

const titled = ({ title }: Schema) => (typeof title === 'string' ? `: ${title.slice(0, 100)}` : '');
