import type { RegistryDocument } from '../registry/documents/document-types.js';
import { stored, unknownDocument } from '../registry/documents/edits.js';
import { statusOf } from '../registry/lifecycle.js';
import type { Operation, Service } from '../registry/model.js';
import type { StoredDocument } from '../registry/registry-store.js';
import { keyFrom, showStored } from './document-answers.js';
import { readable } from './document-scope.js';
import type { ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

/** Of a service version, as it stands in an address. */
export interface Place {
  readonly id: string;
  readonly version: string;
}

interface KnownVersion {
  readonly document: StoredDocument;
  readonly built: Service;
}

/** A version of the registry in force, a draft for those who may read it. Throws parameter-wrong, document-unknown. */
export function versionFor({ id, version }: Place, operator: ActingOperator, parts: AdminParts): KnownVersion {
  const key = keyFrom('service', id, version);
  const documents = parts.desk.documents();
  const document = stored(documents, key);
  if (!readable(operator, documents)(document.document)) throw unknownDocument(key);
  const registry = parts.current();
  const draft = registry.drafts().find((one) => one.id === id && one.version === key.version);
  const built = registry.service(id, key.version) ?? draft;
  if (!built) throw unknownDocument(key);
  return { document, built };
}

/** A version with what it offers; who provides it and who may call it within the operator's scope. */
export function showVersion({ document, built }: KnownVersion, operator: ActingOperator, { desk }: AdminParts) {
  const { id, version, title, status, owner, deprecated, sunset, maxBytes, maxAttachmentBytes } = built;
  const all = [...desk.documents().values()].map((one) => one.document);
  const mayRead = readable(operator, desk.documents());
  return {
    ...{ id, version, title, status, owner, maxBytes, maxAttachmentBytes },
    deprecated: deprecated?.toISOString() ?? null,
    sunset: sunset?.toISOString() ?? null,
    stored: showStored(document, operator),
    versions: versionsOf(id, all.filter(mayRead)),
    operations: built.operations.map(showOperation),
    ...usersOf(built, all.filter(mayRead)),
  };
}

const versionsOf = (id: string, documents: readonly RegistryDocument[]) =>
  documents
    .flatMap((one) => (one.kind === 'service' && one.id === id ? { version: one.version, status: statusOf(one) } : []))
    .sort((a, b) => a.version - b.version);

/** Who provides a version, and who may call it. */
function usersOf({ id, version }: Service, documents: readonly RegistryDocument[]) {
  const isIt = (one: { readonly service: string; readonly version: number }) =>
    one.service === id && one.version === version;
  return {
    providers: documents.flatMap((one) =>
      one.kind === 'system' && one.provides?.some(isIt) ? { participant: one.participant, system: one.id } : [],
    ),
    agreements: documents.flatMap((one) =>
      one.kind === 'agreement' && isIt(one)
        ? { id: one.id, consumer: one.consumer, provider: one.provider, status: one.status ?? 'active' }
        : [],
    ),
  };
}

const showOperation = ({ name, profile, soapAction, element, rest, eventType, safe }: Operation) => ({
  name,
  profile,
  soapAction,
  element: element && { namespace: element.namespace, name: element.name },
  method: rest?.method ?? null,
  path: rest?.path ?? null,
  eventType,
  safe,
});
