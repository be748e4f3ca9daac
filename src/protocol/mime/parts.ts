import { Fault } from '../../message/fault.js';
import { decodeTransfer } from './transfer.js';

/** One body part of a multipart document, its transfer encoding undone. */
export interface Part {
  readonly contentType: string | null;
  /** Without its angle brackets. */
  readonly contentId: string | null;
  readonly bytes: Buffer;
}

export const MAX_PARTS = 100;
export const MAX_HEADER_BYTES = 16_384;
export const MAX_HEADERS = 32;
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;
const END_OF_HEADERS = '\r\n\r\n';

/**
 * Splits a multipart body that is all there (RFC 2046 §5.1.1); parts are views of the same memory. A line that only
 * begins like a delimiter is content. Throws mime-malformed, and too-complex over 100 parts, 32 headers or 16 KiB of them.
 */
export function splitParts(bytes: Buffer, boundary: string | undefined): readonly Part[] {
  const mark = Buffer.from(`\r\n--${requireBoundary(boundary)}`, 'latin1');
  const parts: Part[] = [];
  let delimiter = firstDelimiter(bytes, mark);
  while (delimiter && !delimiter.last) {
    if (parts.length === MAX_PARTS) throw tooComplex('parts', MAX_PARTS);
    const next = nextDelimiter(bytes, mark, delimiter.end);
    if (!next) throw mimeMalformed(`Part ${parts.length + 1} does not end.`, 'body', `--${boundary}--`);
    parts.push(readPart(bytes.subarray(delimiter.end, next.start), parts.length + 1));
    delimiter = next;
  }
  if (!delimiter) throw mimeMalformed('The boundary does not occur in the body.', 'body', `--${boundary}`);
  return parts;
}

export function requireBoundary(boundary: string | undefined): string {
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  throw mimeMalformed('There is no valid boundary.', 'Content-Type', 'boundary of 1 to 70 characters');
}

interface Delimiter {
  readonly start: number;
  readonly end: number;
  readonly last: boolean;
}

function firstDelimiter(bytes: Buffer, mark: Buffer): Delimiter | null {
  const atStart = bytes.subarray(0, mark.length - 2).equals(mark.subarray(2));
  return (atStart ? readDelimiter(bytes, 0, mark.length - 2) : null) ?? nextDelimiter(bytes, mark, 0);
}

function nextDelimiter(bytes: Buffer, mark: Buffer, from: number): Delimiter | null {
  for (let at = bytes.indexOf(mark, from); at >= 0; at = bytes.indexOf(mark, at + mark.length)) {
    const delimiter = readDelimiter(bytes, at, at + mark.length);
    if (delimiter) return delimiter;
  }
  return null;
}

/** What follows the boundary: `--`, padding, then the end of the line or of the body, where `bytes` is all of it. */
export function readDelimiter(bytes: Buffer, start: number, after: number, isAll = true): Delimiter | null {
  const rest = /^(--)?[ \t]*(\r\n|$)/.exec(bytes.toString('latin1', after, after + 128));
  if (!rest || (rest[2] === '' && (!isAll || after + rest[0].length < bytes.length))) return null;
  return { start, end: after + rest[0].length, last: rest[1] !== undefined };
}

function readPart(content: Buffer, number: number): Part {
  const bare = content[0] === 0x0d && content[1] === 0x0a;
  const end = bare ? 0 : content.indexOf(END_OF_HEADERS);
  if (end < 0) throw mimeMalformed('The headers do not end.', `part ${number}`, 'headers, an empty line, the content');
  if (end > MAX_HEADER_BYTES) throw tooComplex(`header bytes in part ${number}`, MAX_HEADER_BYTES);
  const headers = readHeaders(content.toString('latin1', 0, end), number);
  const bytes = content.subarray(end + (bare ? 2 : END_OF_HEADERS.length));
  return {
    contentType: headers.get('content-type') ?? null,
    contentId: nameOf(headers, number),
    bytes: decodeTransfer(bytes, headers.get('content-transfer-encoding'), number),
  };
}

export function readHeaders(block: string, number: number): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const lines = block.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  if (lines.length > MAX_HEADERS) throw tooComplex(`headers in part ${number}`, MAX_HEADERS);
  for (const line of lines) {
    if (line === '') continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw mimeMalformed('A line is no header.', `part ${number}`, 'Name: value');
    if (headers.has(name.toLowerCase()))
      throw mimeMalformed(`${name} is given twice.`, `part ${number}`, 'each header once');
    headers.set(name.toLowerCase(), value.trim());
  }
  return headers;
}

/** The Content-ID; of a form the name of the field. */
export function nameOf(headers: ReadonlyMap<string, string>, number: number): string | null {
  const field = /^form-data\s*;(?:.*;)?\s*name="([^"]{1,255})"/i.exec(headers.get('content-disposition') ?? '')?.[1];
  return readContentId(headers.get('content-id'), number) ?? field ?? null;
}

function readContentId(value: string | undefined, number: number): string | null {
  if (value === undefined) return null;
  const id = /^<?([\x21-\x3b\x3d\x3f-\x7e]{1,255})>?$/.exec(value)?.[1];
  if (id === undefined) throw mimeMalformed('The Content-ID is not valid.', `part ${number}`, '<id@domain>');
  return id;
}

export function mimeMalformed(detail: string, place: string, expected: string): Fault {
  return new Fault('mime-malformed', { detail, place, expected });
}

export const tooComplex = (what: string, limit: number) =>
  new Fault('too-complex', { detail: `Too many ${what}.`, place: 'body', expected: `at most ${limit}` });
