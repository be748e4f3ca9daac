import { Fault } from '../../message/fault.js';
import type { Attachment, StreamedPart } from '../../message/stages.js';
import { mimeMalformed } from '../mime/parts.js';

const NAMESPACE = 'http://www.w3.org/2004/08/xop/include';
const DECLARATION =
  /xmlns(?::([\w.-]+))?\s*=\s*(?:"http:\/\/www\.w3\.org\/2004\/08\/xop\/include"|'http:\/\/www\.w3\.org\/2004\/08\/xop\/include')/g;
const INCLUDE = /<(?:([A-Za-z_][\w.-]*):)?Include(\s[^<>]{0,2000}?)(?:\/>|>\s*<\/(?:\1:)?Include\s*>)/y;
const HREF = /\shref\s*=\s*(?:"cid:([^"]*)"|'cid:([^']*)')/;
const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** Bytes of parts that are put back into one document. */
export const MAX_XOP_BYTES = 1_048_576;

type XopPart = Attachment | StreamedPart;

export interface Inlined {
  readonly xml: Buffer;
  /** Attachments that no xop:Include names, and those that were too large to be held: the document has their beginning. */
  readonly left: readonly XopPart[];
}

/**
 * Reconstitutes the infoset (XOP §3.2): each xop:Include becomes the base64 of the part that it names, so that the
 * published schema can judge the document. Works on markup, before any parser; what is not well-formed stays so.
 * Throws mime-malformed for a part that is not there, too-large over 1 MiB of parts.
 */
export function inlineXop(root: Buffer, attachments: readonly XopPart[]): Inlined {
  if (!root.includes(NAMESPACE)) return { xml: root, left: attachments };
  const text = root.toString('latin1');
  const prefixes = new Set([...text.matchAll(DECLARATION)].map(([, prefix]) => prefix));
  const pieces: string[] = [];
  const used = new Set<XopPart>();
  let copied = 0;
  let bytes = 0;
  for (const include of includesOf(text, prefixes)) {
    const part = partFor(include.href, attachments);
    bytes += part.bytes.length;
    if (bytes > MAX_XOP_BYTES) throw tooLarge();
    if (!('isHeld' in part) || part.isHeld) used.add(part);
    pieces.push(text.slice(copied, include.start), part.bytes.toString('base64'));
    copied = include.end;
  }
  pieces.push(text.slice(copied));
  return { xml: Buffer.from(pieces.join(''), 'latin1'), left: attachments.filter((part) => !used.has(part)) };
}

interface Include {
  readonly start: number;
  readonly end: number;
  readonly href: string;
}

function* includesOf(text: string, prefixes: ReadonlySet<string | undefined>): Generator<Include> {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    INCLUDE.lastIndex = at;
    const [whole, prefix, attributes] = INCLUDE.exec(text) ?? [];
    const href = whole !== undefined && prefixes.has(prefix) ? HREF.exec(attributes ?? '') : null;
    if (whole !== undefined && href) {
      yield { start: at, end: at + whole.length, href: href[1] ?? href[2] ?? '' };
      at += whole.length;
    } else {
      at = endOfSkipped(text, at);
    }
  }
}

/** After a comment, CDATA section or processing instruction, else after the `<`. */
function endOfSkipped(text: string, at: number): number {
  const skipped = SKIPPED.find(([open]) => text.startsWith(open, at));
  if (!skipped) return at + 1;
  const end = text.indexOf(skipped[1], at + skipped[0].length);
  return end < 0 ? text.length : end;
}

/** RFC 2392 §2: the part whose Content-ID is the percent-decoded rest of the cid URL. */
function partFor(href: string, attachments: readonly XopPart[]): XopPart {
  const part = attachments.find(({ contentId }) => contentId !== null && [href, decoded(href)].includes(contentId));
  if (part) return part;
  throw mimeMalformed(`No part has the Content-ID <${href.slice(0, 120)}>.`, 'xop:Include', 'a cid: of this message');
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href; // not percent-encoded: taken as it stands
  }
}

const tooLarge = () =>
  new Fault('too-large', {
    detail: 'The parts that xop:Include puts into the document are too large to be validated.',
    place: 'xop:Include',
    expected: `at most ${MAX_XOP_BYTES} bytes; send larger files as attachments that the document names`,
  });
