import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Upload, Uploads } from '../acceptance/uploads.js';
import { Fault } from '../message/fault.js';
import type { Identified, StreamedBody } from '../message/stages.js';
import { formatOf, parseMediaType, type MediaType } from '../protocol/mime/media-type.js';
import { StreamedParts } from '../protocol/mime/streamed.js';
import { collect, readBody, tooLarge, type BodyLimits } from './body.js';
import { requireDigests } from './content-digest.js';
import { chunksOf } from './paced.js';

export interface ContentLimits extends BodyLimits {
  /** Bytes beside the document that stream; null: everything is held. */
  readonly streamedBytes: number | null;
  /** The participant under whose key what streams is kept; null: as it is. */
  readonly sealFor: string | null;
}

/** A request's content, read. `close` must be called once the message is accepted or refused. */
export interface ReadContent {
  readonly body: Buffer | StreamedBody;
  close(): Promise<void>;
}

/** Up to here a content is held like any other, also where it may stream. */
const HELD_BYTES = 1024 * 1024;
const MAX_PARTS = 100;
/** What is unpacked from gzip may be so many times larger; below a MiB it may be more. */
export const MAX_RATIO = 100;

const done = () => Promise.resolve();

/**
 * Reads the content of a request: held, or streamed to the payload store where that is allowed and it is large. Undoes gzip
 * (RFC 9110 §8.4) and holds Content-Digest and Repr-Digest against what came. Throws too-large, request-timeout, overloaded,
 * media-type-unsupported, digest-mismatch, mime-malformed, too-complex, store-unavailable; nothing is left behind then.
 */
export async function readContent(
  request: IncomingMessage,
  { headers, caller }: Identified,
  limits: ContentLimits,
  uploads: Uploads,
): Promise<ReadContent> {
  const media = streamable(headers['content-type'], limits);
  const isGzip = codingOf(headers['content-encoding']) === 'gzip';
  const announced = Number(headers['content-length'] ?? Infinity);
  const isHeld = media === null || announced <= Math.min(HELD_BYTES, limits.maxBytes);
  if (isHeld && !isGzip) {
    const body = await readBody(request, limits);
    requireDigests(headers, (algorithm) => createHash(algorithm).update(body));
    return { body, close: done };
  }
  const most = limits.maxBytes + (media === null ? 0 : (limits.streamedBytes ?? 0));
  if (!isGzip && announced !== Infinity && announced > most) throw tooLarge(most);
  const source = bounded(incoming(request, headers, isGzip, limits.timeoutMs), most);
  return media === null
    ? { body: await collect(source), close: done }
    : spool(source, media, caller.system, limits, uploads);
}

/** The media type of what may stream: several parts, or no document at all. */
function streamable(contentType: string | undefined, { streamedBytes }: ContentLimits): MediaType | null {
  const media = streamedBytes === null ? null : parseMediaType(contentType);
  return media && formatOf(media) === null ? media : null;
}

function codingOf(coding: string | undefined): 'gzip' | null {
  if (coding === undefined || coding === 'identity') return null;
  if (/^(x-)?gzip$/i.test(coding)) return 'gzip';
  throw new Fault('media-type-unsupported', {
    detail: `Content-Encoding "${coding.slice(0, 100)}" is not accepted.`,
    place: 'Content-Encoding',
    expected: 'gzip, or no content coding',
  });
}

/** Both digests are of the content as it is coded (RFC 9530 §2, §3). */
function incoming(
  request: IncomingMessage,
  headers: Identified['headers'],
  isGzip: boolean,
  timeoutMs: number,
): AsyncIterable<Buffer> {
  const checked = digested(chunksOf(request, timeoutMs), headers);
  return isGzip ? unpacked(checked) : checked;
}

async function* digested(source: AsyncIterable<Buffer>, headers: Identified['headers']): AsyncGenerator<Buffer> {
  const named = `${headers['content-digest'] ?? ''} ${headers['repr-digest'] ?? ''}`;
  const hashes = new Map<string, Hash>();
  for (const [name, algorithm] of ALGORITHMS) if (named.includes(name)) hashes.set(algorithm, createHash(algorithm));
  for await (const chunk of source) {
    for (const hash of hashes.values()) hash.update(chunk);
    yield chunk;
  }
  requireDigests(headers, (algorithm) => hashes.get(algorithm)!);
}

const ALGORITHMS = [
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
] as const;

async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [packed, size] = [0, 0];
  const counted = async function* () {
    for await (const chunk of source) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const gunzip = createGunzip({ chunkSize: 65_536 });
  pipeline(Readable.from(counted(), { objectMode: false }), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) {
      size += (chunk as Buffer).length;
      if (size > HELD_BYTES && size > packed * MAX_RATIO) throw tooLarge(packed * MAX_RATIO);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw /^Z_/.test((error as { code?: string }).code ?? '') ? damaged(error) : error;
  }
}

const damaged = (cause: unknown) =>
  new Fault('not-well-formed', {
    detail: 'The content is no gzip, or not all of it.',
    place: 'body',
    expected: 'gzip',
    cause,
  });

async function* bounded(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** Holds the first MiB; only what is larger goes to the payload store. */
async function spool(
  source: AsyncGenerator<Buffer>,
  media: MediaType,
  system: string,
  limits: ContentLimits,
  uploads: Uploads,
): Promise<ReadContent> {
  const first: Buffer[] = [];
  for (let size = 0; size <= HELD_BYTES;) {
    const next = await source.next();
    if (next.done) return { body: Buffer.concat(first), close: done };
    first.push(next.value);
    size += next.value.length;
  }
  const upload = await uploads.begin(system, limits.sealFor);
  try {
    return { body: await stream(upload, first, source, media, limits), close: () => upload.close() };
  } catch (error) {
    await upload.close();
    throw error;
  }
}

async function stream(
  upload: Upload,
  first: Buffer[],
  rest: AsyncIterable<Buffer>,
  media: MediaType,
  limits: ContentLimits,
): Promise<StreamedBody> {
  const isParts = media.type.startsWith('multipart/');
  const parts = isParts ? new StreamedParts(media, { maxBytes: limits.maxBytes, maxParts: MAX_PARTS }) : null;
  const watched = async function* () {
    for (const chunk of first.splice(0)) {
      parts?.write(chunk);
      yield chunk;
    }
    for await (const chunk of rest) {
      parts?.write(chunk);
      yield chunk;
    }
  };
  const written = await upload.write(watched());
  const stored = { id: upload.id, ...written };
  if (!parts) return { stored: { ...stored, root: null, parts: [] }, root: Buffer.alloc(0), parts: [] };
  const { root, rootPart, parts: found } = parts.finish();
  const known = found.map(({ bytes: _bytes, isHeld: _isHeld, ...part }) => part);
  return { stored: { ...stored, root: rootPart, parts: known }, root, parts: found };
}
