import { isUtf8 } from 'node:buffer';
import { Fault } from '../../message/fault.js';

/** Encodings that are read, by the names that declarations and Content-Type give them (lower case). */
const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'us-ascii',
  ascii: 'us-ascii',
  'utf-16': 'utf-16',
  'utf-16le': 'utf-16',
  'utf-16be': 'utf-16',
  'iso-8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'iso-8859-15': 'iso-8859-15',
  'windows-1252': 'windows-1252',
};

const DECLARATION_LIMIT = 1_024;

/** The document in UTF-8 without byte order mark; its own declaration may still say otherwise. */
export interface Utf8Document {
  readonly utf8: Buffer;
  /** True where the bytes are the ones that came, byte order mark apart. */
  readonly unchanged: boolean;
}

/**
 * Decides the encoding from byte order mark, Content-Type charset and XML declaration, which must agree (RFC 7303 §3),
 * and decodes. Throws encoding-wrong for a disagreement, an encoding that is not read, and bytes that are invalid in it.
 */
export function toUtf8(bytes: Buffer, charset: string | null): Utf8Document {
  const mark = byteOrderMark(bytes);
  const named = charset === null ? null : known(charset, 'Content-Type');
  const ascii = mark?.encoding === 'utf-16' ? decodeUtf16(bytes, mark) : bytes.subarray(mark?.length ?? 0);
  const declared = declaredEncoding(ascii);
  const encoding = agreed(mark?.encoding ?? null, named, declared);
  if (encoding === 'utf-16' && !mark)
    throw new Fault('encoding-wrong', { detail: 'UTF-16 without a byte order mark.', place: 'byte 0' });
  return { utf8: decode(ascii, encoding), unchanged: encoding === 'utf-8' || encoding === 'us-ascii' };
}

interface Mark {
  readonly encoding: 'utf-8' | 'utf-16';
  readonly length: number;
  readonly bigEndian: boolean;
}

function byteOrderMark(bytes: Buffer): Mark | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { encoding: 'utf-8', length: 3, bigEndian: false };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16', length: 2, bigEndian: false };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16', length: 2, bigEndian: true };
  return null;
}

function decodeUtf16(bytes: Buffer, { bigEndian }: Mark): Buffer {
  return transcode(bytes, bigEndian ? 'utf-16be' : 'utf-16le');
}

function declaredEncoding(document: Buffer): string | null {
  const head = document.subarray(0, DECLARATION_LIMIT).toString('latin1');
  if (!/^<\?xml[ \t\r\n]/.test(head)) return null;
  const end = head.indexOf('?>');
  if (end < 0)
    throw new Fault('encoding-wrong', {
      detail: `The XML declaration does not end within ${DECLARATION_LIMIT} bytes.`,
      place: 'line 1',
    });
  const name = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/.exec(head.slice(0, end))?.[1];
  return name === undefined ? null : known(name, 'XML declaration');
}

function known(name: string, place: string): string {
  const encoding = ENCODINGS[name.trim().toLowerCase()];
  if (encoding) return encoding;
  throw new Fault('encoding-wrong', {
    detail: `The encoding "${name.slice(0, 40)}" is not read here.`,
    place,
    expected: [...new Set(Object.values(ENCODINGS))].join(', '),
  });
}

function agreed(mark: string | null, charset: string | null, declared: string | null): string {
  const said: [string, string | null][] = [
    ['byte order mark', mark],
    ['Content-Type charset', charset],
    ['XML declaration', declared],
  ];
  const given = said.filter(([, encoding]) => encoding !== null);
  const [first] = given;
  if (!first) return 'utf-8';
  const other = given.find(([, encoding]) => encoding !== first[1]);
  if (!other) return first[1] ?? 'utf-8';
  throw new Fault('encoding-wrong', {
    detail: `The ${first[0]} says ${first[1]}, the ${other[0]} says ${other[1]}.`,
    place: other[0],
    expected: first[1] ?? 'utf-8',
  });
}

function decode(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'utf-16') return bytes;
  if (encoding === 'utf-8') return validUtf8(bytes);
  if (encoding === 'us-ascii') return validAscii(bytes);
  if (encoding === 'iso-8859-1') return Buffer.from(bytes.toString('latin1'), 'utf8');
  return transcode(bytes, encoding);
}

function transcode(bytes: Buffer, encoding: string): Buffer {
  try {
    return Buffer.from(new TextDecoder(encoding, { fatal: true }).decode(bytes), 'utf8');
  } catch (cause) {
    throw new Fault('encoding-wrong', { detail: `The bytes are not valid ${encoding}.`, cause });
  }
}

function validAscii(bytes: Buffer): Buffer {
  const at = bytes.findIndex((byte) => byte > 0x7f);
  if (at < 0) return bytes;
  throw invalidByte(bytes, at, 'US-ASCII');
}

/** The bytes themselves where they are valid UTF-8. Throws encoding-wrong with the line of the first byte that is not. */
export function validUtf8(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  throw invalidByte(bytes, firstInvalid(bytes), 'UTF-8');
}

/** Halves the search: a prefix is valid but for a sequence that its end may cut. */
function firstInvalid(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 4) {
    const middle = (good + bad) >> 1;
    const cut = sequenceStart(bytes, middle);
    if (cut > good && isUtf8(bytes.subarray(good, cut))) good = cut;
    else bad = middle;
  }
  for (let length = 1; length <= 4; length++) {
    if (!isUtf8(bytes.subarray(good, good + length))) continue;
    good += length;
    length = 0;
  }
  return good;
}

function sequenceStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > index - 4 && start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}

function invalidByte(bytes: Buffer, at: number, encoding: string): Fault {
  let line = 1;
  for (let i = bytes.indexOf(0x0a); i >= 0 && i < at; i = bytes.indexOf(0x0a, i + 1)) line++;
  return new Fault('encoding-wrong', { detail: `Invalid ${encoding} on line ${line}.`, place: `line ${line}` });
}
