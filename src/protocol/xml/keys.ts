import { LRUCache } from 'lru-cache';
import { keysOf, MOST_OF_PATH, type BusinessKey, type KeyPath } from '../../message/business-key.js';
import {
  compileXPath,
  findNodes,
  freeDocument,
  freeXPath,
  parse,
  textOf,
  type DocumentPointer,
  type XPathPointer,
} from './libxml.js';

/** Compiled in this thread. */
const compiled = new LRUCache<string, XPathPointer>({ max: 1_000, dispose: freeXPath });

function compiledOf(xpath: string): XPathPointer {
  const known = compiled.get(xpath);
  if (known !== undefined) return known;
  const made = compileXPath(xpath);
  if (made) compiled.set(xpath, made);
  return made;
}

/** Business keys of a document of which the root is the payload. */
export function xmlKeys(document: DocumentPointer, paths: readonly KeyPath[]): readonly BusinessKey[] {
  return keysOf(paths.flatMap((path) => foundAt(document, path)));
}

function foundAt(document: DocumentPointer, { name, xpath, namespaces }: KeyPath): readonly BusinessKey[] {
  const pointer = xpath === null ? 0 : compiledOf(xpath);
  const nodes = pointer ? (findNodes(document, pointer, namespaces, MOST_OF_PATH) ?? []) : [];
  return nodes.map((node) => ({ name, value: textOf(node) }));
}

/** Axes that visit much of the document from each node; more than one descent multiplies in the same way. */
const COSTLY = /(?:following|preceding|descendant|ancestor)(?:-or-self|-sibling)?\s*::/;
const DESCENTS = /\/\/[^]*\/\//;
const QUOTED = /'[^']*'|"[^"]*"/g;
/** What looks further than at its own node, its attributes and its children is asked for each node, and looks at all again. */
const NEAR = /\[\s*(?:\d+|(?:@?[\w:.-]+|local-name\s*\(\s*\))\s*=\s*'')\s*\]/g;
const FAR = /[[\]()]|\.\./;

const looksFar = (xpath: string) =>
  FAR.test(
    xpath
      .replaceAll(QUOTED, "''")
      .replaceAll(NEAR, '')
      .replaceAll(/\b(?:text|node)\s*\(\s*\)/g, ''),
  );

/** What is wrong with an XPath for keys; null: nothing. */
export function xpathProblem(xpath: string, namespaces: KeyPath['namespaces']): string | null {
  if (COSTLY.test(xpath) || DESCENTS.test(xpath))
    return 'the XPath visits too much: at most one //, and none of its axes';
  if (looksFar(xpath))
    return 'the XPath visits too much: no .., no function, and in brackets a number, or an attribute or a child that equals a text';
  const pointer = compiledOf(xpath);
  if (!pointer) return 'it is no XPath 1.0';
  const empty = parse(Buffer.from('<empty/>'), null);
  if ('error' in empty) return empty.error.message;
  try {
    return findNodes(empty.document, pointer, namespaces, 1)
      ? null
      : 'the XPath does not select nodes, or has a prefix without a namespace';
  } finally {
    freeDocument(empty.document);
  }
}
