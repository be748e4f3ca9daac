import { parseSetCookie } from 'cookie';
import { request } from 'undici';

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

/** Keeps cookies and the CSRF token as a page of the console does. */
export interface Browser {
  /** Sends and keeps what is set; the token goes along with everything but GET, unless a header says otherwise. */
  ask(path: string, asked?: Asked): Promise<PageAnswer>;
  /** By their names; empty values are gone. */
  readonly cookies: Map<string, string>;
  csrfToken: string | null;
}

export function openBrowser(url: string): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    cookies,
    csrfToken: null,
    ask: async (path, { method, body, headers = {} } = {}) => {
      const verb = method ?? (body === undefined ? 'GET' : 'POST');
      const sent = { ...own(cookies, verb === 'GET' ? null : browser.csrfToken), ...(body && JSON_BODY), ...headers };
      const to = path.startsWith('http') ? path : `${url}${path}`;
      const reply = await request(to, { method: verb, headers: sent, body: body ? JSON.stringify(body) : null });
      for (const line of [reply.headers['set-cookie'] ?? []].flat()) keep(line, cookies);
      const text = await reply.body.text();
      const { statusCode: status } = reply;
      const answer = { status, headers: reply.headers, text, json: <T>() => JSON.parse(text) as T };
      browser.csrfToken = tokenIn(answer) ?? browser.csrfToken;
      return answer;
    },
  };
  return browser;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** What a page sends with each request. */
function own(cookies: ReadonlyMap<string, string>, csrfToken: string | null): Record<string, string> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return { ...(cookie && { cookie }), ...(csrfToken !== null && { 'x-csrf-token': csrfToken }) };
}

function keep(line: string, cookies: Map<string, string>): void {
  const { name, value } = parseSetCookie(line);
  if (value) cookies.set(name, value);
  else cookies.delete(name);
}

function tokenIn({ headers, text }: PageAnswer): string | null {
  if (!/^application\/json/.test(String(headers['content-type']))) return null;
  const { session } = JSON.parse(text) as { session?: { csrfToken: string } | null };
  return session?.csrfToken ?? null;
}
