import { parseTree, type Node } from 'jsonc-parser';

/**
 * Writes another string at the first match of a path of local names (`testata/codiceIpaDestinatario`, arrays are passed
 * through), and every other byte as it came. Null where nothing is there. `json` must be well-formed.
 */
export function textReplacer(json: Buffer, path: string): ((text: string) => Buffer) | null {
  const text = json.toString('utf8');
  const root = parseTree(text);
  const found = root && firstMatch(root, path.split('/'));
  if (!found) return null;
  const before = Buffer.from(text.slice(0, found.offset));
  const after = Buffer.from(text.slice(found.offset + found.length));
  return (value) => Buffer.concat([before, Buffer.from(JSON.stringify(value)), after]);
}

function firstMatch(node: Node, path: readonly string[]): Node | null {
  const [name, ...rest] = path;
  if (node.type === 'array') return firstOf(node.children ?? [], path);
  if (name === undefined) return node.type === 'object' ? null : node;
  // Of a name that is repeated the last one counts, as it did when the payload was examined.
  const value = node.children?.findLast(({ children }) => children?.[0]?.value === name)?.children?.[1];
  return node.type === 'object' && value ? firstMatch(value, rest) : null;
}

function firstOf(nodes: readonly Node[], path: readonly string[]): Node | null {
  for (const node of nodes) {
    const found = firstMatch(node, path);
    if (found) return found;
  }
  return null;
}
