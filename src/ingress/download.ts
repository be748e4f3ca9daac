import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import parseRange from 'range-parser';
import type { LargeBody, Written } from '../delivery/large-body.js';
import type { Reply } from '../message/stages.js';
import type { Download } from './exchange.js';

/** Fast: what is large is seldom text. */
const GZIP = { level: 1 } as const;

/**
 * A content to be fetched whole, in one range (RFC 9110 §14; of several ranges the whole is sent, §14.2), or packed with gzip. The
 * tag is the same as long as the bytes are, so that a download which broke off goes on with If-Range.
 */
export function download(request: FastifyRequest, { headers: kept, body: given }: Written): Reply | Download {
  const body = Buffer.isBuffer(given) ? heldBody(given) : given;
  const etag = `"${body.tag}"`;
  const headers = {
    'content-type': kept['content-type'] ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    etag,
  };
  const range = request.method === 'GET' ? rangeOf(request, etag, body.size) : null;
  if (range === 'none')
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${body.size}` }, body: '' };
  if (range) return part(headers, body, range);
  if (request.method === 'GET' && acceptsGzip(request)) return packed(headers, body);
  const whole = { ...headers, 'content-length': String(body.size) };
  return {
    status: 200,
    headers: whole,
    body: request.method === 'HEAD' ? Readable.from([]) : body.open(),
    size: body.size,
  };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Null: all of it; `none`: nothing of it. */
function rangeOf({ headers }: FastifyRequest, etag: string, size: number): Range | 'none' | null {
  const { range, 'if-range': condition } = headers;
  if (range === undefined || (condition !== undefined && condition !== etag)) return null;
  const found = parseRange(size, range);
  if (found === -1) return 'none';
  const [only, more] = found === -2 || found.type !== 'bytes' ? [] : found;
  return only && !more ? only : null;
}

function part(headers: Reply['headers'], body: LargeBody, { start, end }: Range): Download {
  const size = end - start + 1;
  const about = { 'content-range': `bytes ${start}-${end}/${body.size}`, 'content-length': String(size) };
  return { status: 206, headers: { ...headers, ...about }, body: body.open(start, end + 1), size };
}

function packed(headers: Reply['headers'] & { readonly etag: string }, body: LargeBody): Download {
  const etag = headers.etag.replace(/"$/, '-gzip"');
  const source = body.open();
  const gzip = createGzip(GZIP);
  source.once('error', (error) => gzip.destroy(error));
  gzip.once('close', () => source.destroy());
  return {
    status: 200,
    headers: { ...headers, etag, 'content-encoding': 'gzip' },
    body: source.pipe(gzip),
    size: body.size,
  };
}

const acceptsGzip = ({ headers }: FastifyRequest) =>
  /(^|,)\s*(x-)?gzip\s*(,|$|;\s*q=(1|0\.0*[1-9]))/i.test(String(headers['accept-encoding'] ?? ''));

const heldBody = (bytes: Buffer): LargeBody => ({
  size: bytes.length,
  tag: createHash('sha256').update(bytes).digest('hex'),
  open: (from = 0, to = bytes.length) => Readable.from([bytes.subarray(from, to)], { objectMode: false }),
});
