import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../message/fault.js';
import type { ParticipantDocument, RegistryDocument, ServiceDocument } from '../registry/documents/document-types.js';
import { quotesEnvironment } from '../registry/documents/environment.js';
import { statusOf } from '../registry/lifecycle.js';
import { keyOf, keyText, type Documents } from '../registry/registry-store.js';
import { maskedDocument } from '../secrets/masked-documents.js';
import { allows, requireScope, type ActingOperator } from './permissions.js';

/** IPA codes of the bodies that a document is about; none where it is about all (a service without an owner, an operator). */
function concerned(document: RegistryDocument): readonly string[] {
  switch (document.kind) {
    case 'participant':
      return [document.id];
    case 'system':
      return [document.participant, ...(document.actsFor ?? [])];
    case 'agreement':
      return [document.consumer, document.provider];
    case 'service':
      return document.owner === undefined ? [] : [document.owner];
    case 'operator':
    case 'issuer':
      return [];
  }
}

/**
 * What an operator may read of all documents. A draft is not published yet: it is for the body that owns it and those that
 * are to provide it.
 */
export function readable(operator: ActingOperator, documents: Documents): (document: RegistryDocument) => boolean {
  const { participants } = operator;
  if (participants === null) return (document) => mayRead(operator, document);
  const provided = new Set(
    [...documents.values()].flatMap(({ document }) =>
      document.kind === 'system' && participants.has(document.participant)
        ? (document.provides ?? []).map(nameOfVersion)
        : [],
    ),
  );
  return (document) => {
    if (document.kind !== 'service' || statusOf(document) !== 'draft') return mayRead(operator, document);
    const isOwn = document.owner !== undefined && participants.has(document.owner);
    return isOwn || provided.has(nameOfVersion({ service: document.id, version: document.version }));
  };
}

const nameOfVersion = ({ service, version }: { readonly service: string; readonly version: number }) =>
  `${service} v${version}`;

/** Interfaces are published, so every operator may read them; operators themselves are the platform's. */
export function mayRead({ role, participants }: ActingOperator, document: RegistryDocument): boolean {
  if (participants === null) return document.kind !== 'operator' || role === 'platform';
  if (document.kind === 'operator') return false;
  return (
    document.kind === 'service' ||
    document.kind === 'issuer' ||
    concerned(document).some((code) => participants.has(code))
  );
}

/** Throws operator-not-allowed where the operator may not read it. */
export function requireSight(operator: ActingOperator, document: RegistryDocument): void {
  if (mayRead(operator, document)) return;
  throw notAllowed(`${keyText(keyOf(document))} is not in the scope of operator ${operator.id}.`);
}

/** Throws operator-not-allowed. */
export function requireWrite(operator: ActingOperator, document: RegistryDocument): void {
  requireAll(operator, owners(document), `Only the platform writes this ${document.kind}.`);
}

/**
 * Whether the operator may make `after` of what is there. A participant is new below a body that the operator looks after, and
 * moves between two of them; what the gateway's environment holds is handed out by the platform. Throws operator-not-allowed.
 */
export function requireChange(
  operator: ActingOperator,
  before: RegistryDocument | undefined,
  after: RegistryDocument,
): void {
  if (isPlatform(operator)) return;
  if (before) requireSight(operator, before);
  if (before) requireWrite(operator, before);
  if (before || after.kind !== 'participant') requireWrite(operator, after);
  for (const code of newlyNamed(before, after)) requireScope(operator, code);
  if (after.kind === 'participant') requirePlace(operator, before as ParticipantDocument | undefined, after);
  if (!isDeepStrictEqual(quoted(before), quoted(after)))
    throw notAllowed('Only the platform writes env:NAME, or where its value is sent.');
}

/** Bodies for which a system may speak after the change, and could not before. */
function newlyNamed(before: RegistryDocument | undefined, after: RegistryDocument): readonly string[] {
  const known = before?.kind === 'system' ? (before.actsFor ?? []) : [];
  return after.kind === 'system' ? (after.actsFor ?? []).filter((code) => !known.includes(code)) : [];
}

