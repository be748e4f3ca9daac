import { createHmac, randomBytes } from 'node:crypto';
import type { BusinessKey } from '../message/business-key.js';
import type { Seal } from '../secrets/seal.js';
import { openText, sealText } from '../secrets/sealed-text.js';
import type { Sql } from './sql.js';

export const searchKeyContext = (): string => 'search key';

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
    const key = (this.known ??= this.read());
    key.catch(() => (this.known = null));
    return createHmac('sha256', await key)
      .update(value)
      .digest('base64url');
  }

  /** As they are stored. */
  async stored(keys: readonly BusinessKey[], isHashed: boolean) {
    const one = async ({ name, value }: BusinessKey) => ({
      name,
      lookup: isHashed ? await this.hash(value) : value,
      hashed: isHashed,
    });
    return Promise.all(keys.map(one));
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
