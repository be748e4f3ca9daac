import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { PayloadStore } from '../acceptance/payloads.js';
import type { Span, StoredContent } from '../message/content.js';

/** A body that is read from the payload store while it goes out; the same bytes each time. */
export interface LargeBody {
  /** Bytes. */
  readonly size: number;
  /** Names these bytes: another body has another tag. */
  readonly tag: string;
  /** The bytes from `from` up to `to`, excluded; all of them where neither is given. Fails with Fault store-unavailable. */
  open(from?: number, to?: number): Readable;
}

/** What is put on the wire for a receiver. */
export interface Written {
  /** Lower-case names; content-type among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | LargeBody;
}

/** Bytes of its own, or a span of the stored ones. */
export type Segment = Buffer | Span;

export function largeBody(
  stored: StoredContent,
  segments: readonly Segment[],
  store: Pick<PayloadStore, 'read'>,
): LargeBody {
  const size = segments.reduce((sum, segment) => sum + lengthOf(segment), 0);
  return {
    size,
    tag: tagOf(stored, segments),
    open: (from = 0, to = size) => Readable.from(read(stored, segments, store, from, to), { objectMode: false }),
  };
}

const lengthOf = (segment: Segment) => (Buffer.isBuffer(segment) ? segment.length : segment.to - segment.from);

/** Of the original bytes their SHA-256, else one of what they are made of. */
function tagOf({ sha256 }: StoredContent, segments: readonly Segment[]): string {
  if (segments.length === 1 && !Buffer.isBuffer(segments[0])) return sha256;
  const hash = createHash('sha256').update(sha256);
  for (const segment of segments) hash.update(Buffer.isBuffer(segment) ? segment : `${segment.from}-${segment.to}`);
  return hash.digest('hex');
}

async function* read(
  { id }: StoredContent,
  segments: readonly Segment[],
  store: Pick<PayloadStore, 'read'>,
  from: number,
  to: number,
): AsyncIterable<Buffer> {
  let at = 0;
  for (const segment of segments) {
    const [begin, end] = [Math.max(from - at, 0), Math.min(to - at, lengthOf(segment))];
    at += lengthOf(segment);
    if (begin >= end) continue;
    if (Buffer.isBuffer(segment)) yield segment.subarray(begin, end);
    else yield* store.read(id, segment.from + begin, segment.from + end);
  }
}
