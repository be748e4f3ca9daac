import { isDeepStrictEqual } from 'node:util';
import type { ServiceDocument } from './documents/document-types.js';
import type { ServiceStatus } from './model.js';
import type { RegistryContent } from './registry-store.js';

/** A version only goes forward; what was announced as deprecated may be taken back, by writing its document. */
const NEXT: Readonly<Record<ServiceStatus, readonly ServiceStatus[]>> = {
  draft: ['published'],
  published: ['deprecated', 'retired'],
  deprecated: ['published', 'retired'],
  retired: [],
};

export const SERVICE_STATUSES = Object.keys(NEXT) as readonly ServiceStatus[];

/** What a service document means where it says nothing. */
export const statusOf = ({ status = 'published' }: Pick<ServiceDocument, 'status'>): ServiceStatus => status;

/** Why a step of its own is not taken though the document might be written; null where it is. */
export function forbiddenStep(from: ServiceStatus, to: ServiceStatus): Refusal | null {
  if (from === 'draft' && to === 'deprecated')
    return { message: 'a draft has no callers to announce its end to', hint: 'publish it first' };
  if (from === 'deprecated' && to === 'published')
    return {
      message: 'it is deprecated: its end was announced to its callers',
      hint: 'to take that back, PUT the document with status: published, without deprecated: and sunset:',
    };
  return null;
}

interface Refusal {
  readonly message: string;
  readonly hint: string;
}

/** Why a change of a service version is not allowed; null where it is. A draft may change in every way. */
export function forbiddenChange(before: RegistryContent, after: RegistryContent | null): Refusal | null {
  const [was, is] = [before.document, after?.document];
  if (was.kind !== 'service' || statusOf(was) === 'draft') return null;
  if (is === undefined || is.kind !== 'service') return null;
  const [from, to] = [statusOf(was), statusOf(is)];
  if (from !== to && !NEXT[from].includes(to))
    return {
      message: `a ${from} version cannot become ${to}`,
      hint: `from ${from}: ${NEXT[from].join(', ') || 'nothing'}`,
    };
  if (isDeepStrictEqual(interfaceOf(before), interfaceOf(after as RegistryContent))) return null;
  return {
    message: `${was.id} v${was.version} is ${from}: its interface cannot change`,
    hint: 'publish the change as a new version',
  };
}

/** Why a document cannot be taken away; null where it can. A version that has gone could be published anew as another. */
export function forbiddenRemoval({ document }: RegistryContent): ReturnType<typeof forbiddenChange> {
  if (document.kind !== 'service' || statusOf(document) === 'draft') return null;
  return {
    message: `${document.id} v${document.version} is ${statusOf(document)}: a version that was published stays`,
    hint: 'retire it; only a draft can be taken away',
  };
}

/** Everything of a service that its callers build on. */
function interfaceOf({ document, files }: RegistryContent): object {
  const { title: _title, maxBytes: _maxBytes, status: _status, owner: _owner, ...known } = document as ServiceDocument;
  const { maxAttachmentBytes: _maxAttachmentBytes, deprecated: _deprecated, sunset: _sunset, ...others } = known;
  const { limits: _limits, ...rest } = others;
  return { rest, files };
}
