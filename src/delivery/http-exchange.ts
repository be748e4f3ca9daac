import { EventEmitter } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { request, type Dispatcher } from 'undici';
import { Fault } from '../message/fault.js';
import { AddressForbidden } from '../outbound/connector.js';
import type { Written } from './large-body.js';

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpOrder extends Written {
  readonly method: string;
  readonly url: string;
  /** For the whole exchange, from connecting to the last byte read. */
  readonly timeoutMs: number;
  /** IPA code of the receiver, the place of a fault. */
  readonly receiver: string;
  /** Bytes of the answer that are read. */
  readonly maxBytes: number;
  /** What to do with a longer answer: take its start, or throw receiver-error. */
  readonly longer: 'cut' | 'refuse';
  /** True: the body is packed on its way. */
  readonly gzip?: boolean;
  /** Ends the exchange early; what is thrown then is its reason. */
  readonly signal?: AbortSignal;
  /** Told when the head of the answer has come. */
  readonly answering?: () => void;
}

/**
 * One request; redirects are not followed. Throws receiver-unreachable, destination-forbidden, certificate-expired, receiver-timeout, and receiver-error where the
 * connection breaks or what comes back is no HTTP.
 */
export async function exchange(dispatcher: Dispatcher, order: HttpOrder): Promise<HttpAnswer> {
  const { url, method } = order;
  order.signal?.throwIfAborted();
  const limit = limitOf(order);
  const { signal } = limit;
  const { headers, body } = wireOf(order);
  try {
    const options = { dispatcher, method: method as Dispatcher.HttpMethod, headers, body, signal };
    const answer = await beforeEnd(request(url, options), signal);
    order.answering?.();
    return { status: answer.statusCode, headers: flat(answer.headers), body: await read(answer.body, order) };
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (order.signal?.aborted) throw order.signal.reason;
    throw signal.aborted ? tooSlow(order, error) : brokenExchange(order, error);
  } finally {
    limit.release();
  }
}

/** undici does not hear of the end while it connects, or waits until a connection is free: whoever waits for it does. */
function beforeEnd(asked: ReturnType<typeof request>, signal: Signal): ReturnType<typeof request> {
  return new Promise((resolve, reject) => {
    signal.once('abort', () => reject(new Error('The exchange was ended.')));
    asked.then((answer) => (signal.aborted ? void answer.body.dump().catch(() => undefined) : resolve(answer)), reject);
  });
}

/** A large body is read while it is sent; its length is told where it is known. */
function wireOf({ headers, body, gzip }: HttpOrder) {
  if (gzip) return { headers: { ...headers, 'content-encoding': 'gzip' }, body: packed(body) };
  if (!Buffer.isBuffer(body))
    return { headers: { ...headers, 'content-length': String(body.size) }, body: body.open() };
  return { headers, body: body.length > 0 ? body : null };
}

/** Fast: what is large is seldom text. */
const GZIP = { level: 1 } as const;

const packed = (body: HttpOrder['body']) =>
  pipeline(
    Buffer.isBuffer(body) ? Readable.from([body], { objectMode: false }) : body.open(),
    createGzip(GZIP),
    () => undefined,
  );

type Signal = EventEmitter & { aborted: boolean };

/** Ends with the time limit or with the order's own signal. An AbortSignal costs several times as much for each exchange. */
function limitOf({ timeoutMs, signal: given }: HttpOrder) {
  const signal: Signal = Object.assign(new EventEmitter(), { aborted: false });
  const end = () => {
    signal.aborted = true;
    signal.emit('abort');
  };
  const timer = setTimeout(end, timeoutMs);
  given?.addEventListener('abort', end, { once: true });
  const release = () => {
    clearTimeout(timer);
    given?.removeEventListener('abort', end);
  };
  return { signal, release };
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : `${value}`]),
  );
}

/** Leaving the loop destroys the stream, and with it the connection, where the answer is longer. */
async function read(body: AsyncIterable<Buffer>, { maxBytes, longer, receiver }: HttpOrder): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= maxBytes) continue;
    if (longer === 'cut') break;
    throw new Fault('receiver-error', { detail: `The answer is longer than ${maxBytes} bytes.`, place: receiver });
  }
  const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
  return size <= maxBytes ? whole : whole.subarray(0, maxBytes);
}

const tooSlow = ({ timeoutMs, receiver }: HttpOrder, cause: unknown) =>
  new Fault('receiver-timeout', { detail: `The receiver did not answer in ${timeoutMs} ms.`, place: receiver, cause });

/** What senders read: the names of Node's errors are nothing to them. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNRESET: 'it was reset',
  EPIPE: 'it was closed',
  UND_ERR_SOCKET: 'the other side closed it',
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it took too long',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody else',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of its certificate is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate comes without that of its authority, or the authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of its certificate is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_CONNECT_TIMEOUT: 'it took too long',
};
const wordsFor = (code: string): string => WORDS[code] ?? code;

/** Why there was no answer. Throws `cause` where it is the gateway's own failure. */
export function brokenExchange({ receiver }: Pick<HttpOrder, 'receiver'>, cause: unknown): Fault {
  if (cause instanceof AddressForbidden) return forbidden(receiver, cause);
  const code = codeOf(cause);
  if (EXPIRED.test(code))
    return new Fault('certificate-expired', {
      detail: `The certificate of the receiver's endpoint is not valid at this time (${code}).`,
      place: receiver,
      cause,
    });
  return CONNECTED.test(code)
    ? new Fault('receiver-error', {
        detail: `The connection broke before an answer: ${wordsFor(code)}.`,
        place: receiver,
        cause,
      })
    : new Fault('receiver-unreachable', {
        detail: `No connection to the receiver: ${wordsFor(code)}.`,
        place: receiver,
        cause,
      });
}

/** The address itself stands in the log: a consumer need not know how a provider's network is made. */
const forbidden = (receiver: string, cause: AddressForbidden) =>
  new Fault('destination-forbidden', {
    detail: 'The address registered for the receiver is not public, and CROCEVIA_ALLOWED_NETWORKS does not allow it.',
    place: receiver,
    cause,
  });

/** OpenSSL's words on the receiver's certificate, and the receiver's on ours. */
const EXPIRED = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_SSL_\w*ALERT_CERTIFICATE_EXPIRED)$/;

/** The connection stood, and then broke or carried no HTTP. */
const CONNECTED = /^(ECONNRESET|ECONNABORTED|EPIPE|HTTPParserError|UND_ERR_(?!CONNECT_TIMEOUT).*)$/;

/** A header or address that cannot be sent; a channel that is closed. */
const OF_THE_GATEWAY = ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED'];

/** The network's own codes, ECONNREFUSED and the like; anything else is the gateway's failure and is thrown on. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (name === 'HTTPParserError') return name;
  if (typeof code === 'string' && !OF_THE_GATEWAY.includes(code)) return code;
  throw error;
}