function requirePlace(
  operator: ActingOperator,
  before: ParticipantDocument | undefined,
  { id, parent }: ParticipantDocument,
): void {
  if (!before) return requireAll(operator, [parent ?? id], '');
  if (before.parent === parent) return;
  const above = [before.parent, parent].filter((one) => one !== undefined);
  requireAll(operator, above.length === 2 ? above : [], 'Only the platform writes a participant at the top.');
}

/** Where a system sends what the environment holds; nothing where it quotes none. */
function quoted(document: RegistryDocument | undefined): readonly unknown[] {
  if (document?.kind !== 'system') return [];
  const endpoints = (document.provides ?? []).map(({ endpoint }) => endpoint);
  return [document.receives, document.receiptsTo, ...(document.callbacks ?? []), ...endpoints]
    .map((push) => (quotesEnvironment(push) ? push : null))
    .filter(Boolean);
}

/** All versions of a service are of one owner: who may write none of the others adds none. Throws operator-not-allowed. */
export function requirePublish(operator: ActingOperator, document: ServiceDocument, documents: Documents): void {
  requireWrite(operator, document);
  for (const { document: one } of documents.values())
    if (one.kind === 'service' && one.id === document.id) requireWrite(operator, one);
}

const isPlatform = ({ role, participants }: ActingOperator) => role === 'platform' && participants === null;

function requireAll(operator: ActingOperator, codes: readonly string[], why: string): void {
  if (isPlatform(operator)) return;
  if (codes.length === 0) throw notAllowed(why);
  for (const code of codes) requireScope(operator, code);
}

const notAllowed = (detail: string) => new Fault('operator-not-allowed', { detail });

/** Who may write: of an agreement, the provider that grants it; of a system its own body. */
function owners(document: RegistryDocument): readonly string[] {
  if (document.kind === 'system') return [document.participant];
  return document.kind === 'agreement' ? [document.provider] : concerned(document);
}

/**
 * No browser is shown a hash or what is sent to systems: it sends back what it was shown, and the values are put back. A token
 * of the platform is shown hashes too, those who write are shown what is sent to systems.
 */
export function shownDocument({ role, session }: ActingOperator, document: RegistryDocument): unknown {
  if (session !== undefined) return withoutSecrets(document);
  if (role === 'platform') return document;
  const shown = withoutHashes(document);
  return allows(role, 'registry.write') ? shown : maskedDocument(shown);
}

/** As everybody may keep it: without hashes, and without what is sent to systems. */
export const withoutSecrets = (document: RegistryDocument): unknown => maskedDocument(withoutHashes(document));

/** Where documents keep hashes. */
const HASHED = { system: 'credentials', operator: 'tokens' } as const;

/** A document as it was shown, with the hashes that were hidden: a credential without one keeps that of its kind and name. */
export function withStoredHashes(
  operator: ActingOperator,
  before: RegistryDocument | undefined,
  sent: unknown,
): unknown {
  if ((before?.kind !== 'system' && before?.kind !== 'operator') || !mayRead(operator, before)) return sent;
  const member = HASHED[before.kind];
  const written = isObject(sent) ? sent[member] : undefined;
  if (!Array.isArray(written)) return sent;
  const known = (before.kind === 'system' ? before.credentials : before.tokens) ?? [];
  return { ...(sent as object), [member]: withHashesOf(known, written) };
}

function withHashesOf(known: readonly object[], written: readonly unknown[]): readonly unknown[] {
  const hidden = written.filter((one) => isObject(one) && SECRETS.every((member) => !(member in one)));
  return written.map((one) => {
    if (!hidden.includes(one)) return one;
    const isNamed = (other: unknown) => nameOf(other as object) === nameOf(one as object);
    const stored = known.flatMap((other) => ('hash' in other && isNamed(other) ? other.hash : []));
    const sent = hidden.filter(isNamed);
    // Of two of one name nobody can say which one was taken away.
    return stored.length === sent.length ? { ...(one as object), hash: stored[sent.indexOf(one)] } : one;
  });
}

const SECRETS = ['hash', 'jwks', 'publicKey'];
function nameOf(credential: object): string {
  const { kind, id, username, clientId } = credential as Readonly<Record<string, unknown>>;
  return JSON.stringify([kind, id ?? username ?? clientId]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function withoutHashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHashes);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'hash');
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutHashes(inner)]));
}
