import { createServer } from 'node:net';

/**
 * Below the range that the kernel gives to outgoing connections, so that none of those takes the port meanwhile; up to four
 * workers of one run have ranges of their own.
 */
const WIDTH = 3_000;
const FIRST = 20_000 + (Number(process.env['JEST_WORKER_ID'] ?? 1) % 4) * WIDTH;
const given = new Set<number>();

/** A TCP port on 127.0.0.1 that nothing listens on and that this process has not given away before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * WIDTH);
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
