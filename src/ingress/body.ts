import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../message/fault.js';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Bytes of bodies held in memory at once, over all requests. */
const MAX_HELD_BYTES = 512 * 1024 * 1024;
let held = 0;

/** Time that a sender has to read a refusal that came before the end of its body, milliseconds. */
const LINGER_MS = 5_000;

const hold = (bytes: number) => void (held += bytes);

const tooMuch = () => new Fault('overloaded', { detail: 'Too many bytes are being received.', retryAfterSeconds: 5 });

/** All of a source that is bounded itself. Throws overloaded. */
export async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      hold(chunk.length);
      if (held > MAX_HELD_BYTES) throw tooMuch();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    hold(-size);
  }
}

/** Reads a request body under limits. Throws too-large, request-timeout, overloaded; then see `discardRest`. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  refuseEncoded(request);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  const add = (chunk: Buffer) => {
    size += chunk.length;
    hold(chunk.length);
    if (size > limits.maxBytes) throw tooLarge(limits.maxBytes);
    if (held > MAX_HELD_BYTES) throw tooMuch();
    chunks.push(chunk);
  };
  try {
    await eachChunk(request, add, limits.timeoutMs);
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  } finally {
    hold(-size);
  }
}

/** Hands on each chunk until the end; stops reading, and leaves the connection open, where `add` throws or time is up. */
function eachChunk(request: IncomingMessage, add: (chunk: Buffer) => void, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (settle: () => void) => {
      clearTimeout(deadline);
      request.off('data', take).off('end', end).off('error', gone).off('close', gone).pause();
      settle();
    };
    const fail = (error: Error) => stop(() => reject(error));
    const end = () => stop(resolve);
    const gone = () => fail(cutShort());
    const take = (chunk: Buffer) => {
      try {
        add(chunk);
      } catch (error) {
        fail(error as Error);
      }
    };
    const deadline = setTimeout(() => fail(tooSlow(timeoutMs)), timeoutMs);
    request.on('data', take).on('end', end).on('error', gone).on('close', gone);
  });
}

/**
 * Ends the connection after a refusal, but lets the rest of the body run into nothing first: a connection that is closed
 * with bytes unread is reset, and the sender would lose the answer (RFC 9112 §9.6).
 */
export function discardRest(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return void response.setHeader('connection', 'close');
  const end = () => request.socket.end();
  const deadline = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(deadline));
  request.once('end', () => (response.writableFinished ? end() : response.once('finish', end))).resume();
}

function refuseEncoded({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding === 'identity') return;
  throw new Fault('media-type-unsupported', {
    detail: `Content-Encoding "${coding}" is not accepted.`,
    place: 'Content-Encoding',
    expected: 'no content coding',
  });
}

export const tooLarge = (maxBytes: number) =>
  new Fault('too-large', {
    detail: `The request is larger than ${maxBytes} bytes.`,
    place: 'body',
    expected: `at most ${maxBytes} bytes`,
  });

export const tooSlow = (timeoutMs: number) =>
  new Fault('request-timeout', {
    detail: `The request took longer than ${timeoutMs} ms to arrive.`,
    place: 'body',
    expected: `all bytes within ${timeoutMs} ms`,
  });

/** Nobody is left to read it; the log and the record of the refusal tell it. */
export const cutShort = () =>
  new Fault('request-timeout', {
    detail: 'The sender closed the connection before the whole request had arrived.',
    place: 'body',
  });
