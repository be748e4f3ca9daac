import { createHmac, randomBytes } from 'node:crypto';
import type { KeptKeys } from '../message/business-key.js';
import type { Seal } from '../secrets/seal.js';
import { openText, sealText } from '../secrets/sealed-text.js';
import type { Sql } from './sql.js';

export const searchKeyContext = (): string => 'search key';

/** A row of business_key but for the message. */
export interface StoredKey {
  readonly name: string;
  readonly lookup: string;
  readonly hashed: boolean;
}

/** Rows as JSON. */
export const keyRows = (messageId: string, keys: readonly StoredKey[] = []): readonly object[] =>
  keys.map((key) => ({ message_id: messageId, ...key }));

const READ = `SELECT wrapped FROM search_key WHERE id = 1`;
const MAKE = `INSERT INTO search_key (id, wrapped) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`;

/** What business keys are hashed with: one key of the ledger, made where it is first needed, so that a value is found again whenever it came. */
export class SearchKey {
  private known: Promise<Buffer> | null = null;

  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  /** HMAC-SHA-256 of a normalised value, base64url. Throws Fault store-unavailable, internal where the key cannot be opened. */
  async hash(value: string): Promise<string> {
    return (await this.digest(value)).toString('base64url');
  }

  /** A key of 32 bytes for something else. Throws as `hash`. */
  derived(purpose: string): Promise<Buffer> {
    // No business key begins so: the database stores no NUL.
    return this.digest(`\0${purpose}`);
  }

  private async digest(text: string): Promise<Buffer> {
    const key = (this.known ??= this.read());
    key.catch(() => (this.known = null));
    return createHmac('sha256', await key)
      .update(text)
      .digest();
  }

  /** As they are stored; empty where none are to be. */
  async stored({ businessKeys = [], keepKeys = 'clear', sealFor }: KeptKeys): Promise<readonly StoredKey[]> {
    if (keepKeys === 'none' || businessKeys.length === 0) return [];
    const hashed = keepKeys === 'hashed' || Boolean(sealFor);
    const lookup = (value: string) => (hashed ? this.hash(value) : value);
    return Promise.all(businessKeys.map(async ({ name, value }) => ({ name, lookup: await lookup(value), hashed })));
  }

  private async read(): Promise<Buffer> {
    const found = await this.sql.query<{ wrapped: string }>(READ);
    if (!found[0]) {
      const made = randomBytes(32).toString('base64');
      await this.sql.query(MAKE, [sealText(made, searchKeyContext(), this.seal)]);
    }
    const [row] = found[0] ? found : await this.sql.query<{ wrapped: string }>(READ);
    return Buffer.from(openText(row?.wrapped ?? '', searchKeyContext(), this.seal), 'base64');
  }
}
