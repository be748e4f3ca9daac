import { resealDocument } from '../secrets/sealed-documents.js';
import type { KeyRotation, RotatedKeys } from '../secrets/rotation.js';
import type { Seal } from '../secrets/seal.js';
import { resealText } from '../secrets/sealed-text.js';
import { secondFactorContext } from './accounts.js';
import { contextOf } from './data-keys.js';
import { searchKeyContext } from './search-key.js';
import { idTokenContext } from './sessions.js';
import { signingKeyContext } from './signing-keys.js';
import type { Sql } from './sql.js';

const OLD_KEYS = `SELECT id, wrapped FROM data_key WHERE NOT starts_with(wrapped, $1) ORDER BY id LIMIT $2`;
const REWRAP = `UPDATE data_key SET wrapped = $3 WHERE id = $1 AND wrapped = $2`;
const KEYS_LEFT = `SELECT count(*)::int AS left FROM data_key WHERE NOT starts_with(wrapped, $1)`;

const DOCUMENTS = `SELECT id AS at, document FROM registry_document
  WHERE kind = 'system' AND document IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`;
const WRITE_DOCUMENT = `UPDATE registry_document SET document = $2::jsonb
  WHERE kind = 'system' AND id = $1 AND document = $3::jsonb`;
const CHANGES = `SELECT seq::text AS at, before, after FROM registry_change
  WHERE kind = 'system' AND seq > $1::bigint ORDER BY seq LIMIT $2`;
const WRITE_CHANGE = `UPDATE registry_change SET before = $2::jsonb, after = $3::jsonb WHERE seq = $1::bigint`;

/** Secrets that stand in a column of their own; few. */
const SECRETS = [
  {
    read: `SELECT kid AS whose, private_jwk AS stored FROM signing_key`,
    write: `UPDATE signing_key SET private_jwk = $3 WHERE kid = $1 AND private_jwk = $2`,
    contextOf: signingKeyContext,
  },
  {
    read: `SELECT id::text AS whose, wrapped AS stored FROM search_key`,
    write: `UPDATE search_key SET wrapped = $3 WHERE id = $1::int AND wrapped = $2`,
    contextOf: searchKeyContext,
  },
  ...['totp', 'totp_pending'].map((column) => ({
    read: `SELECT operator AS whose, ${column} AS stored FROM operator_account WHERE ${column} IS NOT NULL`,
    write: `UPDATE operator_account SET ${column} = $3 WHERE operator = $1 AND ${column} = $2`,
    contextOf: secondFactorContext,
  })),
  {
    read: `SELECT hash AS whose, id_token AS stored FROM operator_session WHERE id_token IS NOT NULL`,
    write: `UPDATE operator_session SET id_token = $3 WHERE hash = $1 AND id_token = $2`,
    contextOf: idTokenContext,
  },
];

interface Document {
  readonly kind: string;
  readonly id: string;
}

interface DocumentRow extends Record<string, unknown> {
  readonly at: string;
  readonly document: Document;
}

type Side = { readonly document: Document } | null;

interface ChangeRow extends Record<string, unknown> {
  readonly at: string;
  readonly before: Side;
  readonly after: Side;
}

/** Each step is a compare-and-set of its own: it may be broken off, run twice, and beside a node that writes. */
export class StoredKeyRotation implements KeyRotation {
  constructor(
    private readonly sql: Sql,
    private readonly seal: Seal | null,
  ) {}

  async rotate(limit: number): Promise<RotatedKeys | null> {
    const { seal } = this;
    if (!seal) return null;
    const keys = await this.dataKeys(seal, limit);
    if (keys === limit) {
      const [row] = await this.sql.query<{ left: number }>(KEYS_LEFT, [seal.prefix]);
      if (row && row.left > 0) return { done: keys, left: row.left };
    }
    const secrets = await this.secrets(seal);
    return { done: keys + secrets + (await this.documents(seal, limit)) + (await this.history(seal, limit)), left: 0 };
  }

  private async secrets(seal: Seal): Promise<number> {
    let done = 0;
    for (const { read, write, contextOf } of SECRETS)
      for (const { whose, stored } of await this.sql.query<{ whose: string; stored: string }>(read)) {
        const anew = resealText(stored, contextOf(whose), seal);
        if (anew === stored) continue;
        await this.sql.query(write, [whose, stored, anew]);
        done++;
      }
    return done;
  }

  private async dataKeys(seal: Seal, limit: number): Promise<number> {
    const old = await this.sql.query<{ id: string; wrapped: string }>(OLD_KEYS, [seal.prefix, limit]);
    for (const { id, wrapped } of old)
      await this.sql.query(REWRAP, [id, wrapped, seal.seal(seal.open(wrapped, contextOf(id)), contextOf(id))]);
    return old.length;
  }

  private documents(seal: Seal, limit: number): Promise<number> {
    return this.each<DocumentRow>(DOCUMENTS, '', limit, async ({ at, document }) => {
      const anew = resealDocument(document, seal);
      if (anew === document) return 0;
      await this.sql.query(WRITE_DOCUMENT, [at, JSON.stringify(anew), JSON.stringify(document)]);
      return 1;
    });
  }

  private history(seal: Seal, limit: number): Promise<number> {
    const reseal = (side: Side) => side && { ...side, document: resealDocument(side.document, seal) };
    return this.each<ChangeRow>(CHANGES, '0', limit, async ({ at, before, after }) => {
      const [was, is] = [reseal(before), reseal(after)];
      if (was?.document === before?.document && is?.document === after?.document) return 0;
      await this.sql.query(WRITE_CHANGE, [at, was && JSON.stringify(was), is && JSON.stringify(is)]);
      return 1;
    });
  }

  private async each<T extends DocumentRow | ChangeRow>(
    text: string,
    from: string,
    limit: number,
    work: (row: T) => Promise<number>,
  ): Promise<number> {
    for (let [at, done] = [from, 0]; ;) {
      const rows = await this.sql.query<T>(text, [at, limit]);
      for (const row of rows) done += await work(row);
      if (rows.length < limit) return done;
      at = rows.at(-1)!.at;
    }
  }
}
