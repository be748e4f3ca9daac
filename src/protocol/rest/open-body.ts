import { createHash } from 'node:crypto';
import type { Documents } from '../../message/document.js';
import type { Decoded, StreamedBody } from '../../message/stages.js';
import { bareDocument } from '../bare-document.js';
import { formatOf, parseMediaType } from '../mime/media-type.js';
import { relatedIn } from '../mime/streamed.js';
import { unopened } from './empty-document.js';

type OpenBody = Pick<Decoded, 'document' | 'attachments' | 'opaque'>;

/**
 * A bare document, one with attachments (multipart/related, or a form whose first field is the document), or anything else,
 * which is not opened: whether the operation takes that is not known yet. Throws as bareDocument and readRelated do.
 */
export async function openBody(
  documents: Documents,
  contentType: string,
  body: Buffer | StreamedBody,
): Promise<OpenBody> {
  const media = parseMediaType(contentType);
  if (media?.type === 'multipart/related' || media?.type === 'multipart/form-data') {
    const { root, attachments } = relatedIn(body, media);
    const document = await bareDocument(documents, root.contentType ?? '', 'root part: Content-Type', root.bytes);
    return { document, attachments };
  }
  if (media && formatOf(media) === null)
    return { document: unopened(digestOf(body)), attachments: [], opaque: media.type };
  const whole = Buffer.isBuffer(body) ? body : body.root;
  return { document: await bareDocument(documents, contentType, 'Content-Type', whole), attachments: [] };
}

const digestOf = (body: Buffer | StreamedBody): string =>
  Buffer.isBuffer(body) ? createHash('sha256').update(body).digest('hex') : body.stored.sha256;
