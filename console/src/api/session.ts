import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, keepCsrfToken, queries, SESSION_KEY, type Schemas } from './client';
import { forgetText, keptText } from './kept-text';
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

let isLeft = false;

/** Nobody is at work, and nobody has asked for that. */
export const hasEndedByItself = (): boolean => queries.getQueryData(SESSION_KEY) === null && !isLeft;

/** Begins to work as the operator that has just logged in. */
export function enter(session: Session): Session {
  isLeft = false;
  const kept = keptText();
  if (kept && kept.operator !== session.operator.id) forgetText();
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

/**
 * Ends the session and forgets what its pages held; what is being written too, where the operator has asked for it.
 * Returns where an issuer wants the browser to go on to.
 */
export async function leave(isAsked = true): Promise<string | null> {
  isLeft = isAsked;
  if (isAsked) forgetText();
  const { data } = await api.DELETE('/admin/session');
  keepCsrfToken(null);
  // What a page looks at is gone with the page: who watches the session is told before anything is forgotten.
  queries.setQueryData(SESSION_KEY, null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  queries.getMutationCache().clear();
  return data?.logOutAt ?? null;
}
