import { createHash, type Hash } from 'node:crypto';
import type { StoredPart } from '../../message/content.js';
import { Fault } from '../../message/fault.js';
import type { Decoded, StreamedBody, StreamedPart } from '../../message/stages.js';
import type { MediaType } from './media-type.js';
import { PartReader } from './part-stream.js';
import { mimeMalformed, nameOf, type Part } from './parts.js';
import { readRelated, requireDistinct } from './related.js';
import { decodeTransfer, transferDecoder, type TransferDecoder } from './transfer.js';

export interface StreamLimits {
  /** Of the document. */
  readonly maxBytes: number;
  readonly maxParts: number;
}

/** Bytes of parts that are held, and of a larger part its beginning: what an xop:Include can put into the document. */
const HELD_BYTES = 1_048_576;
const BEGINNING_BYTES = 3_000;

interface OpenPart {
  readonly name: string | null;
  readonly contentType: string | null;
  readonly encoding: string | null;
  readonly from: number;
  readonly isRoot: boolean;
  readonly hash: Hash;
  readonly decoder: TransferDecoder;
  readonly pieces: Buffer[];
  held: number;
  size: number;
}

/**
 * Reads a multipart body on its way to the payload store: holds the document, and of each other part where it lies and its
 * digest. Throws mime-malformed, too-complex, too-large.
 */
export class StreamedParts {
  private readonly reader: PartReader;
  private readonly start: string | undefined;
  private readonly parts: StreamedPart[] = [];
  private root: { readonly part: StoredPart; readonly bytes: Buffer } | null = null;
  private open: OpenPart | null = null;
  private left = HELD_BYTES;

  constructor(
    { parameters }: MediaType,
    private readonly limits: StreamLimits,
  ) {
    this.start = parameters['start']?.trim().replace(/^<(.*)>$/, '$1');
    this.reader = new PartReader(parameters['boundary'], this, limits.maxParts);
  }

  write(chunk: Buffer): void {
    this.reader.write(chunk);
  }

  finish(): Pick<StreamedBody, 'root' | 'parts'> & { readonly rootPart: StoredPart } {
    this.reader.finish();
    if (!this.root) throw mimeMalformed('The root part is missing.', 'body', 'a part of that Content-ID');
    requireDistinct([...this.parts, this.root.part]);
    return { root: this.root.bytes, rootPart: this.root.part, parts: this.parts };
  }

  begin(headers: ReadonlyMap<string, string>, number: number, offset: number): void {
    const name = nameOf(headers, number);
    const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? null;
    const isRoot = this.start === undefined ? number === 1 : name === this.start;
    this.open = {
      name,
      contentType: headers.get('content-type') ?? null,
      encoding,
      from: offset,
      isRoot,
      hash: createHash('sha256'),
      decoder: isRoot ? PLAIN : transferDecoder(encoding, number),
      pieces: [],
      held: 0,
      size: 0,
    };
  }

  data(chunk: Buffer): void {
    const part = this.open!;
    const bytes = part.decoder.write(chunk);
    part.size += bytes.length;
    if (part.isRoot && part.size > this.limits.maxBytes) throw tooLarge(this.limits.maxBytes);
    if (!part.isRoot) part.hash.update(bytes);
    const room = part.isRoot ? bytes.length : Math.max(this.left, BEGINNING_BYTES) - part.held;
    if (room > 0) part.pieces.push(Buffer.from(bytes.subarray(0, room)));
    part.held += Math.min(bytes.length, Math.max(0, room));
  }

  end(offset: number): void {
    const part = this.open!;
    part.decoder.end();
    const bytes = Buffer.concat(part.pieces);
    const known = { contentId: part.name, encoding: part.encoding, span: { from: part.from, to: offset } };
    if (part.isRoot) return this.endRoot(part, known, bytes);
    const isHeld = part.held === part.size && part.size <= this.left;
    if (isHeld) this.left -= part.size;
    const contentType = part.contentType ?? 'application/octet-stream';
    const beginning = isHeld ? bytes : Buffer.from(bytes.subarray(0, BEGINNING_BYTES));
    this.parts.push({ ...known, contentType, sha256: part.hash.digest('hex'), bytes: beginning, isHeld });
  }

  private endRoot({ contentType }: OpenPart, known: Omit<StoredPart, 'contentType' | 'sha256'>, raw: Buffer): void {
    const bytes = decodeTransfer(raw, known.encoding ?? undefined, 1);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.root = { part: { ...known, contentType: contentType ?? '', sha256 }, bytes };
  }
}

const PLAIN: TransferDecoder = { write: (chunk) => chunk, end: () => undefined };

/** The document and the other parts of a body, however it came. */
export function relatedIn(
  body: Buffer | StreamedBody,
  media: MediaType,
): { readonly root: Part; readonly attachments: Decoded['attachments'] } {
  if (Buffer.isBuffer(body)) return readRelated(body, media);
  const { root, parts, stored } = body;
  const { contentId = null, contentType = '' } = stored.root ?? {};
  return { root: { bytes: root, contentId, contentType: contentType || null }, attachments: parts };
}

/** What is held of a body, and where the rest of it lies. */
export const heldOf = (body: Buffer | StreamedBody): Pick<Decoded, 'content' | 'stored'> =>
  Buffer.isBuffer(body) ? { content: body } : { content: body.root, stored: body.stored };

const tooLarge = (maxBytes: number) =>
  new Fault('too-large', {
    detail: `The document is larger than ${maxBytes} bytes.`,
    place: 'root part',
    expected: `at most ${maxBytes} bytes`,
  });
