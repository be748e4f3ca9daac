import { wrong, type Attributes } from './attributes.js';

const placeOf = (name: string) => `ce-${name}`;

/** Context attributes in `ce-*` headers (HTTP binding §3.1.3). `get` throws event-malformed for a bad encoding. */
export function binaryAttributes(headers: Readonly<Record<string, string>>): Attributes {
  const get = (name: string) => {
    const value = headers[placeOf(name)];
    return value === undefined ? null : decodeValue(value.trim(), name);
  };
  return { get, placeOf };
}

/** HTTP binding §3.1.3.2: quotes and backslash escapes are undone first, then one round of percent-decoding. */
function decodeValue(value: string, name: string): string {
  const plain = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  try {
    return decodeURIComponent(plain);
  } catch {
    throw wrong({ placeOf }, name, 'The percent-encoding is not valid UTF-8.', 'UTF-8, percent-encoded');
  }
}

/** The other way: blank, double quote, percent and all that is not printable ASCII become UTF-8 percent codes. */
export function encodeValue(value: string): string {
  return value.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
