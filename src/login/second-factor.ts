import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator knows: SHA-1, six digits, 30 seconds. */
const STEP_S = 30;
const ISSUER = 'Crocevia';
/** Steps by which a clock may differ, either way. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

const totpOf = (label: string, secret: string) =>
  new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: STEP_S, secret: Secret.fromBase32(secret) });

/** 160 bits in base32. */
export const newSecret = (): string => new Secret({ size: 20 }).base32;

/** What an authenticator reads from a QR code: `otpauth://totp/...`. */
export const enrolmentUri = (operator: string, secret: string): string => totpOf(operator, secret).toString();

/** The time step of which this is the code; null where it is none of now. */
export function stepOf(code: string, secret: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf('', secret).validate({ token: code, window: WINDOW, timestamp: now });
  return delta === null ? null : Math.floor(now / 1000 / STEP_S) + delta;
}

/** Codes that serve once each in place of the second factor: 120 bits, so that their plain digest says nothing. */
export const newRecoveryCodes = (): readonly string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode);

const newRecoveryCode = () =>
  new Secret({ buffer: Uint8Array.from(randomBytes(15)).buffer }).base32.toLowerCase().match(/.{6}/g)!.join('-');

/** SHA-256, hex, of a recovery code however it was typed; null for what is none. */
export function recoveryDigest(code: string): string | null {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '');
  return /^[a-z2-7]{24}$/.test(plain) ? createHash('sha256').update(plain).digest('hex') : null;
}
