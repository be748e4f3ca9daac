import { Secret, TOTP } from 'otpauth';
import { enrolmentUri, newRecoveryCodes, newSecret, recoveryDigest, stepOf } from './second-factor.js';

/** RFC 6238 appendix B: the secret of its SHA-1 vectors, and the last six digits of each. */
const SECRET = Secret.fromUTF8('12345678901234567890').base32;
const VECTORS = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
] as const;

describe('second factor', () => {
  it.each(VECTORS)('3: knows the code of RFC 6238 at %i s', (seconds, code) => {
    expect(stepOf(code, SECRET, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('3: lets a clock differ by one step either way, and says which step it was', () => {
    const now = 1_111_111_111_000;
    const at = (steps: number) =>
      new TOTP({ secret: Secret.fromBase32(SECRET) }).generate({ timestamp: now + steps * 30_000 });
    const step = Math.floor(now / 30_000);
    expect([-2, -1, 0, 1, 2].map((steps) => stepOf(at(steps), SECRET, now))).toEqual([
      null,
      step - 1,
      step,
      step + 1,
      null,
    ]);
  });

  it.each(['', '28708', '2870820', 'abcdef', '287 082', '２８７０８２'])('3: takes no %j', (code) => {
    expect(stepOf(code, SECRET, 59_000)).toBeNull();
  });

  it('3: makes secrets of 160 bits and the address that authenticators read', () => {
    const secret = newSecret();
    expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
    expect(enrolmentUri('anna', secret)).toMatch(/^otpauth:\/\/totp\/Crocevia:anna\?.*secret=[A-Z2-7]{32}/);
  });

  it('3: makes ten recovery codes, known again however they are typed', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes.map(recoveryDigest)).size).toBe(10);
    const [first] = codes as [string];
    expect(recoveryDigest(first.toUpperCase().replaceAll('-', ' '))).toBe(recoveryDigest(first));
    for (const wrong of ['', '287082', first.slice(1), `${first}a`, first.replace(/^./, '1')])
      expect(recoveryDigest(wrong)).toBeNull();
  });
});
