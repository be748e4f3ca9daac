import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';

const COST = { N: 16_384, r: 8, p: 1 };
const LENGTH = 32;
const FORM = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

/** A secret as it is kept: `scrypt$N$r$p$salt$hash`, salt and hash in base64url. About 40 ms. */
export function hashSecret(secret: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(secret, salt, LENGTH, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** True where the secret is the one that was hashed; compared in constant time. False for a hash of another form. */
export async function verifySecret(secret: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', expected = ''] = FORM.exec(hash) ?? [];
  if (N === undefined) return false;
  const wanted = Buffer.from(expected, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p), maxmem: 256 * 1024 * 1024 };
  const actual = await derive(secret, Buffer.from(salt, 'base64url'), wanted.length, cost);
  return timingSafeEqual(actual, wanted);
}

function derive(secret: string, salt: Buffer, length: number, cost: Parameters<typeof scrypt>[3]): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(secret, salt, length, cost, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
