import type { Agent } from 'undici';
import { outboundAgent } from './agent.js';
import type { ConnectorParts } from './connector.js';

export interface SmallQuestion {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Milliseconds for the whole exchange. */
  readonly limitMs: number;
  readonly maxBytes: number;
}

/** Fetches what fits into memory: keys of an issuer, what a responder says. */
export interface SmallAnswers {
  /** Redirects are not followed. Throws Error where it takes too long, is too large or is no 200. */
  fetch(url: string, question: SmallQuestion): Promise<Buffer>;
  close(): Promise<void>;
}

const CONNECT_MS = 3_000;

export function createSmallAnswers(rule: Pick<ConnectorParts, 'forbidden' | 'refused'>): SmallAnswers {
  const agent = outboundAgent({ ...rule, connections: 2, timeoutMs: CONNECT_MS });
  return { fetch: (url, question) => fetchFrom(agent, url, question), close: () => agent.destroy() };
}

/** To an address that the settings name, private or not. */
export const ofTheSettings = { forbidden: () => null, refused: () => undefined };

async function fetchFrom(
  agent: Agent,
  url: string,
  { limitMs, maxBytes, ...question }: SmallQuestion,
): Promise<Buffer> {
  const { origin, pathname, search } = new URL(url);
  const signal = AbortSignal.timeout(limitMs);
  const { statusCode, body } = await agent.request({ ...question, origin, path: pathname + search, signal });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new Error(`${origin} gives more than ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
  return Buffer.concat(chunks);
}
