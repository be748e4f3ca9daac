import type { OpenSession, Session, SessionStore } from '../login/ports.js';
import { isSealed, type Seal } from '../secrets/seal.js';
import { openText } from '../secrets/sealed-text.js';
import type { Sql } from './sql.js';

export const idTokenContext = (hash: string): string => `ID token of session ${hash}`;

/** $12 how many of the operator stay. */
const ADD = `
WITH old AS (
  DELETE FROM operator_session WHERE hash IN (
    SELECT hash FROM operator_session WHERE operator = $2 ORDER BY created_at DESC OFFSET $12::int - 1)
)
INSERT INTO operator_session (hash, operator, method, role, scope, must_change, address, id_token, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;

const FIND = `
SELECT hash, operator, method, role, scope, must_change AS "mustChange", address, id_token AS "idToken",
  created_at AS "createdAt", seen_at AS "seenAt", expires_at AS "expiresAt" FROM operator_session WHERE hash = $1`;

const OPEN = `
SELECT operator, method, role, scope, address, created_at AS "createdAt", seen_at AS "seenAt" FROM operator_session
WHERE seen_at > $1 AND expires_at > $2 ORDER BY created_at DESC`;

export class StoredSessions implements SessionStore {
  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  async add(session: Session, most: number): Promise<void> {
    const { hash, operator, method, role, scope, mustChange, address, idToken, createdAt, seenAt, expiresAt } = session;
    const who = [hash, operator, method, role, scope, mustChange, address, this.sealed(hash, idToken)];
    await this.sql.query(ADD, [...who, createdAt, seenAt, expiresAt, most]);
  }

  async find(hash: string): Promise<Session | null> {
    const [row] = await this.sql.query<Session>(FIND, [hash]);
    return row ? { ...row, idToken: this.opened(hash, row.idToken) } : null;
  }

  open(seenAfter: Date, now: Date): Promise<readonly OpenSession[]> {
    return this.sql.query<OpenSession>(OPEN, [seenAfter, now]);
  }

  async seen(hash: string, at: Date): Promise<void> {
    await this.sql.query(`UPDATE operator_session SET seen_at = greatest(seen_at, $2) WHERE hash = $1`, [hash, at]);
  }

  async remove(hash: string): Promise<void> {
    await this.sql.query(`DELETE FROM operator_session WHERE hash = $1`, [hash]);
  }

  async removeAll(operator: string): Promise<readonly string[]> {
    const text = `DELETE FROM operator_session WHERE operator = $1 RETURNING hash`;
    return (await this.sql.query<{ hash: string }>(text, [operator])).map(({ hash }) => hash);
  }

  private sealed(hash: string, idToken: string | null): string | null {
    return idToken !== null && this.seal ? this.seal.seal(idToken, idTokenContext(hash)) : null;
  }

  /** Null where this node has not the key: the issuer asks the operator then whether to log out. */
  private opened(hash: string, stored: string | null): string | null {
    if (stored === null || !isSealed(stored) || !this.seal) return null;
    try {
      return openText(stored, idTokenContext(hash), this.seal);
    } catch {
      return null;
    }
  }
}
