import { useParams } from '@tanstack/react-router';
import { api, type Schemas } from '../../api/client';
import { ProblemError } from '../../api/problem';
import { useSearchState } from '../../parts/search-state';

export type DocumentText = Schemas['DocumentText'];
export type DocumentCheck = Schemas['DocumentCheck'];
export type DocumentChange = Schemas['DocumentChange'];

/** Names a document; the version is a service's. */
export interface Place {
  readonly kind: string;
  readonly id: string;
  readonly version: string | undefined;
}

/** As the address of the page says. */
export function usePlace(): Place {
  const { kind, id } = useParams({ strict: false }) as { kind: string; id: string };
  const [{ version }] = useSearchState();
  return { kind, id, version };
}

const paramsOf = ({ kind, id, version }: Place, query: object = {}): never =>
  ({ path: { kind, id }, query: { ...query, ...(version !== undefined && { version }) } }) as never;

export const fileAddress = ({ kind, id, version }: Place): string => {
  const of = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
  return `/admin/registry/documents/${encodeURIComponent(kind)}/${encodeURIComponent(id)}/file${of}`;
};

/** The document as it stands; null: there is none that this operator sees. */
export const textQuery = (place: Place) => ({
  queryKey: ['document-text', place.kind, place.id, place.version ?? ''],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<DocumentText | null> => {
    try {
      const params = paramsOf(place);
      return (await api.GET('/admin/registry/documents/{kind}/{id}/text', { params, signal })).data!;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return null;
      throw error;
    }
  },
});

export async function readHistory(place: Place, before: string | undefined, signal: AbortSignal) {
  const params = paramsOf(place, { limit: 25, ...(before !== undefined && { before }) });
  return (await api.GET('/admin/registry/documents/{kind}/{id}/history', { params, signal })).data!;
}

/** What stands against the text; nothing is written. Throws ProblemError. */
export async function checkText(place: Place, text: string): Promise<DocumentCheck> {
  const params = paramsOf(place);
  return (await api.POST('/admin/registry/documents/{kind}/{id}/check', { params, body: { text } })).data!;
}

/** Throws ProblemError, document-changed where `base` is no longer what stands there. */
export async function saveDocument(place: Place, document: object, base: DocumentText | null, reason: string) {
  const headers = base ? { 'if-match': `"${base.revision}"` } : { 'if-none-match': '*' };
  const params = paramsOf(place, { reason });
  await api.PUT('/admin/registry/documents/{kind}/{id}', { params, headers, body: document as never });
}
