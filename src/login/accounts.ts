import { randomBytes } from 'node:crypto';
import { Fault } from '../message/fault.js';
import type { Operator } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { operatorOf } from './known-operator.js';
import { firstPassword, normalised, requireGoodPassword } from './password.js';
import type { Account, AccountStore } from './ports.js';
import { browserDigest, createProve, logInRefused, type LogIn } from './prove.js';
import { enrolmentUri, newRecoveryCodes, newSecret, recoveryDigest, stepOf } from './second-factor.js';

/** An operator that has shown what its account asks for. */
export interface LoggedIn {
  readonly operator: Operator;
  readonly mustChange: boolean;
  /** Id for this browser to keep. */
  readonly device: string;
}

export interface Enrolment {
  /** Base32, to be typed. */
  readonly secret: string;
  /** `otpauth://...`, to be shown as a QR code. */
  readonly uri: string;
}

/**
 * Local accounts. What asks for a password throws log-in-refused, the same for whatever is wrong and after the same time,
 * log-in-throttled, and overloaded; all throw store-unavailable.
 */
export interface Accounts {
  logIn(logIn: LogIn): Promise<LoggedIn>;
  /** Throws password-refused too. */
  changePassword(proof: LogIn, newPassword: string): Promise<void>;
  /** A second factor that is not in force before its first code was shown. */
  beginEnrolment(proof: LogIn): Promise<Enrolment>;
  /** Returns the recovery codes, which are not told again; null where the code is not the one of now. */
  enrol(operator: string, code: string): Promise<readonly string[] | null>;
  /** Throws password-refused where the password is too short to stand alone. */
  dropSecondFactor(proof: LogIn): Promise<void>;
  find(operator: string): Promise<Account | null>;
  /** A first password, not told again, for an operator of the registry; null: there is no such operator. */
  reset(operator: string): Promise<string | null>;
  /** Returns whether there was one. */
  remove(operator: string): Promise<boolean>;
  /** A first password where there is no account at all, else null. */
  first(operator: string): Promise<string | null>;
}

interface AccountParts {
  readonly store: AccountStore;
  readonly registry: () => Pick<Registry, 'operator'>;
  readonly hashSecret: (secret: string) => string;
  readonly verifySecret: (secret: string, hash: string) => Promise<boolean>;
  readonly now: () => number;
}

export function createAccounts({ store, registry, hashSecret, verifySecret, now }: AccountParts): Accounts {
  const prove = createProve({ store, verifySecret, now });
  const holderOf = ({ operator, totp }: Account) => ({
    operator,
    name: operatorOf(operator, registry())?.name ?? '',
    hasSecondFactor: totp !== null,
  });
  return {
    logIn: async (logIn) => {
      const account = await prove(logIn);
      const operator = operatorOf(account.operator, registry());
      if (!operator) throw logInRefused();
      const device = ownDevice(logIn.device, account) ?? randomBytes(32).toString('base64url');
      await store.loggedIn(account.operator, browserDigest(device));
      return { operator, mustChange: account.mustChange, device };
    },
    changePassword: async (proof, newPassword) => {
      const account = await prove(proof);
      requireGoodPassword(newPassword, holderOf(account));
      if (normalised(newPassword) === normalised(proof.password)) throw sameAgain();
      await store.setPassword(account.operator, hashSecret(normalised(newPassword)));
    },
    beginEnrolment: async (proof) => {
      const { operator } = await prove(proof);
      const secret = newSecret();
      await store.setPending(operator, secret);
      return { secret, uri: enrolmentUri(operator, secret) };
    },
    enrol: async (operator, code) => {
      const pending = (await store.find(operator))?.totpPending ?? null;
      const step = pending === null ? null : stepOf(code, pending, now());
      if (step === null) return null;
      const codes = newRecoveryCodes();
      await store.enrol(
        operator,
        step,
        codes.map((one) => recoveryDigest(one) as string),
      );
      return codes;
    },
    dropSecondFactor: async (proof) => {
      const account = await prove(proof);
      requireGoodPassword(proof.password, { ...holderOf(account), hasSecondFactor: false });
      await store.dropSecondFactor(account.operator);
    },
    find: (operator) => store.find(operator),
    reset: async (operator) => {
      if (!operatorOf(operator, registry())) return null;
      const password = firstPassword();
      await store.reset(operator, hashSecret(password));
      return password;
    },
    remove: (operator) => store.remove(operator),
    first: async (operator) => {
      if (await store.find(operator)) return null;
      const password = firstPassword();
      return (await store.first(operator, hashSecret(password))) ? password : null;
    },
  };
}

/** Of 256 bits: nothing that could be guessed. */
const isDevice = (id: string | null): id is string => id !== null && /^[A-Za-z0-9_-]{43}$/.test(id);

/** One that the account does not know may be somebody else's, planted in the browser. */
const ownDevice = (id: string | null, { devices }: Account): string | null =>
  isDevice(id) && devices.includes(browserDigest(id)) ? id : null;

const sameAgain = () =>
  new Fault('password-refused', { detail: 'It is the one that is to be changed.', place: 'newPassword' });
