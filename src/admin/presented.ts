import { parseCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

/** What a request brings to prove whose it is. */
export interface Presented {
  readonly authorization: string | undefined;
  /** Id of a session, as the browser holds it. */
  readonly session: string | undefined;
  readonly csrfToken: string | undefined;
  /** GET or HEAD: it changes nothing. */
  readonly isSafe: boolean;
  /** A browser says that another site made it send this. */
  readonly isCrossSite: boolean;
}

/** Names of the cookies. `__Host-`: from this host alone, over TLS, for every path. */
export const cookieName = (name: 'session' | 'device' | 'oidc', isTls: boolean): string =>
  `${isTls ? '__Host-' : ''}crocevia-${name}`;

const MAX_COOKIE_HEADER = 8_192;

export function cookieOf({ headers }: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  const { cookie } = headers;
  return cookie === undefined || cookie.length > MAX_COOKIE_HEADER ? undefined : parseCookie(cookie)[name];
}

const textOf = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined);

export function presentedIn(request: Pick<FastifyRequest, 'headers' | 'method'>, isTls: boolean): Presented {
  const { headers, method } = request;
  const site = textOf(headers['sec-fetch-site']);
  return {
    authorization: headers.authorization,
    session: cookieOf(request, cookieName('session', isTls)),
    csrfToken: textOf(headers['x-csrf-token']),
    isSafe: method === 'GET' || method === 'HEAD',
    isCrossSite: site !== undefined && site !== 'same-origin' && site !== 'none',
  };
}
