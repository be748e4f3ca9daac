import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Got, Ledger } from './ledger.js';
import type { Random } from './random.js';
import { readContent } from './world.js';

export type Behaviour = 'well' | 'down' | 'slow' | 'failing' | 'endless';

/** The receiving systems of all entities behind one port; the path names the entity. */
export interface Receivers {
  readonly url: string;
  /** How an entity behaves from now on, its one failure in a hundred apart. */
  behave(entity: string, behaviour: Behaviour): void;
  stop(): Promise<void>;
}

const SLOW_MS = 1_500;
const FAILS_ONCE_IN = 100;

export async function startReceivers(ledger: Ledger<Got>, random: Random): Promise<Receivers> {
  const behaviours = new Map<string, Behaviour>();
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const entity = (request.url ?? '').slice(1);
      const note = (taken: boolean) => ledger.add(rowOf(entity, request, Buffer.concat(chunks).toString(), taken));
      answer(behaviours.get(entity) ?? 'well', reply, note, random);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (entity, behaviour) => void behaviours.set(entity, behaviour),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

function rowOf(entity: string, request: IncomingMessage, body: string, taken: boolean): Got {
  const { headers } = request;
  const id = String(headers['x-message-id']);
  return { id, receiver: entity, key: String(headers['idempotency-key']), ...readContent(body), at: Date.now(), taken };
}

function answer(behaviour: Behaviour, reply: ServerResponse, note: (taken: boolean) => void, random: Random): void {
  if (behaviour === 'down') return void reply.destroy();
  if (behaviour === 'failing') return (note(false), void reply.writeHead(503).end());
  if (behaviour === 'endless') return (note(false), trickle(reply));
  if (behaviour === 'slow') return (note(true), void setTimeout(() => reply.writeHead(200).end(), SLOW_MS));
  if (!random.onceIn(FAILS_ONCE_IN)) return (note(true), void reply.writeHead(200).end());
  FAILURES[random.whole(0, FAILURES.length - 1)]!(reply, note);
}

/** A failure that comes before the effect, or between the effect and its answer. */
const FAILURES: readonly ((reply: ServerResponse, note: (taken: boolean) => void) => void)[] = [
  (reply, note) => (note(false), void reply.writeHead(500).end()),
  (reply, note) => (note(false), void reply.destroy()),
  // Nothing comes until the gateway's own limit.
  (_reply, note) => note(false),
  (reply, note) => (note(true), void reply.destroy()),
];

function trickle(reply: ServerResponse): void {
  reply.writeHead(200, { 'content-type': 'text/xml' });
  const timer = setInterval(() => reply.write(' '), 200);
  reply.on('close', () => clearInterval(timer));
}
