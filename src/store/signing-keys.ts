import type { SigningKeyStore, StoredKey, UsedAssertions } from '../oauth/ports.js';
import type { Seal } from '../secrets/seal.js';
import { openText, sealText } from '../secrets/sealed-text.js';
import type { Sql } from './sql.js';

export const signingKeyContext = (kid: string): string => `signing key ${kid}`;

const ALL = `SELECT kid, created_at AS "createdAt", private_jwk AS "privateJwk" FROM signing_key ORDER BY created_at, kid`;
const ADD = `
INSERT INTO signing_key (kid, created_at, private_jwk)
SELECT $1::text, $2::timestamptz, $3::text WHERE NOT EXISTS (SELECT FROM signing_key WHERE created_at > $4::timestamptz)`;
const REMOVE = `DELETE FROM signing_key WHERE kid = ANY ($1::text[])`;

export class StoredSigningKeys implements SigningKeyStore {
  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  async all(): Promise<readonly StoredKey[]> {
    const rows = await this.sql.query<StoredKey>(ALL, []);
    return rows.map(({ kid, createdAt, privateJwk }) => ({
      kid,
      createdAt: new Date(createdAt),
      privateJwk: openText(privateJwk, signingKeyContext(kid), this.seal),
    }));
  }

  async add({ kid, createdAt, privateJwk }: StoredKey, since: Date): Promise<void> {
    await this.sql.query(ADD, [kid, createdAt, sealText(privateJwk, signingKeyContext(kid), this.seal), since]);
  }

  async remove(kids: readonly string[]): Promise<void> {
    await this.sql.query(REMOVE, [kids]);
  }
}

/** What is over goes with the next one. */
const USE = `
WITH over AS (DELETE FROM used_assertion WHERE until < now() - interval '1 minute')
INSERT INTO used_assertion (client_id, jti, until) VALUES ($1, $2, $3) ON CONFLICT (client_id, jti) DO NOTHING RETURNING jti`;

export class StoredAssertions implements UsedAssertions {
  constructor(private readonly sql: Sql) {}

  async use(clientId: string, jti: string, until: Date): Promise<boolean> {
    return (await this.sql.query(USE, [clientId, jti, until])).length === 1;
  }
}
