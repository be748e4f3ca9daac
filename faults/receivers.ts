import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { dirname } from 'node:path';
import { certificateAuthority } from '../test/support/certificates.js';
import { watch } from '../test/support/watchdog.js';
import type { Got, Ledger } from './ledger.js';
import type { Random } from './random.js';
import { readContent } from './world.js';

export type Behaviour = 'well' | 'down' | 'slow' | 'failing' | 'endless';

/** The receiving systems of all entities behind one port, and behind one with TLS; the path names the entity. */
export interface Receivers {
  readonly url: string;
  readonly secureUrl: string;
  /** Who signs the certificates of the port with TLS. */
  readonly caFile: string;
  /** How often the certificate has been renewed. */
  readonly renewals: () => number;
  /** The certificate is over: every connection ends, and a new one is shown it. */
  expire(): void;
  renew(): void;
  /** How an entity behaves from now on, its one failure in a hundred apart. */
  behave(entity: string, behaviour: Behaviour): void;
  stop(): Promise<void>;
}

const SLOW_MS = 1_500;
const FAILS_ONCE_IN = 100;

export async function startReceivers(ledger: Ledger<Got>, random: Random): Promise<Receivers> {
  const behaviours = new Map<string, Behaviour>();
  const authority = certificateAuthority();
  watch(dirname(authority.caFile));
  let renewals = 0;
  const take = (request: IncomingMessage, reply: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const entity = (request.url ?? '').slice(1);
      const note = (taken: boolean) => ledger.add(rowOf(entity, request, Buffer.concat(chunks).toString(), taken));
      answer(behaviours.get(entity) ?? 'well', reply, note, random);
    });
  };
  const plain = createServer(take);
  const secure = createSecureServer(authority.issue('receivers'), take);
  // Before TLS, so that a handshake under way does not end with what was shown before.
  const sockets = new Set<Socket>();
  secure.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  const show = (...named: Parameters<typeof authority.issue>) => {
    secure.setSecureContext(authority.issue(...named));
    for (const socket of sockets) socket.destroy();
  };
  const [port, securePort] = await Promise.all([listening(plain), listening(secure)]);
  return {
    url: `http://127.0.0.1:${port}`,
    secureUrl: `https://127.0.0.1:${securePort}`,
    caFile: authority.caFile,
    renewals: () => renewals,
    expire: () => show(`over-${renewals}`, 'ended'),
    renew: () => show(`renewed-${++renewals}`),
    behave: (entity, behaviour) => void behaviours.set(entity, behaviour),
    stop: async () => {
      await Promise.all([plain, secure].map(closed));
      authority.remove();
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const closed = (server: Server) =>
  new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve())));

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
