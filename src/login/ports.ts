import type { OperatorRole } from '../registry/model.js';

/** How an operator proved who it is. */
export type LogInMethod = 'password' | 'oidc';

/** A browser at which an operator is logged in, as it is kept: never with the id that the browser holds. */
export interface Session {
  /** SHA-256 of the session's id, base64url. */
  readonly hash: string;
  readonly operator: string;
  readonly method: LogInMethod;
  /** As they were at log-in: a session does not outlive a change of them. */
  readonly role: OperatorRole;
  readonly scope: string | null;
  /** True where nothing may be done before the password is changed. */
  readonly mustChange: boolean;
  readonly address: string;
  /** The ID token of the issuer, to log out there too; kept encrypted, and only where there is a master key. */
  readonly idToken: string | null;
  readonly createdAt: Date;
  /** A minute old at most while the session is used. */
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

/** What is told of a session to who looks after its operator. */
export type OpenSession = Pick<Session, 'operator' | 'method' | 'role' | 'scope' | 'address' | 'createdAt' | 'seenAt'>;

/** Sessions of all nodes. Throws Fault store-unavailable. */
export interface SessionStore {
  /** Of more than `most` sessions of the operator the oldest go. */
  add(session: Session, most: number): Promise<void>;
  find(hash: string): Promise<Session | null>;
  /** Those of which something was seen after that time, and that are not over at `now`; the newest first. */
  open(seenAfter: Date, now: Date): Promise<readonly OpenSession[]>;
  seen(hash: string, at: Date): Promise<void>;
  remove(hash: string): Promise<void>;
  /** Returns their hashes. */
  removeAll(operator: string): Promise<readonly string[]>;
}

/** What a local account of an operator knows. */
export interface Account {
  readonly operator: string;
  /** scrypt, see registry/secret.ts. */
  readonly hash: string;
  readonly mustChange: boolean;
  /** TOTP secret in base32; null: no second factor. */
  readonly totp: string | null;
  /** The secret that waits for its first code. */
  readonly totpPending: string | null;
  /** SHA-256 of the recovery codes that are left, hex. */
  readonly recovery: readonly string[];
  /** SHA-256 of the ids of browsers that have logged in, hex, the newest first. */
  readonly devices: readonly string[];
  readonly changedAt: Date;
  readonly loggedInAt: Date | null;
}

/** What is told of an account to who looks after its operator: nothing that it keeps secret. */
export interface AccountState extends Pick<Account, 'operator' | 'mustChange' | 'changedAt' | 'loggedInAt'> {
  readonly secondFactor: boolean;
  /** How many are left. */
  readonly recoveryCodes: number;
}

/** Local accounts. Throws Fault store-unavailable. */
export interface AccountStore {
  find(operator: string): Promise<Account | null>;
  states(): Promise<readonly AccountState[]>;
  /** Makes the very first account; false where there is any. Its password must be changed. */
  first(operator: string, hash: string): Promise<boolean>;
  /** Makes the account, or makes it anew: without second factor, and with a password that must be changed. */
  reset(operator: string, hash: string): Promise<void>;
  /** With the filters that its operator has saved. Returns whether there was one. */
  remove(operator: string): Promise<boolean>;
  setPassword(operator: string, hash: string): Promise<void>;
  setPending(operator: string, secret: string): Promise<void>;
  /** The pending secret becomes the second factor. */
  enrol(operator: string, step: number, recovery: readonly string[]): Promise<void>;
  dropSecondFactor(operator: string): Promise<void>;
  /** True once for each time step, and for none before one that was used. */
  useStep(operator: string, step: number): Promise<boolean>;
  /** True once for each recovery code. */
  useRecovery(operator: string, hash: string): Promise<boolean>;
  loggedIn(operator: string, device: string): Promise<void>;
}

/** What an operator looks for again and again. */
export interface SavedFilter {
  readonly name: string;
  /** As it stands in the address of the page. */
  readonly filter: string;
}

export interface PageFilters {
  readonly page: string;
  readonly filters: readonly SavedFilter[];
}

/** Filters that operators have saved, by page of the console. Throws Fault store-unavailable. */
export interface FilterStore {
  list(operator: string): Promise<readonly PageFilters[]>;
  /** In place of what was kept of the page; false where it would be a page more than `most`. */
  keep(operator: string, page: string, filters: readonly SavedFilter[], most: number): Promise<boolean>;
  forget(operator: string, page: string): Promise<void>;
}
