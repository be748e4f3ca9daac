import { misfit } from './misfit.js';
import type { Scalar, SimpleType, WhiteSpace } from './shape.js';

/** Text of an element or attribute as a JSON value. Throws mediation-failed. */
export function scalarToJson(text: string, { scalar, whiteSpace }: SimpleType, place: string): JsonScalar {
  return READ[scalar](normalize(text, whiteSpace), place);
}

/** A JSON value as XML text. Throws mediation-failed where its type is not the one that the schema gives. */
export function scalarToXml(value: unknown, { scalar }: SimpleType, place: string): string {
  return WRITE[scalar](value, place);
}

export type JsonScalar = string | number | boolean;

/** XSD 1.0 Part 2 §4.3.6. */
function normalize(text: string, whiteSpace: WhiteSpace): string {
  if (whiteSpace === 'preserve') return text;
  const replaced = text.replace(/[\t\n\r]/g, ' ');
  return whiteSpace === 'replace' ? replaced : replaced.replace(/ +/g, ' ').replace(/^ | $/g, '');
}

const READ: Readonly<Record<Scalar, (value: string, place: string) => JsonScalar>> = {
  string: (value) => value,
  dateTime: (value) => value,
  base64: (value) => value.replaceAll(' ', ''),
  integer: numberOf,
  year: numberOf,
  boolean: (value, place) => {
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
    throw misfit('This is no boolean.', place, { expected: 'true, false, 1 or 0' });
  },
};

/** A year with a time zone is none: JSON would lose the zone. */
function numberOf(value: string, place: string): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw misfit('This is no integer that JSON carries exactly.', place, { expected: 'an integer of at most 15 digits' });
}

const WRITE: Readonly<Record<Scalar, (value: unknown, place: string) => string>> = {
  string: requireString,
  // RFC 3339 §5.6 lets T and Z be lower case and T a space; xs:dateTime does not.
  dateTime: (value, place) =>
    requireString(value, place)
      .replace(/^(\S{10})[t ]/, '$1T')
      .replace(/z$/, 'Z'),
  base64: (value, place) => {
    const text = requireString(value, place).replace(/[ \t\r\n]/g, '');
    if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
    throw misfit('This is no base64.', place, { expected: 'base64 (RFC 4648 §4) with its padding' });
  },
  integer: (value, place) => String(requireInteger(value, place)),
  year: (value, place) => {
    const year = requireInteger(value, place);
    return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`;
  },
  boolean: (value, place) => {
    if (typeof value === 'boolean') return String(value);
    throw misfit('This is no boolean.', place, { expected: 'boolean' });
  },
};

function requireString(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw misfit('This is no string.', place, { expected: 'string' });
}

function requireInteger(value: unknown, place: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw misfit('This is no integer.', place, { expected: 'integer' });
}
