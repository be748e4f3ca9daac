import { createCipheriv, createHash } from 'node:crypto';

const KEY = Buffer.alloc(32, 7);
const CHUNK_BYTES = 256 * 1024;

/** So many bytes that look like chance and are the same for each seed, in chunks that come one by one. */
export async function* bytesOf(size: number, seed = 1): AsyncIterable<Buffer> {
  const cipher = createCipheriv('aes-256-ctr', KEY, Buffer.alloc(16, seed));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let left = size; left > 0; left -= CHUNK_BYTES)
    yield cipher.update(zeros.subarray(0, Math.min(left, CHUNK_BYTES)));
}

export interface Summed {
  readonly size: number;
  readonly sha256: string;
}

/** Reads it to its end. */
export async function sumOf(source: AsyncIterable<Uint8Array>): Promise<Summed> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}
