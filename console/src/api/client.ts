import { QueryClient } from '@tanstack/react-query';
import createClient, { type Middleware } from 'openapi-fetch';
import createHooks from 'openapi-react-query';
import type { components, paths } from './operators-api';
import { ProblemError } from './problem';

export type Schemas = components['schemas'];

/** What is asked of the gateway is asked again once where it did not answer; a refusal stands. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 1 && !(error instanceof ProblemError && error.status < 500),
      refetchOnWindowFocus: false,
      staleTime: 2_000,
    },
  },
});

let csrfToken: string | null = null;

/** Sent with everything that changes something; each log-in brings another. */
export const keepCsrfToken = (token: string | null): void => void (csrfToken = token);

const guarded: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', document.documentElement.lang);
    if (csrfToken !== null && request.method !== 'GET') request.headers.set('x-csrf-token', csrfToken);
  },
  async onResponse({ response }) {
    if (response.ok) return;
    const problem = await ProblemError.of(response);
    if (response.status === 401) queries.setQueryData(SESSION_KEY, null);
    throw problem;
  },
};

/** Key of who is at work; null in it: nobody. */
export const SESSION_KEY = ['session'];

/** The operators' API as its OpenAPI document describes it; throws {@link ProblemError} where it refuses. */
export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(guarded);

export const hooks = createHooks(api);
