import { X509Certificate } from 'node:crypto';
import { isIP, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault } from '../message/fault.js';
import { judgedAddresses, type ConnectorParts } from '../outbound/connector.js';
import { headOver } from '../outbound/head.js';
import { factsOf, type CertificateFacts } from '../tls/facts.js';
import { brokenExchange } from './http-exchange.js';

/** The way to an address, in the order in which it is walked. */
export const STAGES = ['address', 'connect', 'tls', 'answer'] as const;
/** `doubtful`: it answers, and not as a place that takes messages would. */
export const OUTCOMES = ['ok', 'doubtful', 'failed'] as const;

export interface ProbedStage {
  readonly stage: (typeof STAGES)[number];
  readonly outcome: (typeof OUTCOMES)[number];
  readonly ms: number;
  readonly detail: string;
  /** Of a stage that failed. */
  readonly code: FaultCode | null;
  /** HTTP status of the answer. */
  readonly status: number | null;
  /** What the address showed of itself in TLS, trusted or not: its own certificate first. */
  readonly certificates: readonly CertificateFacts[];
}

export interface ProbeOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** IPA code of the receiver. */
  readonly participant: string;
}

/**
 * Walks the way to a registered address and says of each stage how it went; what comes after a stage that failed is not tried. Sends
 * HEAD with the registered headers, and no message. The same addresses are forbidden as to a delivery.
 */
export type Probe = (order: ProbeOrder) => Promise<readonly ProbedStage[]>;

type Parts = Pick<ConnectorParts, 'forbidden' | 'refused' | 'resolve'>;
type Said = Pick<ProbedStage, 'detail'> & Partial<Pick<ProbedStage, 'outcome' | 'status' | 'certificates'>>;

/** Milliseconds for each stage. */
const LIMIT_MS = 5_000;

export const createProbe =
  (parts: Parts): Probe =>
  async ({ url, headers, participant }) => {
    const stages: ProbedStage[] = [];
    const run = runner(stages, participant);
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const isSecure = protocol === 'https:';
    const opened: Socket[] = [];
    const keep = <T extends Socket>(socket: T): T => (opened.push(socket), socket);
    try {
      const found = await run(
        'address',
        () => judgedAddresses(host, parts),
        (all) => ({ detail: all.join(', ') }),
      );
      const at = { host, port: Number(port || (isSecure ? 443 : 80)) };
      const plain = await run(
        'connect',
        () => connected(at, found, keep),
        (one) => ({ detail: placeOf(one) }),
      );
      const socket = isSecure ? await run('tls', () => secured(host, plain, keep), certificateOf) : plain;
      await run('answer', () => headOver(socket, url, headers), meaningOf);
    } catch {
      // It stands in the last stage.
    } finally {
      for (const socket of opened) socket.destroy();
    }
    return stages;
  };

function runner(stages: ProbedStage[], participant: string) {
  return async <T>(stage: ProbedStage['stage'], work: () => Promise<T>, say: (found: T) => Said): Promise<T> => {
    const began = performance.now();
    const end = (said: Said & { readonly code?: FaultCode }) =>
      stages.push({
        stage,
        outcome: 'ok',
        code: null,
        status: null,
        certificates: [],
        ...said,
        ms: Math.round(performance.now() - began),
      });
    try {
      const found = await within(work(), participant);
      end(say(found));
      return found;
    } catch (error) {
      const fault = error instanceof Fault ? error : brokenExchange({ receiver: participant }, error);
      const certificates = error instanceof Untrusted ? error.certificates : [];
      end({ outcome: 'failed', detail: fault.info.detail, code: fault.code, certificates });
      throw error;
    }
  };
}

async function within<T>(work: Promise<T>, participant: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const detail = `It took longer than ${LIMIT_MS} ms.`;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault('receiver-timeout', { detail, place: participant })), LIMIT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface At {
  readonly host: string;
  readonly port: number;
}

/** To an address that was judged: the name is not asked again. */
const connected = ({ host, port }: At, addresses: readonly string[], keep: (socket: Socket) => Socket) =>
  new Promise<Socket>((resolve, reject) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    const socket = keep(
      connectTcp({
        host,
        port,
        autoSelectFamily: all.length > 1,
        lookup: (_name, options, done) =>
          options.all ? done(null, all) : done(null, all[0]?.address ?? '', all[0]?.family),
      }),
    );
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });

const secured = (host: string, socket: Socket, keep: (socket: TLSSocket) => TLSSocket) =>
  new Promise<TLSSocket>((resolve, reject) => {
    const named = isIP(host) === 0 ? { servername: host } : {};
    // Who is not trusted shows its certificates all the same; it is told nothing, for nothing is sent before the next stage.
    const secure = keep(connectTls({ socket, host, ...named, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false }));
    const judge = () => (secure.authorized ? resolve(secure) : reject(new Untrusted(secure)));
    // Not within the handshake: a socket that is destroyed there takes the process with it (Node 20).
    secure.once('secureConnect', () => setImmediate(judge)).once('error', reject);
  });

/** A handshake that came to its end with a certificate that is not accepted. */
class Untrusted extends Error {
  readonly code: string;
  readonly certificates: readonly CertificateFacts[];

  constructor(socket: TLSSocket) {
    // Node types it as an error; it is the code of OpenSSL.
    super(String(socket.authorizationError));
    this.code = this.message;
    this.certificates = shownBy(socket);
  }
}

/** Longer chains are nobody's. */
const LONGEST_CHAIN = 10;

function shownBy(socket: TLSSocket): readonly CertificateFacts[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw && chain.length < LONGEST_CHAIN && chain.every(({ raw }) => !raw.equals(next!.raw))) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain.flatMap(({ raw }) => readable(raw));
}

/** A stranger may send what OpenSSL takes and nobody can read. */
function readable(der: Buffer): readonly CertificateFacts[] {
  try {
    return [factsOf(new X509Certificate(der))];
  } catch {
    return [];
  }
}

const placeOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} port ${remotePort}`;

function certificateOf(socket: Socket): Said {
  const secure = socket as TLSSocket;
  // Null where the other side has closed the connection meanwhile.
  const shown = secure.getPeerCertificate() as PeerCertificate | null;
  return {
    detail: `${secure.getProtocol()}, certificate of ${shown?.subject?.CN ?? '?'}, valid until ${shown?.valid_to ?? '?'}`,
    certificates: shownBy(secure),
  };
}

/** What a HEAD is answered where messages are posted: most places know POST alone. */
const MEANINGS: readonly (readonly [test: (status: number) => boolean, detail: string])[] = [
  [(status) => [401, 403, 407].includes(status), 'it wants other credentials than the registered headers'],
  [(status) => [404, 410].includes(status), 'it knows nothing at this path'],
  [(status) => status >= 300 && status < 400, 'it points elsewhere, and redirects are not followed'],
  [(status) => status >= 500 && status !== 501, 'it answers with an error of its own'],
];

function meaningOf(status: number): Said {
  const doubt = MEANINGS.find(([test]) => test(status));
  if (doubt) return { outcome: 'doubtful', detail: `HTTP ${status}: ${doubt[1]}`, status };
  return { detail: `HTTP ${status}: it answers; whether it takes messages, only a message shows`, status };
}
