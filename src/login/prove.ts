import { createHash, randomBytes } from 'node:crypto';
import { Fault } from '../message/fault.js';
import { normalised } from './password.js';
import type { Account, AccountStore } from './ports.js';
import { recoveryDigest, stepOf } from './second-factor.js';
import { createLogInThrottle } from './throttle.js';

export interface LogIn {
  /** Id of an operator. */
  readonly name: string;
  readonly password: string;
  /** Six digits, or a recovery code; null where none was given. */
  readonly code: string | null;
  readonly address: string;
  /** Id of a browser that may have logged in before. */
  readonly device: string | null;
}

/**
 * The account whose password, and code where it asks for one, this is. Throws log-in-refused, the same for whatever is wrong and
 * after the same time; log-in-throttled, overloaded, store-unavailable.
 */
export type Prove = (logIn: LogIn) => Promise<Account>;

interface ProveParts {
  readonly store: Pick<AccountStore, 'find' | 'useStep' | 'useRecovery'>;
  readonly verifySecret: (secret: string, hash: string) => Promise<boolean>;
  readonly now: () => number;
}

/** Checked against when there is no such account, so that the time tells nothing. */
const NOBODY = `scrypt$16384$8$1$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`;
const MAX_AT_ONCE = 8;

/** SHA-256, hex, of the id that a browser keeps. */
export const browserDigest = (id: string): string => createHash('sha256').update(id).digest('hex');

export function createProve({ store, verifySecret, now }: ProveParts): Prove {
  const throttle = createLogInThrottle(now);
  let checking = 0;
  const isPassword = async (password: string, hash: string) => {
    if (checking >= MAX_AT_ONCE) throw tooMany();
    checking++;
    return verifySecret(normalised(password), hash).finally(() => checking--);
  };
  const isCode = async ({ operator, totp }: Account, code: string): Promise<boolean> => {
    const step = totp === null ? null : stepOf(code, totp, now());
    if (step !== null) return store.useStep(operator, step);
    const digest = recoveryDigest(code);
    return digest !== null && store.useRecovery(operator, digest);
  };
  return async ({ name, password, code, address, device }) => {
    const account = await store.find(name);
    const digest = device === null ? null : browserDigest(device);
    const attempt = { name, address, device: digest !== null && account?.devices.includes(digest) ? digest : null };
    throttle.enter(attempt);
    const fits = await isPassword(password, account?.hash ?? NOBODY);
    if (!fits || account === null) throw logInRefused();
    if (account.totp !== null && !(await isCode(account, code ?? ''))) throw logInRefused();
    throttle.succeeded(attempt);
    return account;
  };
}

export const logInRefused = () =>
  new Fault('log-in-refused', {
    detail: 'Name, password or code of the second factor is wrong.',
    expected:
      'the id of an operator, its password and, where a second factor is enrolled, a code that was not used before',
  });

const tooMany = () =>
  new Fault('overloaded', { detail: 'Too many passwords are being checked.', retryAfterSeconds: 1 });
