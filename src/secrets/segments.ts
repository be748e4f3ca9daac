import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { Fault } from '../message/fault.js';
import { chunked } from '../payloads/chunked.js';

/** Bytes of plain content in a segment, and of its tag. */
const SEGMENT = 64 * 1024;
const TAG = 16;
const SEALED = SEGMENT + TAG;

/** One key an object: with it, numbering the segments makes every nonce unique (an object is written once). */
export function objectKey(dataKey: Buffer, id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, id, 'crocevia payload', 32));
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 8);
  return nonce;
}

/** Segments of 64 KiB, each with its tag, so that any range can be opened by itself. */
export async function* sealSegments(key: Buffer, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let number = 0;
  for await (const plain of chunked(source, SEGMENT)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++));
    yield Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Reads sealed bytes, `to` excluded; it may throw when it comes to the end, having given what there is. */
type ReadSealed = (from: number, to: number) => AsyncIterable<Buffer>;

/** The plain bytes from `from` up to `to`. Throws Fault store-unavailable where they were changed, cut short or are not there. */
export async function* openSegments(key: Buffer, read: ReadSealed, from: number, to: number): AsyncGenerator<Buffer> {
  if (from >= to) return;
  const first = Math.floor(from / SEGMENT);
  const last = Math.floor((to - 1) / SEGMENT);
  let number = first;
  for await (const sealed of chunked(toTheEnd(read(first * SEALED, (last + 1) * SEALED)), SEALED)) {
    const start = number * SEGMENT;
    const plain = openSegment(key, number++, sealed);
    const wanted = plain.subarray(Math.max(0, from - start), to - start);
    if (wanted.length > 0) yield wanted;
    if (start + plain.length < Math.min(to, start + SEGMENT)) throw damaged();
  }
  if (number <= last) throw damaged();
}

/** The last segment is shorter than is asked for: that it is whole, its tag says. */
async function* toTheEnd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let given = 0;
  try {
    for await (const piece of source) {
      given += piece.length;
      yield piece;
    }
  } catch (error) {
    if (given === 0) throw error;
  }
}

function openSegment(key: Buffer, number: number, sealed: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(-TAG));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
  } catch (cause) {
    throw damaged(cause);
  }
}

const damaged = (cause?: unknown) =>
  new Fault('store-unavailable', { detail: 'A stored content is damaged, or not all of it is there.', cause });
