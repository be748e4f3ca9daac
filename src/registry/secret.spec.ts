import { hashSecret, verifySecret } from './secret.js';

describe('secrets at rest', () => {
  it('5: keeps a salted scrypt hash that only the right secret fits', async () => {
    const hash = hashSecret('parola');
    expect(hash).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(hashSecret('parola')).not.toBe(hash);
    expect(await verifySecret('parola', hash)).toBe(true);
    expect(await verifySecret('Parola', hash)).toBe(false);
  });

  it('5: takes nothing for a hash of another form', async () => {
    expect(await verifySecret('parola', 'parola')).toBe(false);
    expect(await verifySecret('', 'scrypt$16384$8$1$$')).toBe(false);
  });
});
