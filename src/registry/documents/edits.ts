import { Fault } from '../../message/fault.js';
import type {
  AgreementDocument,
  ParticipantDocument,
  RegistryDocument,
  ServiceDocument,
  SystemDocument,
} from './document-types.js';
import { forbiddenRemoval, forbiddenStep, statusOf } from '../lifecycle.js';
import type { Agreement, Credential, ServiceStatus } from '../model.js';
import { RegistryError } from '../registry.js';
import {
  keyOf,
  keyText,
  type Decision,
  type DocumentKey,
  type Documents,
  type RegistryContent,
  type StoredDocument,
} from '../registry-store.js';

/** What must be true of the document that is there: its revision (If-Match), or that there is none (If-None-Match: *). */
export type Precondition = { readonly revision: number } | 'absent';

export const NO_FILES: ReadonlyMap<string, Buffer> = new Map();

/** Throws document-unknown. */
export function stored(documents: Documents, key: DocumentKey): StoredDocument {
  const found = documents.get(keyText(key));
  if (!found) throw unknownDocument(key);
  return found;
}

export const unknownDocument = (key: DocumentKey): Fault =>
  new Fault('document-unknown', { detail: `The registry has no ${keyText(key)}.`, place: 'address' });

/** Throws document-changed where the precondition does not hold. */
function require(documents: Documents, key: DocumentKey, precondition: Precondition): StoredDocument | undefined {
  const before = documents.get(keyText(key));
  const wanted = precondition === 'absent' ? undefined : precondition.revision;
  if (before?.revision === wanted) return before;
  throw new Fault('document-changed', {
    detail: before ? `${keyText(key)} is at revision ${before.revision}.` : `The registry has no ${keyText(key)}.`,
    place: precondition === 'absent' ? 'If-None-Match' : 'If-Match',
    ...(before && { expected: `"${before.revision}"` }),
  });
}

const edit = (key: DocumentKey, after: RegistryContent | null, before: StoredDocument | undefined): Decision => ({
  edits: [{ key, after, applied: before?.applied ?? null }],
  files: NO_FILES,
});

/** Writes a document as it is given; a service keeps its files, which only a publication can change. */
export const putting =
  (document: RegistryDocument, precondition: Precondition) =>
  (documents: Documents): Decision => {
    const key = keyOf(document);
    const before = require(documents, key, precondition);
    if (document.kind === 'service' && !before)
      throw new Fault('document-unknown', {
        detail: 'A service version is made by publishing its interface.',
        place: 'address',
        expected: 'POST /admin/services',
      });
    return edit(key, { document, files: before?.files ?? {} }, before);
  };

/**
 * Asks for an agreement that is not there yet, or anew for one of the same two on the same version that was revoked. Throws
 * agreement-state-wrong.
 */
export const asking =
  (document: AgreementDocument) =>
  (documents: Documents): Decision => {
    const key = keyOf(document);
    const before = documents.get(keyText(key));
    const was = before?.document as AgreementDocument | undefined;
    const isSame = was && ABOUT.every((member) => was[member] === document[member]);
    if (!was || (isSame && was.status === 'revoked')) return edit(key, { document, files: {} }, before);
    throw new Fault('agreement-state-wrong', {
      detail: isSame
        ? `Agreement ${was.id} is ${was.status ?? 'active'} already.`
        : `${document.id} is the id of another agreement.`,
      place: 'id',
      expected: isSame ? 'an agreement that was revoked, or another id' : 'another id',
    });
  };

const ABOUT = ['consumer', 'provider', 'service', 'version'] as const;

/** Takes a document away. Throws RegistryError for a service version that was published: who builds on it finds it as it was. */
export const removing =
  (key: DocumentKey, precondition: Precondition) =>
  (documents: Documents): Decision => {
    const before = require(documents, key, precondition);
    const why = before && forbiddenRemoval(before);
    if (why) throw new RegistryError([{ file: keyText(key), line: 1, ...why }]);
    return edit(key, null, before);
  };

/**
 * Moves a service version on; `deprecated` since the first time that was said, until `sunset`, else until what was announced
 * before. Throws document-unknown, RegistryError for a step that an operator cannot take.
 */
