import { request } from 'undici';
import type { HttpCall } from './client.js';

export type Line = Readonly<Record<string, unknown>>;

/** A stream of lines that is read as the test asks for it. */
export interface Lines {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The next line; null at the end. */
  next(): Promise<Line | null>;
  /** Every line that is left. */
  rest(): Promise<readonly Line[]>;
}

/** Sends a request and reads nothing of the answer yet but its head. */
export async function openLines(url: string, { method, key, headers = {}, body, signal }: HttpCall): Promise<Lines> {
  const reply = await request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(key && { 'x-api-key': key }), ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
  const lines = linesOf(reply.body);
  const next = async () => {
    const { done, value } = await lines.next();
    return done ? null : (JSON.parse(value) as Line);
  };
  const plain = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  return {
    status: reply.statusCode,
    headers: plain,
    next,
    rest: async () => {
      const all: Line[] = [];
      for (let line = await next(); line; line = await next()) all.push(line);
      return all;
    },
  };
}

/** Throws where the last line has no end. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of body) {
    const [first = '', ...more] = chunk.toString('latin1').split('\n');
    begun += first;
    for (const next of more) {
      yield Buffer.from(begun, 'latin1').toString('utf8');
      begun = next;
    }
  }
  if (begun !== '') throw new Error(`cut short: ${begun.slice(0, 100)}`);
}
