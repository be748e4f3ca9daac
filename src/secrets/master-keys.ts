import { createHash } from 'node:crypto';

/** What everything else is sealed with. */
export interface MasterKey {
  /** Names it in what it has sealed. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const KEY = /^(?:([A-Za-z0-9_-]{1,32}):)?([A-Za-z0-9+/]{43}=)$/;

/**
 * Keys as they are configured: `base64` or `id:base64` of 32 bytes, several separated by blanks, lines or commas; the first one
 * seals. Without an id a key is named by its own digest. Throws an Error that quotes nothing of what was given.
 */
export function readMasterKeys(text: string): readonly MasterKey[] {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readKey);
  if (keys.length === 0) throw new Error('holds no key');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('has two keys of one id');
  return keys;
}

function readKey(text: string, at: number): MasterKey {
  const [, id, encoded] = KEY.exec(text) ?? [];
  if (encoded === undefined) throw new Error(`key ${at + 1} is not 32 bytes in base64, with or without id: before it`);
  const key = Buffer.from(encoded, 'base64');
  return { id: id ?? createHash('sha256').update(key).digest('hex').slice(0, 8), key };
}
