import { Fault } from '../message/fault.js';
import { isSealed, type Seal } from './seal.js';

/** A password in an address. */
export const CREDENTIALS = /\/\/[^/@\s]*:[^@\s]*@/;
/** What the environment holds is not in the document. */
const ONLY_NAMED = /^env:[A-Za-z_][A-Za-z0-9_]*$/;

type Change = (value: string, isAddress: boolean) => string;

/** A document with its header values, and addresses that hold a password, changed; the same document where none are. */
export function withSecrets(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((one) => withSecrets(one, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, changed(name, inner, change)]));
}

function changed(name: string, inner: unknown, change: Change): unknown {
  if (name === 'url' && typeof inner === 'string')
    return isSealed(inner) || CREDENTIALS.test(inner) ? change(inner, true) : inner;
  if (name !== 'headers' || inner === null || typeof inner !== 'object') return withSecrets(inner, change);
  return Object.fromEntries(
    Object.entries(inner).map(([header, text]) => [
      header,
      typeof text === 'string' && !ONLY_NAMED.test(text) ? change(text, false) : text,
    ]),
  );
}

interface Named {
  readonly kind: string;
  readonly id: string;
}

const contextOf = ({ id }: Named) => `system ${id}`;

/** As it is stored: only systems hold secrets that must be read again. */
export function sealDocument<T extends Named>(document: T, seal: Seal | null): T {
  if (!seal || document.kind !== 'system') return document;
  return withSecrets(document, (text) => seal.seal(text, contextOf(document))) as T;
}

/** As it was written. Throws Fault internal where this node has not the key. */
export function openDocument<T extends Named>(document: T, seal: Seal | null): T {
  if (document.kind !== 'system') return document;
  return withSecrets(document, (text) => (isSealed(text) ? open(text, document, seal) : text)) as T;
}

/** Sealed with the first key; the very same where it was. */
export function resealDocument<T extends Named>(document: T, seal: Seal): T {
  let isCurrent = true;
  const anew = withSecrets(document, (text) => {
    if (seal.isCurrent(text)) return text;
    isCurrent = false;
    return seal.seal(isSealed(text) ? open(text, document, seal) : text, contextOf(document));
  }) as T;
  return document.kind !== 'system' || isCurrent ? document : anew;
}

function open(text: string, document: Named, seal: Seal | null): string {
  try {
    if (seal) return seal.open(text, contextOf(document)).toString('utf8');
  } catch {
    // told below, with whose it is
  }
  const detail = `System ${document.id} has values sealed with a master key that this node does not have; set CROCEVIA_MASTER_KEY_FILE.`;
  throw new Fault('internal', { detail });
}
