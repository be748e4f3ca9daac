import type { IncomingMessage } from 'node:http';
import { cutShort, tooSlow } from './body.js';

/** The slowest that a sender may be on the whole, beyond the time that every request has. */
const BYTES_PER_MS = 256;

/**
 * The chunks of a body of any size, each within its time: `timeoutMs` for all of it, and a second more for each 256 KiB that
 * came. The connection stays open for a refusal. Throws request-timeout.
 */
export async function* chunksOf(request: IncomingMessage, timeoutMs: number): AsyncGenerator<Buffer> {
  const iterator = request.iterator({ destroyOnReturn: false });
  let waited = 0;
  let size = 0;
  try {
    for (;;) {
      const began = performance.now();
      const left = timeoutMs + size / BYTES_PER_MS - waited;
      const next = await within(iterator.next() as Promise<IteratorResult<Buffer>>, left, timeoutMs);
      waited += performance.now() - began;
      if (next.done) break;
      size += next.value.length;
      yield next.value;
    }
  } finally {
    void iterator.return?.().catch(() => undefined);
  }
  if (!request.complete) throw cutShort();
}

/** The gateway's own time, while it writes, is not the sender's. */
function within<T>(work: Promise<T>, ms: number, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(timeoutMs)), Math.max(0, ms));
    work.then(resolve, () => reject(cutShort())).finally(() => clearTimeout(timer));
  });
}
