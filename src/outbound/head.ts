import type { Socket } from 'node:net';
import { Client } from 'undici';

/** HTTP status of a HEAD over a connection that stands, which ends with it. Redirects are not followed. */
export async function headOver(
  socket: Socket,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { origin, pathname, search } = new URL(url);
  const client = new Client(origin, { connect: (_options, done) => process.nextTick(done, null, socket) });
  try {
    const path = pathname + search;
    const answer = await client.request({ method: 'HEAD', path, headers: { 'user-agent': 'crocevia', ...headers } });
    await answer.body.dump();
    return answer.statusCode;
  } finally {
    await client.destroy();
  }
}
