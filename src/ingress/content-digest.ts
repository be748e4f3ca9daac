import type { Hash } from 'node:crypto';
import { Fault } from '../message/fault.js';

const FIELDS = ['content-digest', 'repr-digest'] as const;
/** A member of a Dictionary whose value is a Byte Sequence (RFC 8941 §3.2, §3.3.5). */
const MEMBER = /(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/]+={0,2}):\s*(?=,|$)/g;

/**
 * Holds what the sender said of its content against it (RFC 9530); algorithms that are not known are passed over. `hashOf` is
 * called once for each algorithm that is named. Throws digest-mismatch.
 */
export function requireDigests(headers: Readonly<Record<string, string>>, hashOf: (algorithm: string) => Hash): void {
  const found = new Map<string, string>();
  for (const field of FIELDS) {
    for (const [, name = '', said] of headers[field]?.matchAll(MEMBER) ?? []) {
      const digest = found.get(name) ?? hashOf(name.replace('-', '')).digest('base64');
      found.set(name, digest);
      if (digest !== said) throw mismatch(field, `${name}=:${digest}:`);
    }
  }
}

const mismatch = (place: string, expected: string) =>
  new Fault('digest-mismatch', { detail: 'The content is not the one that was digested.', place, expected });
