import type { IncomingMessage } from 'node:http';
import { Fault } from '../message/fault.js';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Bytes of bodies held in memory at once, over all requests. */
const MAX_HELD_BYTES = 512 * 1024 * 1024;
let held = 0;

/**
 * Reads a request body under limits. Throws too-large, request-timeout, overloaded; the caller then closes the
 * connection, for the rest of the body is not read.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  refuseEncoded(request);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const deadline = setTimeout(() => request.destroy(tooSlow(limits.timeoutMs)), limits.timeoutMs);
  let size = 0;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      held += chunk.length;
      if (size > limits.maxBytes) throw tooLarge(limits.maxBytes);
      if (held > MAX_HELD_BYTES)
        throw new Fault('overloaded', { detail: 'Too many bytes are being received.', retryAfterSeconds: 5 });
      chunks.push(chunk);
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  } finally {
    clearTimeout(deadline);
    held -= size;
  }
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

const tooLarge = (maxBytes: number) =>
  new Fault('too-large', {
    detail: `The request is larger than ${maxBytes} bytes.`,
    place: 'body',
    expected: `at most ${maxBytes} bytes`,
  });

const tooSlow = (timeoutMs: number) =>
  new Fault('request-timeout', {
    detail: `The request took longer than ${timeoutMs} ms to arrive.`,
    place: 'body',
    expected: `all bytes within ${timeoutMs} ms`,
  });
