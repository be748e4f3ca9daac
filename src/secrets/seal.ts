import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Fault } from '../message/fault.js';
import type { MasterKey } from './master-keys.js';

/** Keeps small secrets (keys, tokens, header values) in a form that can be stored. */
export interface Seal {
  /** AES-256-GCM under the first master key; `context` says what it is for, and must be the same when it is opened. */
  seal(plain: Buffer | string, context: string): string;
  /** Throws Fault internal where it was sealed otherwise or changed, and names the key where this node does not have it. */
  open(sealed: string, context: string): Buffer;
  /** True where it was sealed with the first key. */
  isCurrent(sealed: string): boolean;
  /** The form of everything that the first key has sealed: what does not begin so is to be sealed anew. */
  readonly prefix: string;
}

const FORM = /^sealed\$1\$([A-Za-z0-9_-]{1,32})\$([A-Za-z0-9_-]{38,})$/;
/** Bytes of GCM: the nonce (SP 800-38D §8.2.2) and the tag. */
const [NONCE, TAG] = [12, 16];

export const isSealed = (text: string): boolean => FORM.test(text);

/** `keys`: at least one. */
export function createSeal(keys: readonly MasterKey[]): Seal {
  const [first] = keys as readonly [MasterKey];
  const byId = new Map(keys.map((one) => [one.id, one.key]));
  const prefix = `sealed$1$${first.id}$`;
  return {
    prefix,
    isCurrent: (sealed) => sealed.startsWith(prefix),
    seal: (plain, context) =>
      prefix + sealBytes(first.key, Buffer.from(plain), `${first.id}\n${context}`).toString('base64url'),
    open: (sealed, context) => {
      const [, id = '', body = ''] = FORM.exec(sealed) ?? [];
      const key = byId.get(id);
      if (!key) throw unknownKey(id);
      return openBytes(key, Buffer.from(body, 'base64url'), `${id}\n${context}`);
    },
  };
}

/** Nonce, tag, ciphertext. A random nonce: at most 2^32 of them under one key. */
export function sealBytes(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Throws Fault internal. */
export function openBytes(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  } catch (cause) {
    throw new Fault('internal', { detail: 'What is stored encrypted cannot be opened.', cause });
  }
}

const unknownKey = (id: string) =>
  new Fault('internal', {
    detail: 'What is stored encrypted cannot be opened.',
    cause: new Error(
      `sealed with master key "${id}", which this node does not have: add it to CROCEVIA_MASTER_KEY_FILE`,
    ),
  });
