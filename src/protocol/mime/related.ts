import type { Attachment } from '../../message/stages.js';
import { quoted, type MediaType } from './media-type.js';
import { mimeMalformed, splitParts, type Part } from './parts.js';

/** A compound document (RFC 2387): the root part and what it refers to. */
export interface Related {
  readonly root: Part;
  readonly attachments: readonly Attachment[];
}

/** Throws mime-malformed, too-complex. */
export function readRelated(bytes: Buffer, { parameters }: MediaType): Related {
  const parts = splitParts(bytes, parameters['boundary']);
  requireDistinct(parts);
  const root = rootOf(parts, parameters['start']);
  const attachments = parts
    .filter((part) => part !== root)
    .map(({ contentId, contentType, bytes: content }) => ({
      contentId,
      contentType: contentType ?? 'application/octet-stream',
      bytes: content,
    }));
  return { root, attachments };
}

export function requireDistinct(parts: readonly { readonly contentId: string | null }[]): void {
  const ids = parts.flatMap(({ contentId }) => contentId ?? []);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    throw mimeMalformed(`Two parts have the Content-ID <${twice}>.`, 'body', 'a Content-ID of its own for each part');
}

/** RFC 2387 §3.2: the part that `start` names, else the first. */
function rootOf(parts: readonly Part[], start: string | undefined): Part {
  const id = start?.trim().replace(/^<(.*)>$/, '$1');
  const root = id === undefined ? parts[0] : parts.find(({ contentId }) => contentId === id);
  if (root) return root;
  throw mimeMalformed(
    'The root part is missing.',
    id === undefined ? 'body' : 'start parameter',
    'a part of that Content-ID',
  );
}

/** What is to be written as a compound document. */
export interface RelatedContent {
  /** Must occur in no part. */
  readonly boundary: string;
  readonly rootType: string;
  /** Media type of the root alone, for the `type` parameter (RFC 2387 §3.1). */
  readonly type: string;
  readonly root: Buffer;
  readonly attachments: readonly Attachment[];
}

export function writeRelated(content: RelatedContent): { readonly contentType: string; readonly body: Buffer } {
  const { root, attachments } = content;
  const frame = relatedFrame(content);
  const parts = attachments.flatMap((one) => [frame.part({ ...one, encoding: 'binary' }), one.bytes]);
  return { contentType: frame.contentType, body: Buffer.concat([frame.root, root, ...parts, frame.end]) };
}

interface Frame {
  readonly contentType: string;
  /** What stands before the root, before each other part, and at the end. */
  readonly root: Buffer;
  part(part: Omit<Attachment, 'bytes'> & { readonly encoding: string | null }): Buffer;
  readonly end: Buffer;
}

/** Everything of a compound document but its parts. */
export function relatedFrame({ boundary, rootType, type }: Omit<RelatedContent, 'root' | 'attachments'>): Frame {
  const start = '<root@crocevia>';
  const parameters = [`type=${quoted(type)}`, `start=${quoted(start)}`, `boundary=${quoted(boundary)}`];
  return {
    contentType: ['multipart/related', ...parameters].join('; '),
    root: Buffer.from(partHead(boundary, rootType, start, 'binary')),
    part: ({ contentType, contentId, encoding }) => {
      const id = contentId === null ? null : `<${contentId}>`;
      return Buffer.from(`\r\n${partHead(boundary, contentType, id, encoding ?? 'binary')}`, 'latin1');
    },
    end: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

function partHead(boundary: string, contentType: string, contentId: string | null, encoding: string): string {
  const id = contentId === null ? '' : `Content-ID: ${contentId}\r\n`;
  return `--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Transfer-Encoding: ${encoding}\r\n${id}\r\n`;
}
