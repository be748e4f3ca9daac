import type { Documents } from '../message/document.js';
import { Fault } from '../message/fault.js';
import { parseMediaType } from './mime/media-type.js';
import type { AnswerReading } from './protocol.js';

const MAX_ANSWER_BYTES = 1_048_576;
const MAX_REASON = 500;
/** Statuses of RFC 9110, RFC 6585 and RFC 8470 by which a receiver says "later", not "no". */
const LATER = [408, 425, 429];
const FIELDS = { type: 'type', title: 'title', detail: 'detail', status: 'status' };

/**
 * A receiver's problem+json (RFC 9457) at a status of 400 or more, or in a 2xx, where its own `status` tells whose it is (RFC 9457
 * §3.1.2). Any other answer holds no fault: its status alone speaks. A problem that cannot be read is none.
 */
export async function readProblem(
  documents: Documents,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<AnswerReading> {
  const isProblem = parseMediaType(headers['content-type'])?.type === 'application/problem+json';
  const isRedirection = status >= 300 && status < 400;
  if (isRedirection || !isProblem || body.length > MAX_ANSWER_BYTES) return { fault: null };
  const said = await whatItSays(documents, body);
  if (said === null) return { fault: null };
  const { reason, codes, status: inside } = said;
  return { fault: { reason, codes, blame: blameOf(status < 300 ? inside : status) } };
}

const blameOf = (status: number) =>
  status >= 400 && status < 500 && !LATER.includes(status) ? ('sender' as const) : ('receiver' as const);

interface Said {
  readonly reason: string;
  readonly codes: string[];
  /** NaN where it says none. */
  readonly status: number;
}

async function whatItSays(documents: Documents, body: Buffer): Promise<Said | null> {
  try {
    const document = await documents.openJson(body);
    try {
      const { extracted } = await document.examine({ schema: null, extract: FIELDS });
      const { type, title, detail, status } = extracted;
      const said = [title, detail].filter(Boolean).join(': ');
      return {
        reason: said.slice(0, MAX_REASON) || 'The receiver gave no reason.',
        codes: type ? [type] : [],
        status: Number(status),
      };
    } finally {
      document.close();
    }
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
