/** What a business key is to people. */
export type KeyKind = 'fiscal-code' | 'protocol-number' | 'dossier-id' | 'other';

/** Where a business key stands in a payload. */
export interface KeyPath {
  readonly name: string;
  /** XPath 1.0 to nodes of the payload, which is the whole document of it; null: XML has none. */
  readonly xpath: string | null;
  /** Prefixes of the XPath. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** RFC 9535; null: JSON has none. */
  readonly jsonPath: string | null;
}

/** A value by which people know a message, normalised. */
export interface BusinessKey {
  readonly name: string;
  readonly value: string;
}

/** How the keys of a message are kept; the strictest first. */
export const KEY_KEEPING = ['none', 'hashed', 'clear'] as const;

export type KeyKeeping = (typeof KEY_KEEPING)[number];

/** The keys of a message, and how they are to be kept. */
export interface KeptKeys {
  readonly businessKeys?: readonly BusinessKey[];
  /** `clear` where it is left out; hashed at least where `sealFor` names somebody, for what is kept encrypted would lie open in its keys. */
  readonly keepKeys?: KeyKeeping;
  readonly sealFor?: string | null;
}

/** Of one message. */
const MOST_KEYS = 20;
/** Nodes or values that one path may find. */
export const MOST_OF_PATH = 10;
/** Characters of a normalised value: what is longer is no key. */
const LONGEST = 128;

/** The same for every way of writing it: no blanks, capital letters, composed accents. */
export const normalKey = (text: string): string => text.normalize('NFC').replace(/\s+/gu, '').toUpperCase();

/** What was found at the paths as keys, each once; what is empty or too long is left out, and what is too many. */
export function keysOf(found: Iterable<BusinessKey>): readonly BusinessKey[] {
  const keys = new Map<string, BusinessKey>();
  for (const { name, value: text } of found) {
    const value = text.length > LONGEST * 4 ? '' : normalKey(text);
    if (value !== '' && value.length <= LONGEST) keys.set(`${name}\n${value}`, { name, value });
    if (keys.size === MOST_KEYS) break;
  }
  return [...keys.values()];
}
