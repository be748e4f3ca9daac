import { useQuery } from '@tanstack/react-query';
import { api, type Schemas } from '../../api/client';
import { ProblemError } from '../../api/problem';

export type Stored = Schemas['StoredDocument'];

export interface BodyDocument {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly parent?: string;
  readonly suspended?: boolean;
}

export interface SystemDocument {
  readonly id: string;
  readonly participant: string;
  readonly paused?: boolean;
  readonly receives?: { readonly channel: string; readonly url?: string };
  readonly provides?: readonly { readonly service: string; readonly version: number }[];
  readonly credentials?: readonly { readonly kind: string; readonly id?: string; readonly username?: string }[];
}

export interface AgreementDocument {
  readonly id: string;
  readonly consumer: string;
  readonly provider: string;
  readonly service: string;
  readonly version: number;
  readonly status?: 'requested' | 'active' | 'suspended' | 'revoked';
}

type Kind = 'participant' | 'system';

/** One document; null: there is none that this operator sees. */
export function useDocument<T>(kind: Kind, id: string | undefined) {
  return useQuery({
    queryKey: ['document', kind, id],
    enabled: id !== undefined,
    queryFn: async ({ signal }): Promise<T | null> => {
      try {
        const params = { path: { kind, id: id! } };
        const { data } = await api.GET('/admin/registry/documents/{kind}/{id}', { params: params as never, signal });
        return (data as Stored).document as T;
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

/** The documents of a kind that the operator sees, a thousand at most. */
export function useDocuments<T>(kind: Kind) {
  return useQuery({
    queryKey: ['document', kind],
    queryFn: async ({ signal }): Promise<readonly T[]> => {
      const all: T[] = [];
      let after: string | undefined;
      do {
        const query = { kind, limit: 100, ...(after && { after }) } as never;
        const { data } = await api.GET('/admin/registry/documents', { params: { query }, signal });
        all.push(...data!.items.map(({ document }) => document as T));
        after = data!.next ?? undefined;
      } while (after !== undefined && all.length < 1_000);
      return all;
    },
  });
}

/** Throws ProblemError where it is there already, or is not right. */
export async function register(kind: Kind, document: object & { readonly id: string }): Promise<void> {
  const params = { path: { kind, id: document.id }, query: {}, header: { 'If-None-Match': '*' } };
  await api.PUT('/admin/registry/documents/{kind}/{id}', {
    params: params as never,
    body: { kind, ...document } as never,
  });
}

/** Agreements of which the body is the consumer or the provider. */
export const agreementsQuery = (participant: string) => ({
  queryKey: ['agreements', participant],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
    const query = { participant, limit: 100 } as never;
    const { data } = await api.GET('/admin/agreements', { params: { query }, signal });
    return data!.items.map(({ document }) => document as unknown as AgreementDocument);
  },
});
