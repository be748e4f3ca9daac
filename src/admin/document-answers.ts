import { Fault } from '../message/fault.js';
import type { RegistryDocument } from '../registry/documents/document-types.js';
import type { Precondition } from '../registry/documents/edits.js';
import { keyText, type Change, type DocumentKey, type StoredDocument } from '../registry/registry-store.js';
import { shownDocument } from './document-scope.js';
import { PAGE, wholeFrom, wrong } from './query-values.js';
import { readableSides } from './shown-changes.js';
import type { ActingOperator } from './permissions.js';

export const KINDS = ['participant', 'system', 'service', 'agreement', 'operator', 'issuer'] as const;

/** Throws parameter-wrong. */
export function keyFrom(kind: string, id: string, version: string | undefined): DocumentKey {
  const known = KINDS.find((one) => one === kind);
  if (!known) throw wrong('kind', `one of ${KINDS.join(', ')}`);
  const number = Number(version ?? 0);
  if (!Number.isInteger(number) || number < 0 || (known === 'service') !== number > 0)
    throw wrong('version', known === 'service' ? 'a whole number from 1' : 'nothing: only a service has versions');
  return { kind: known, id, version: number };
}

/** If-Match or If-None-Match (RFC 9110 §13.1). Throws precondition-missing, parameter-wrong. */
export function preconditionFrom(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
  if (ifNoneMatch?.trim() === '*') return 'absent';
  if (ifMatch === undefined)
    throw new Fault('precondition-missing', {
      detail: 'A change names the state that it is made of.',
      place: 'If-Match',
      expected: 'If-Match: "<revision>" or If-None-Match: *',
    });
  const revision = /^"(\d+)"$/.exec(ifMatch.trim())?.[1];
  if (revision === undefined) throw wrong('If-Match', '"<revision>", the ETag of the document');
  return { revision: Number(revision) };
}

export const etagOf = ({ revision }: StoredDocument): string => `"${revision}"`;

export const showStored = (one: StoredDocument, operator: ActingOperator) => ({
  key: keyText(one.key),
  revision: one.revision,
  changedAt: one.changedAt.toISOString(),
  changedBy: one.changedBy,
  document: shownDocument(operator, one.document),
  files: one.files,
});

/** One change, with the sides of it that may be read. */
export function showChange(change: Change, operator: ActingOperator, mayRead: (document: RegistryDocument) => boolean) {
  const { revision, at, by, reason, key } = change;
  const { action, before, after } = readableSides(change, mayRead);
  const show = (side: typeof before) => side && { ...side, document: shownDocument(operator, side.document) };
  return {
    ...{ revision, at: at.toISOString(), by, reason, key: keyText(key), action },
    before: show(before),
    after: show(after),
  };
}

/** What `next` looks like: a document may have gone since. */
const KEY = new RegExp(`^(${KINDS.join('|')}) \\S+( v\\d+)?$`);

function cursorFrom(after: string | undefined): string | undefined {
  if (after === undefined || KEY.test(after)) return after;
  throw wrong('after', '`next` of the page before');
}

/** A page of what is listed in the order of its keys. Throws parameter-wrong. */
export function pageAfter<T>(all: readonly T[], keyOf: (one: T) => string, query: PageQuery) {
  const limit = wholeFrom('limit', query.limit, PAGE.standard, PAGE.maximum);
  const after = cursorFrom(query.after);
  const sorted = [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((one) => keyOf(one) > after);
  const items = rest.slice(0, limit);
  return { items, next: rest.length > limit ? keyOf(items.at(-1) as T) : null };
}

export interface PageQuery {
  readonly limit?: string;
  readonly after?: string;
}

/** Throws media-type-unsupported where the body was no ZIP archive. */
export function zipFrom(body: unknown): Buffer {
  if (Buffer.isBuffer(body) && body.length > 0) return body;
  throw new Fault('media-type-unsupported', {
    detail: 'The body is no ZIP archive.',
    place: 'Content-Type',
    expected: 'application/zip',
  });
}
