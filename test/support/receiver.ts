import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** When it was there, by `performance.now()`. */
  readonly at: number;
}

/** A receiving system: keeps everything that was posted to it and answers as told. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves once something (that matches) has come. */
  next(match?: (received: Received) => boolean): Promise<Received>;
  /** How to answer from now on; 200 with an empty body at first. */
  answerWith(answer: Answer): void;
  stop(): Promise<void>;
}

type Answer = (received: Received, reply: ServerResponse) => void;

const ok: Answer = (_received, reply) => void reply.writeHead(200).end();

/** Port 0: any that is free. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let waiting: { match: (received: Received) => boolean; resolve: (received: Received) => void }[] = [];
  let answer: Answer = ok;
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
        at: performance.now(),
      };
      received.push(one);
      const [due, still] = [waiting.filter(({ match }) => match(one)), waiting.filter(({ match }) => !match(one))];
      waiting = still;
      answer(one, reply);
      for (const { resolve } of due) resolve(one);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    received,
    next: (match = () => true) => {
      const before = received.find(match);
      return before ? Promise.resolve(before) : new Promise((resolve) => waiting.push({ match, resolve }));
    },
    answerWith: (next) => void (answer = next),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}
