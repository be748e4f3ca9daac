import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { InterfaceFiles } from '../interface-files.js';
import { YAML_READING } from './json-documents.js';

/** Lines, from 1, in the text of a JSON or YAML document. */
export interface JsonSource {
  /** Of the first `$ref` that says this; 1 where there is none. */
  lineOfReference(reference: string): number;
  /** Of the value at a JSON Pointer; of the nearest one above where it cannot be followed. */
  lineOf(pointer: string): number;
}

/** Asked only where something is wrong: each file is read once more for its lines. */
export function sourcesOf(files: InterfaceFiles): (file: string) => JsonSource {
  const known = new Map<string, JsonSource>();
  return (file) => {
    const source = known.get(file) ?? jsonSource(files.readText(file) ?? '');
    known.set(file, source);
    return source;
  };
}

function jsonSource(text: string): JsonSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...YAML_READING, prettyErrors: false, lineCounter: lines });
  const lineAt = (node: unknown): number => (isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1);
  const references = new Map<string, number>();
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== '$ref' || !isScalar(value)) return;
      const reference = String(value.value).trim();
      if (!references.has(reference)) references.set(reference, lineAt(key));
    },
  });
  return {
    lineOfReference: (reference) => references.get(reference.trim()) ?? 1,
    lineOf: (pointer) => {
      let [node, line]: [unknown, number] = [document.contents, lineAt(document.contents)];
      for (const name of pointer.split('/').slice(1)) {
        const step = stepInto(node, name.replaceAll('~1', '/').replaceAll('~0', '~'));
        if (!step) break;
        [node, line] = [step.value, lineAt(step.from)];
      }
      return line;
    },
  };
}

/** A member begins with its name, an item with itself. */
function stepInto(node: unknown, name: string): { readonly from: unknown; readonly value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    return pair ? { from: pair.key, value: pair.value } : null;
  }
  if (!isSeq(node)) return null;
  const item = node.items[Number(name)];
  return item === undefined ? null : { from: item, value: item };
}
