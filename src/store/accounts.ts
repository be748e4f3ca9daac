import type { Account, AccountState, AccountStore } from '../login/ports.js';
import type { Seal } from '../secrets/seal.js';
import { openText, sealText } from '../secrets/sealed-text.js';
import type { Sql } from './sql.js';

export const secondFactorContext = (operator: string): string => `second factor of ${operator}`;

const DEVICES = 10;

const FIND = `
SELECT operator, hash, must_change AS "mustChange", totp, totp_pending AS "totpPending", recovery, devices,
  changed_at AS "changedAt", logged_in_at AS "loggedInAt" FROM operator_account WHERE operator = $1`;

const STATES = `
SELECT operator, must_change AS "mustChange", totp IS NOT NULL AS "secondFactor", coalesce(array_length(recovery, 1), 0) AS "recoveryCodes",
  changed_at AS "changedAt", logged_in_at AS "loggedInAt" FROM operator_account ORDER BY operator`;

const MAKE = `
INSERT INTO operator_account (operator, hash, must_change, totp_step, recovery, devices, changed_at)
SELECT $1, $2, true, 0, '{}', '{}', now()`;

const FIRST = `${MAKE} WHERE NOT EXISTS (SELECT 1 FROM operator_account) ON CONFLICT DO NOTHING RETURNING operator`;

const RESET = `${MAKE} ON CONFLICT (operator) DO UPDATE SET hash = excluded.hash, must_change = true, totp = NULL,
  totp_pending = NULL, recovery = '{}', devices = '{}', changed_at = now()`;

const ENROL = `
UPDATE operator_account SET totp = totp_pending, totp_pending = NULL, totp_step = $2, recovery = $3
WHERE operator = $1 AND totp_pending IS NOT NULL`;

const LOGGED_IN = `
UPDATE operator_account SET logged_in_at = now(), devices = (array_prepend($2, array_remove(devices, $2)))[1:${DEVICES}]
WHERE operator = $1`;

const REMOVE = `
WITH gone AS (DELETE FROM operator_account WHERE operator = $1 RETURNING operator),
  filters AS (DELETE FROM operator_filter WHERE operator IN (SELECT operator FROM gone))
SELECT operator FROM gone`;

export class StoredAccounts implements AccountStore {
  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  async find(operator: string): Promise<Account | null> {
    const [row] = await this.sql.query<Account>(FIND, [operator]);
    const open = (stored: string | null) => stored && openText(stored, secondFactorContext(operator), this.seal);
    return row ? { ...row, totp: open(row.totp), totpPending: open(row.totpPending) } : null;
  }

  states(): Promise<readonly AccountState[]> {
    return this.sql.query<AccountState>(STATES, []);
  }

  first(operator: string, hash: string): Promise<boolean> {
    return this.changed(FIRST, operator, hash);
  }

  async reset(operator: string, hash: string): Promise<void> {
    await this.sql.query(RESET, [operator, hash]);
  }

  remove(operator: string): Promise<boolean> {
    return this.changed(REMOVE, operator);
  }

  async setPassword(operator: string, hash: string): Promise<void> {
    const text = `UPDATE operator_account SET hash = $2, must_change = false, changed_at = now() WHERE operator = $1`;
    await this.sql.query(text, [operator, hash]);
  }

  async setPending(operator: string, secret: string): Promise<void> {
    const sealed = sealText(secret, secondFactorContext(operator), this.seal);
    await this.sql.query(`UPDATE operator_account SET totp_pending = $2 WHERE operator = $1`, [operator, sealed]);
  }

  async enrol(operator: string, step: number, recovery: readonly string[]): Promise<void> {
    await this.sql.query(ENROL, [operator, step, recovery]);
  }

  async dropSecondFactor(operator: string): Promise<void> {
    const text = `UPDATE operator_account SET totp = NULL, totp_pending = NULL, recovery = '{}' WHERE operator = $1`;
    await this.sql.query(text, [operator]);
  }

  useStep(operator: string, step: number): Promise<boolean> {
    const text = `UPDATE operator_account SET totp_step = $2 WHERE operator = $1 AND totp_step < $2 RETURNING operator`;
    return this.changed(text, operator, step);
  }

  useRecovery(operator: string, hash: string): Promise<boolean> {
    const text = `UPDATE operator_account SET recovery = array_remove(recovery, $2)
      WHERE operator = $1 AND $2 = ANY (recovery) RETURNING operator`;
    return this.changed(text, operator, hash);
  }

  async loggedIn(operator: string, device: string): Promise<void> {
    await this.sql.query(LOGGED_IN, [operator, device]);
  }

  private async changed(text: string, ...values: readonly unknown[]): Promise<boolean> {
    return (await this.sql.query(text, values)).length === 1;
  }
}
