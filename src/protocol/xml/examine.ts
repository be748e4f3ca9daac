import { createHash } from 'node:crypto';
import type { Examination, ExaminationOrder } from '../../message/document.js';
import type { Violation } from '../../message/fault.js';
import { payloadElement } from './envelope.js';
import {
  canonicalize,
  elementsOf,
  freeDocument,
  localName,
  textOf,
  validateElement,
  type LibraryError,
  type NodePointer,
  type SchemaPointer,
} from './libxml.js';
import { PathWriter } from './path.js';
import { readSchemaMessage } from './schema-message.js';
import { cut } from './schema-names.js';

export const MAX_VIOLATIONS = 100;

/** Rules for which libxml2 does not repeat the value. */
const LENGTHS = ['length', 'minLength', 'maxLength'];

/** Told each violation while libxml2 is still at work, so that a run out of time has something to show. */
export type Observer = (violation: Violation) => void;

/**
 * Examines the payload of a parsed document and takes it apart for the digest: to be called once. Throws
 * envelope-malformed.
 */
export function examineXml(
  root: NodePointer,
  { extract }: Pick<ExaminationOrder, 'extract'>,
  schema: SchemaPointer | null,
  observe: Observer = () => undefined,
): Examination {
  const payload = payloadElement(root);
  const extracted = extractAll(payload, extract);
  const found = schema === null ? { violations: [], truncated: false } : violationsOf(schema, payload, observe);
  return { ...found, extracted, digest: digestOf(payload) };
}

function violationsOf(
  schema: SchemaPointer,
  payload: NodePointer,
  observe: Observer,
): Pick<Examination, 'violations' | 'truncated'> {
  const violations: Violation[] = [];
  const paths = new PathWriter();
  let truncated = false;
  const valid = validateElement(schema, payload, (read) => {
    if (violations.length === MAX_VIOLATIONS) {
      truncated = true;
      return;
    }
    const violation = toViolation(read(), paths);
    violations.push(violation);
    observe(violation);
  });
  if (!valid && violations.length === 0) throw new Error('libxml2 found the document invalid and gave no reason');
  return { violations, truncated };
}

function toViolation({ message, line, node }: LibraryError, paths: PathWriter): Violation {
  const { attribute, ...reading } = readSchemaMessage(message);
  const path = node ? paths.write(node) : '/';
  const place = attribute === null || path.includes('/@') ? path : `${path}/@${attribute}`;
  const found = node && LENGTHS.includes(reading.rule) ? cut(textOf(node)) : reading.found;
  return { path: place, line: line > 0 ? line : null, ...reading, found };
}

function extractAll(payload: NodePointer, extract: ExaminationOrder['extract']): Record<string, string> {
  const extracted: Record<string, string> = {};
  for (const [label, path] of Object.entries(extract)) {
    const node = firstMatch(payload, path.split('/'));
    if (node) extracted[label] = textOf(node).trim();
  }
  return extracted;
}

function firstMatch(element: NodePointer, [name, ...rest]: readonly string[]): NodePointer {
  if (name === undefined) return element;
  for (const child of elementsOf(element)) {
    const match = localName(child) === name ? firstMatch(child, rest) : 0;
    if (match) return match;
  }
  return 0;
}

function digestOf(payload: NodePointer): string {
  const hash = createHash('sha256');
  freeDocument(canonicalize(payload, (chunk) => hash.update(chunk)));
  return hash.digest('hex');
}
