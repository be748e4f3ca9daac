import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, keepCsrfToken, queries, SESSION_KEY, type Schemas } from './client';
import { ProblemError } from './problem';

export type Session = Schemas['Session'];
export type Action = Session['actions'][number];

export const sessionQuery = queryOptions<Session | null>({
  queryKey: SESSION_KEY,
  queryFn: async ({ signal }) => {
    try {
      const { data } = await api.GET('/admin/session', { signal });
      return enter(data!);
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

/** Begins to work as the operator that has just logged in. */
export function enter(session: Session): Session {
  keepCsrfToken(session.session?.csrfToken ?? null);
  queries.setQueryData(SESSION_KEY, session);
  return session;
}

/** Who is at work; null: nobody. */
export const useSession = () => useQuery(sessionQuery).data ?? null;

/** Whether who is at work may do it; the gateway decides again at each request. */
export function useMay(): (action: Action) => boolean {
  const actions = useSession()?.actions ?? [];
  return (action) => actions.includes(action);
}

/** Ends the session and forgets what its pages held. Returns where an issuer wants the browser to go on to. */
export async function leave(): Promise<string | null> {
  const { data } = await api.DELETE('/admin/session');
  keepCsrfToken(null);
  // What a page looks at is gone with the page: who watches the session is told before anything is forgotten.
  queries.setQueryData(SESSION_KEY, null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  queries.getMutationCache().clear();
  return data?.logOutAt ?? null;
}
