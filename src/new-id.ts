import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
/** Drawn for many ids at once: asking the kernel costs more than all the rest of an id. */
const drawn = Buffer.alloc(512 * ID_BYTES);
let used = drawn.length;
let [msecs, seq] = [0, 0];

function random(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  return drawn.subarray(used, (used += ID_BYTES));
}

/** A new UUIDv7 (RFC 9562 §5.7). Within a process each is greater than the one before (§6.2, method 1). */
export function newId(): string {
  const bytes = random();
  const now = Date.now();
  if (now > msecs) [msecs, seq] = [now, bytes.readUInt32BE() >>> 1];
  else seq += 1;
  return v7({ random: bytes, msecs, seq });
}

/** When an id of ours was made, milliseconds since the epoch; of other ids any number, or NaN (RFC 9562 §5.7: 48 bits of Unix time). */
export const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);
