import { request, type Dispatcher } from 'undici';
import { Fault } from '../../message/fault.js';
import type { Outgoing } from '../../protocol/protocol.js';

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 64 KiB; what follows is not read. */
  readonly body: Buffer;
}

export interface PostOrder extends Outgoing {
  readonly url: string;
  /** For the whole exchange, from connecting to the last byte read. */
  readonly timeoutMs: number;
  /** IPA code of the receiver, the place of a fault. */
  readonly receiver: string;
}

const ANSWER_BYTES = 65_536;

/**
 * POSTs once; redirects are not followed. Throws receiver-unreachable, receiver-timeout, and receiver-error where the
 * connection breaks or what comes back is no HTTP.
 */
export async function post(dispatcher: Dispatcher, order: PostOrder): Promise<HttpAnswer> {
  const { url, headers, body, timeoutMs } = order;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(url, { dispatcher, method: 'POST', headers, body, signal });
    return { status: answer.statusCode, headers: flat(answer.headers), body: await readStart(answer.body) };
  } catch (error) {
    throw signal.aborted ? tooSlow(order, error) : broken(order, error);
  }
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : `${value}`]),
  );
}

/** Leaving the loop destroys the stream, and with it the connection, where the answer is longer. */
async function readStart(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES);
}

const tooSlow = ({ timeoutMs, receiver }: PostOrder, cause: unknown) =>
  new Fault('receiver-timeout', { detail: `The receiver did not answer in ${timeoutMs} ms.`, place: receiver, cause });

function broken({ receiver }: PostOrder, cause: unknown): Fault {
  const code = codeOf(cause);
  return CONNECTED.test(code)
    ? new Fault('receiver-error', {
        detail: `The connection broke before an answer (${code}).`,
        place: receiver,
        cause,
      })
    : new Fault('receiver-unreachable', { detail: `No connection to the receiver (${code}).`, place: receiver, cause });
}

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