export const moving =
  (key: DocumentKey, status: ServiceStatus, dates: { readonly now: Date; readonly sunset: string | null }) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const document = before.document as ServiceDocument;
    requireStep(document, status);
    const { sunset: announced, deprecated = dates.now.toISOString(), ...rest } = document;
    const sunset = dates.sunset ?? announced;
    const end = status === 'deprecated' && { deprecated, ...(sunset !== undefined && { sunset }) };
    const kept = status === 'retired' ? document : rest;
    return edit(key, { document: { ...kept, status, ...end }, files: before.files }, before);
  };

/** What a registry that is moved or put back may do and a single step may not. Throws RegistryError. */
function requireStep(document: ServiceDocument, to: ServiceStatus): void {
  const why = forbiddenStep(statusOf(document), to);
  if (why) throw new RegistryError([{ file: keyText(keyOf(document)), line: 1, ...why }]);
}

/** Holds a system back, or lets it go on; nothing is written where it is so already. Throws document-unknown. */
export const pausing =
  (key: DocumentKey, isPaused: boolean) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const { paused, ...rest } = before.document as SystemDocument;
    if ((paused ?? false) === isPaused) return { edits: [], files: NO_FILES };
    return edit(key, { document: { ...rest, ...(isPaused && { paused: true }) }, files: {} }, before);
  };

/** Gives a system one more credential. Throws document-unknown. */
export const crediting =
  (key: DocumentKey, credential: Credential) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const document = before.document as SystemDocument;
    const credentials = [...(document.credentials ?? []), credential];
    return edit(key, { document: { ...document, credentials }, files: {} }, before);
  };

/** Takes away the credentials that fit; nothing is written where there is none. Throws document-unknown. */
export const discrediting =
  (key: DocumentKey, fits: (credential: Credential) => boolean) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const document = before.document as SystemDocument;
    const all = document.credentials ?? [];
    const credentials = all.filter((one) => !fits(one as Credential));
    if (credentials.length === all.length) return { edits: [], files: NO_FILES };
    return edit(key, { document: { ...document, credentials }, files: {} }, before);
  };

/** Suspends a body, or lets it take part again; nothing is written where it is so already. Throws document-unknown. */
export const suspending =
  (key: DocumentKey, isSuspended: boolean) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const { suspended, ...rest } = before.document as ParticipantDocument;
    if ((suspended ?? false) === isSuspended) return { edits: [], files: NO_FILES };
    return edit(key, { document: { ...rest, ...(isSuspended && { suspended: true }) }, files: {} }, before);
  };

/** Lets an agreement take nothing new, or take again; nothing is written where it is so already. Throws document-unknown. */
export const pausingIntake =
  (key: DocumentKey, isPaused: boolean) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const { intake, ...rest } = before.document as AgreementDocument;
    if ((intake === 'paused') === isPaused) return { edits: [], files: NO_FILES };
    return edit(key, { document: { ...rest, ...(isPaused && { intake: 'paused' as const }) }, files: {} }, before);
  };

const NEXT: Readonly<Record<Agreement['status'], readonly Agreement['status'][]>> = {
  requested: ['active', 'revoked'],
  active: ['suspended', 'revoked'],
  suspended: ['active', 'revoked'],
  revoked: [],
};

export const AGREEMENT_STATUSES = Object.keys(NEXT) as readonly Agreement['status'][];

/**
 * Grants, suspends, resumes or revokes; only `from` one of the states where they are named. Nothing is written where it is
 * so already. Throws document-unknown, agreement-state-wrong.
 */
export const turning =
  (key: DocumentKey, status: Agreement['status'], from: readonly Agreement['status'][] | null) =>
  (documents: Documents): Decision => {
    const before = stored(documents, key);
    const document = before.document as AgreementDocument;
    const is = document.status ?? 'active';
    if (is === status) return { edits: [], files: NO_FILES };
    if (NEXT[is].includes(status) && (from === null || from.includes(is)))
      return edit(key, { document: { ...document, status }, files: {} }, before);
    throw new Fault('agreement-state-wrong', {
      detail: `Agreement ${document.id} is ${is} and cannot become ${status} this way.`,
      expected: NEXT[is].join(', ') || 'to be asked for anew',
    });
  };
