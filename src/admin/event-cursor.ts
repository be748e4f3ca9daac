import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { wrong } from './query-values.js';

const CURSOR = /^[A-Za-z0-9_-]{22}$/;
const BLOCK_BYTES = 16;

/**
 * Positions in the journal as one operator is given them. Their numbers are the journal's own, which count what everybody sends: each is
 * one block of AES-256 under a key of the operator, so that neither two of them nor somebody else's tell anything.
 */
export interface EventCursors {
  write(seq: number): string;
  /** `0` is before everything. Throws parameter-wrong, at the parameter named, for what this operator was not given. */
  read(text: string, name?: string): number;
}

/** `key`: 32 bytes, the same on every node. */
export function eventCursors(key: Buffer, operator: string): EventCursors {
  const own = createHmac('sha256', key).update(operator).digest();
  return {
    write: (seq) => {
      const block = Buffer.alloc(BLOCK_BYTES);
      block.writeBigUInt64BE(BigInt(seq), BLOCK_BYTES / 2);
      const cipher = createCipheriv('aes-256-ecb', own, null).setAutoPadding(false);
      return Buffer.concat([cipher.update(block), cipher.final()]).toString('base64url');
    },
    read: (text, name = 'after') => {
      if (text === '0') return 0;
      if (!CURSOR.test(text)) throw wrong(name, EXPECTED);
      const cipher = createDecipheriv('aes-256-ecb', own, null).setAutoPadding(false);
      const block = Buffer.concat([cipher.update(Buffer.from(text, 'base64url')), cipher.final()]);
      if (block.readBigUInt64BE(0) !== 0n) throw wrong(name, EXPECTED);
      return Number(block.readBigUInt64BE(BLOCK_BYTES / 2));
    },
  };
}

const EXPECTED = 'one that this operator was given, or 0';
