import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { Attempt } from '../message/delivery.js';
import { isTestMessage } from '../message/test-message.js';
import type { JournalEvent } from '../trace/events.js';
import type { MessageStatus, TraceReader } from '../trace/ports.js';
import { isUuid } from '../new-id.js';
import { AttemptEntity, type AttemptRow } from './entities/attempt.js';
import { DeliveryEntity, type DeliveryRow } from './entities/delivery.js';
import { IdempotencyEntity } from './entities/idempotency.js';
import { JournalEntity, type JournalRow } from './entities/journal.js';
import { MessageEntity, type MessageRow } from './entities/message.js';
import { storeFault } from './faults.js';
import { JOURNAL_COLUMNS } from './feed.js';
import { deliveryOf } from './rows.js';
import { few, type Sql } from './sql.js';

/** A gap in the sequence younger than this may belong to a transaction that has not committed yet. */
const SETTLED_MS = 2_000;

/** Every stream of events asks so once a second and more: to plan it over the tables of every day costs many times what it reads. */
const EVENTS = `SELECT * FROM (${few(`SELECT ${JOURNAL_COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2`)}) e ORDER BY seq`;
const LAST = `SELECT max(seq) AS last FROM journal`;

/** Read models, by TypeORM's query builder where they are for people. */
export class LedgerTrace implements TraceReader {
  constructor(
    private readonly source: DataSource,
    private readonly sql: Sql,
  ) {}

  async status(id: string, senders?: readonly string[]): Promise<MessageStatus | null> {
    if (!isUuid(id)) return null;
    const [found] = await this.read((messages) => {
      messages.where('m.id = :id', { id });
      return senders === undefined ? messages : messages.andWhere('m.senderParticipant IN (:...senders)', { senders });
    });
    return found ?? null;
  }

  async statusByMessageId(senderSystem: string, messageId: string): Promise<MessageStatus | null> {
    const keys = this.source.getRepository(IdempotencyEntity).createQueryBuilder('k');
    const key = await guard(keys.where({ senderSystem, messageId }).getOne());
    return key === null ? null : this.status(key.id);
  }

  async timeline(id: string): Promise<readonly JournalEvent[]> {
    if (!isUuid(id)) return [];
    const journal = this.source.getRepository(JournalEntity).createQueryBuilder('j');
    const rows = await guard(journal.where('j.messageId = :id', { id }).orderBy('j.seq').getMany());
    return rows.map(eventOf);
  }

  async attempts(id: string): Promise<readonly (Attempt & { readonly deliveryId: string })[]> {
    if (!isUuid(id)) return [];
    const attempts = this.source.getRepository(AttemptEntity).createQueryBuilder('a');
    const rows = await guard(attempts.where('a.messageId = :id', { id }).orderBy('a.startedAt').getMany());
    return rows.map(({ messageId: _message, ...attempt }: AttemptRow) => attempt);
  }

  async concerning(ids: readonly string[], participants: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const messages = this.source.getRepository(MessageEntity).createQueryBuilder('m').select('m.id', 'id');
    messages.addSelect('m.senderParticipant', 'sender').where('m.id IN (:...ids)', { ids });
    messages.andWhere(CONCERNING, { participants });
    const rows = await guard(messages.getRawMany<{ id: string; sender: string }>());
    return new Map(rows.map(({ id, sender }) => [id, sender]));
  }

  /** Stops before a fresh gap: a transaction that took a lower number may still commit. */
  async eventsAfter(after: number, limit: number): Promise<readonly JournalEvent[]> {
    const rows = await this.sql.query<Omit<JournalEvent, 'seq'> & { readonly seq: string }>(EVENTS, [after, limit]);
    const events = rows.map((row): JournalEvent => ({ ...row, seq: Number(row.seq) }));
    const fresh = Date.now() - SETTLED_MS;
    const gap = events.findIndex(
      (event, index) => event.at.getTime() > fresh && event.seq !== (events[index - 1]?.seq ?? after) + 1,
    );
    return gap === -1 ? events : events.slice(0, gap);
  }

  async lastSeq(): Promise<number> {
    const [row] = await this.sql.query<{ last: string | null }>(LAST, []);
    return Number(row?.last ?? 0);
  }

  private async read(
    choose: (messages: SelectQueryBuilder<MessageRow>) => SelectQueryBuilder<MessageRow>,
  ): Promise<MessageStatus[]> {
    const messages = await guard(choose(this.source.getRepository(MessageEntity).createQueryBuilder('m')).getMany());
    if (messages.length === 0) return [];
    const deliveries = this.source.getRepository(DeliveryEntity).createQueryBuilder('d');
    const ids = messages.map((message) => message.id);
    const rows = await guard(deliveries.where('d.messageId IN (:...ids)', { ids }).orderBy('d.id').getMany());
    return messages.map((message) => {
      const own = rows.filter((row) => row.messageId === message.id);
      return statusOf(message, own);
    });
  }
}

/** The sender or a receiver is one of `participants`. */
const CONCERNING = `(m.senderParticipant = ANY(:participants) OR m.receiver = ANY(:participants) OR EXISTS (SELECT FROM
  delivery r WHERE r.message_id = m.id AND r.kind = 'message' AND r.receiver_participant = ANY(:participants)))`;

export function statusOf(row: MessageRow, deliveries: readonly DeliveryRow[]): MessageStatus {
  return {
    id: row.id,
    messageId: row.messageId,
    correlationId: row.correlationId,
    relatesTo: row.relatesTo,
    state: row.state,
    sender: { participant: row.senderParticipant, system: row.senderSystem },
    receiver: row.receiver,
    service: row.service,
    version: row.version,
    operation: row.operation,
    size: row.size,
    acceptedAt: row.acceptedAt,
    fault: row.fault,
    ...(isTestMessage(row.headers) && { isTest: true }),
    deliveries: deliveries.map((delivery) => ({
      ...deliveryOf(delivery),
      lastFault: delivery.lastFault,
      endedAt: delivery.endedAt,
    })),
  };
}

function eventOf(row: JournalRow): JournalEvent {
  const { seq, messageId, deliveryId, event, at, by, fromState, toState, detail } = row;
  return { seq: Number(seq), messageId, deliveryId, event, at, by, from: fromState, to: toState, detail };
}

async function guard<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw storeFault(error);
  }
}
