import { createHash } from 'node:crypto';
import type { Examination, ExaminationOrder } from '../../message/document.js';
import type { Violation } from '../../message/fault.js';
import {
  canonicalize,
  elementsOf,
  freeDocument,
  localName,
  textOf,
  validateElement,
  standAlone,
  type DocumentPointer,
  type LibraryError,
  type NodePointer,
  type SchemaPointer,
} from './libxml.js';
import { xmlKeys } from './keys.js';
import { PathWriter } from './path.js';
import { readSchemaMessage } from './schema-message.js';
import { cut } from './schema-names.js';
import type { SourcePlaces } from './source-places.js';

export const MAX_VIOLATIONS = 100;

/** libxml2 says this of a key whose value it has refused just before. */
const NO_ERROR = 'No precomputed value available';

/** Rules for which libxml2 does not repeat the value. */
const LENGTHS = ['length', 'minLength', 'maxLength'];

/** Told of violations while libxml2 is still at work, so that the answer need not wait for its end. */
export interface Observer {
  violation(violation: Violation): void;
  /** There are more violations than are listed. */
  overflow(): void;
}

const NOBODY: Observer = { violation: () => undefined, overflow: () => undefined };

/** Examines the payload of a parsed document and takes it out of that for the digest: to be called once. */
export function examineXml(
  payload: NodePointer,
  places: SourcePlaces,
  { extract, undigested, keys = [] }: Pick<ExaminationOrder, 'extract' | 'undigested' | 'keys'>,
  schema: SchemaPointer | null,
  observer: Observer = NOBODY,
): Examination {
  const extracted = extractAll(payload, extract);
  const found =
    schema === null ? { violations: [], truncated: false } : violationsOf(schema, payload, places, observer);
  if (undigested) return { ...found, extracted, keys: [], digest: '' };
  const alone = standAlone(payload);
  const isValid = found.violations.length === 0;
  const read = { keys: isValid ? xmlKeys(alone, keys) : [], digest: digestOf(alone) };
  freeDocument(alone);
  return { ...found, extracted, ...read };
}

export function violationsOf(
  schema: SchemaPointer,
  payload: NodePointer,
  places: SourcePlaces,
  observer: Observer = NOBODY,
): Pick<Examination, 'violations' | 'truncated'> {
  const violations: Violation[] = [];
  const paths = new PathWriter();
  let truncated = false;
  const valid = validateElement(schema, payload, (read) => {
    if (truncated) return;
    const error = read();
    if (error.message.includes(NO_ERROR)) return;
    truncated = violations.length === MAX_VIOLATIONS;
    if (truncated) return observer.overflow();
    const violation = toViolation(error, paths, places);
    violations.push(violation);
    observer.violation(violation);
  });
  if (!valid && violations.length === 0) throw new Error('libxml2 found the document invalid and gave no reason');
  return { violations, truncated };
}

function toViolation({ message, line, node }: LibraryError, paths: PathWriter, places: SourcePlaces): Violation {
  const { attribute, ...reading } = readSchemaMessage(message);
  const path = node ? paths.write(node) : '/';
  const place = attribute === null || path.includes('/@') ? path : `${path}/@${attribute}`;
  const found = node && LENGTHS.includes(reading.rule) ? cut(textOf(node)) : reading.found;
  const at = (node && places.of(node)) || { line: line > 0 ? line : null, column: null };
  return { path: place, ...at, ...reading, found };
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

function digestOf(document: DocumentPointer): string {
  const hash = createHash('sha256');
  canonicalize(document, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}
