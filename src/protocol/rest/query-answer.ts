import type { Documents } from '../../message/document.js';
import { BARE_TYPES, bareDocument, writeBare } from '../bare-document.js';
import { formatOf, parseMediaType } from '../mime/media-type.js';
import { NO_DOCUMENT } from '../no-answer.js';
import type { AnswerCodec, OpenAnswer } from '../protocol.js';

/** JSON and XML are opened; what is neither passes as it is. */
export async function openRestAnswer(
  documents: Documents,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<OpenAnswer> {
  const media = parseMediaType(headers['content-type']);
  if (body.length === 0 || !formatOf(media)) return NO_DOCUMENT;
  const document = await bareDocument(documents, headers['content-type'], 'Content-Type', body, BARE_TYPES);
  return {
    document,
    element: document.xml?.root ?? null,
    isFault: media?.type === 'application/problem+json',
    close: () => document.close(),
  };
}

export const answeredInRest: AnswerCodec['answered'] = (_decoded, payload, message) =>
  payload === null ? { headers: {}, body: Buffer.alloc(0) } : writeBare(payload, message);
