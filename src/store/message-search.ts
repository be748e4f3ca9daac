import type { DataSource } from 'typeorm';
import { normalKey } from '../message/business-key.js';
import { isUuid, timeOf } from '../new-id.js';
import type {
  FoundKey,
  FoundMessage,
  FoundMessages,
  MessageFilter,
  MessagePageOrder,
  MessageSearch,
  MessageStatus,
  RelatedMessage,
} from '../trace/ports.js';
import { DeliveryEntity } from './entities/delivery.js';
import { MessageEntity } from './entities/message.js';
import { storeFault } from './faults.js';
import { firstIdAt, LAST_ID } from './partitions.js';
import { NAMED, searchSql } from './search-sql.js';
import { relatedTo } from './related.js';
import type { SearchKey } from './search-key.js';
import type { Sql } from './sql.js';
import { statusOf } from './trace-reader.js';

const MINUTE_MS = 60_000;
/** Ids are made when a message comes, a little before or after `accepted_at`, on a node whose clock may be wrong. */
const SLACK_MS = 60 * MINUTE_MS;
const FIRST_WINDOW_MS = 60 * MINUTE_MS;
/** How much further back each look goes than the one before it. */
const WIDENING = 12;
/** The oldest record goes once a day. */
const OLDEST_MS = MINUTE_MS;
/** Messages that one text may name at once: the newest of a busy correlation id. */
const MOST_NAMED = 1_000;

const OLDEST = `SELECT id FROM message ORDER BY id LIMIT 1`;
const KEYS = `SELECT message_id AS id, name, CASE WHEN NOT hashed THEN lookup END AS value FROM business_key
  WHERE message_id = ANY($1::uuid[]) ORDER BY message_id, name, lookup`;

interface Place {
  readonly ids: readonly string[];
  readonly next: string | null;
}

const least = (one: string, other: string) => (one < other ? one : other);
const greatest = (one: string, other: string) => (one > other ? one : other);

/**
 * Looks back from the newest message in windows of time that widen while they find little: what is frequent is found in the first,
 * what is rare by an index of its own, and what is neither ends with the time that the search may take, and goes on from there.
 */
export class LedgerMessageSearch implements MessageSearch {
  private known: { readonly id: string; readonly at: number } | null = null;

  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
    private readonly key: Pick<SearchKey, 'hash'>,
  ) {}

  async find(filter: MessageFilter, page: MessagePageOrder): Promise<FoundMessages> {
    const before = page.before ?? LAST_ID;
    if (!isUuid(before)) return { items: [], next: null, searchedTo: null };
    const { ids, next } = await (filter.text === undefined
      ? this.lookBack(filter, before, page)
      : this.named(filter, filter.text, before, page.limit));
    const items = await this.read(ids);
    return { items, next, searchedTo: next === null ? null : new Date(timeOf(next)) };
  }

  related(message: MessageStatus, participants: readonly string[] | null): Promise<readonly RelatedMessage[]> {
    return relatedTo(message, participants, this.sql);
  }

  async keys(id: string): Promise<readonly FoundKey[]> {
    const rows = await this.sql.query<FoundKey>(KEYS, [[id]]);
    return rows.map(({ name, value }) => ({ name, value }));
  }

  private async lookBack(filter: MessageFilter, before: string, { limit, budgetMs }: MessagePageOrder): Promise<Place> {
    const started = performance.now();
    const bounds = await this.boundsOf(filter);
    if (bounds === null) return { ids: [], next: null };
    const ids: string[] = [];
    let to = least(before, bounds.to);
    for (let span = FIRST_WINDOW_MS; ;) {
      const began = performance.now();
      const from = greatest(bounds.from, firstIdAt(Math.max(0, Math.min(timeOf(to), Date.now()) - span)));
      ids.push(...(await this.idsIn(filter, from, to, limit - ids.length)));
      if (ids.length >= limit) return { ids, next: ids.at(-1) ?? null };
      if (from <= bounds.from) return { ids, next: null };
      to = from;
      const took = performance.now() - began;
      const left = budgetMs - (performance.now() - started);
      if (left < took / WIDENING) return { ids, next: to };
      span = Math.floor(span * Math.min(WIDENING, left / took));
    }
  }

  private async idsIn(filter: MessageFilter, from: string, to: string, limit: number): Promise<readonly string[]> {
    const { text, values } = searchSql(filter, { from, to, ids: null, limit });
    const rows = await this.sql.once<{ id: string }>(text, values);
    return rows.map(({ id }) => id);
  }

  /** Where there is anything at all; null: nowhere. */
  private async boundsOf({ from, to }: MessageFilter) {
    const oldest = await this.oldest();
    if (oldest === null) return null;
    const first = from === undefined ? oldest : firstIdAt(Math.max(0, from.getTime() - SLACK_MS));
    const last = to === undefined ? LAST_ID : firstIdAt(Math.max(0, to.getTime() + SLACK_MS));
    return { from: greatest(oldest, first), to: last };
  }

  /** An id before all others; null where there is none. */
  private async oldest(): Promise<string | null> {
    if (this.known && Date.now() - this.known.at < OLDEST_MS) return this.known.id;
    const [row] = await this.sql.query<{ id: string }>(OLDEST);
    if (!row) return null;
    const id = firstIdAt(Math.max(0, timeOf(row.id) - SLACK_MS));
    this.known = { id, at: Date.now() };
    return id;
  }

  private async named(filter: MessageFilter, text: string, before: string, limit: number): Promise<Place> {
    const value = normalKey(text);
    const id = isUuid(text) ? text : null;
    const forms = value === '' ? [] : [value, await this.key.hash(value)];
    const rows = await this.sql.query<{ id: string }>(NAMED, [
      text,
      forms,
      id,
      before,
      MOST_NAMED,
      filter.participants ?? null,
    ]);
    const [newest, oldest] = [rows[0], rows.at(-1)];
    if (!newest || !oldest) return { ids: [], next: null };
    const reach = { from: oldest.id, to: before, ids: rows.map((row) => row.id), limit };
    const { text: sql, values } = searchSql(filter, reach);
    const found = (await this.sql.once<{ id: string }>(sql, values)).map((row) => row.id);
    if (found.length === limit) return { ids: found, next: found.at(-1) ?? null };
    return { ids: found, next: rows.length === MOST_NAMED ? oldest.id : null };
  }

  private async read(ids: readonly string[]): Promise<FoundMessage[]> {
    if (ids.length === 0) return [];
    const messages = this.source
      .getRepository(MessageEntity)
      .createQueryBuilder('m')
      .where('m.id IN (:...ids)', { ids });
    const deliveries = this.source.getRepository(DeliveryEntity).createQueryBuilder('d');
    deliveries.where('d.messageId IN (:...ids)', { ids }).orderBy('d.id');
    const rows = await guard(messages.orderBy('m.id', 'DESC').getMany());
    const all = await guard(deliveries.getMany());
    const keys = await this.sql.once<FoundKey & { id: string }>(KEYS, [ids]);
    return rows.map((row) => ({
      ...statusOf(
        row,
        all.filter(({ messageId }) => messageId === row.id),
      ),
      protocol: row.protocol,
      businessKeys: keys.filter(({ id }) => id === row.id).map(({ name, value }) => ({ name, value })),
    }));
  }
}

async function guard<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw storeFault(error);
  }
}
