import type { Exchanges, PolledMessages } from '../exchange/ports.js';
import { answerIdOf } from '../message/answer.js';
import type { Message } from '../message/message.js';
import { isUuid, timeOf } from '../new-id.js';
import { DayStatement, type TableOf } from './day-statement.js';
import { contentOf, payloadOf, type OpensContent } from './delivery-ledger.js';
import type { MessageRow } from './entities/message.js';
import { dayOf, dayRange, firstIdAt, inText, NIL } from './partitions.js';
import { MESSAGE_JSON, messageOf } from './rows.js';
import type { Sql } from './sql.js';

interface Row {
  readonly message: MessageRow;
}

const asked = (tableOf: TableOf) => `SELECT ${MESSAGE_JSON} AS message FROM ${tableOf('message')} m
  WHERE m.id = $1 AND m.profile IN ('async-receipt', 'async-polled') AND EXISTS
    (SELECT FROM ${tableOf('delivery')} d WHERE d.message_id = m.id AND d.receiver_system = $2 AND d.kind = 'message')`;

/** Of messages from this id on. */
const polled = (since: string) => `SELECT ${MESSAGE_JSON} AS message FROM message m
  WHERE m.id >= ${since} AND (m.message_id = $1 OR m.correlation_id = $1 OR m.id = $2) AND m.profile = 'async-polled'
    AND m.sender_participant = $3 AND m.service = $5 AND m.version = $6 AND m.operation = $7 AND EXISTS
    (SELECT FROM delivery d WHERE d.message_id >= ${since} AND d.message_id = m.id AND d.receiver_participant = $4 AND d.kind = 'message')
  ORDER BY m.message_id = $1 DESC, m.id DESC LIMIT 100`;

/** A sender may choose any message id, the profile not; a refused answer is kept as evidence only. An answer is younger than what it answers, so older partitions have none. */
const answers = (since: string) => `SELECT ${MESSAGE_JSON} AS message FROM message m
  WHERE m.message_id = ANY($1) AND m.profile = 'answer' AND m.state <> 'REJECTED' AND m.id >= ${since} ORDER BY m.id DESC`;

/** Younger messages are looked through first: who else goes by the id of one, or by its sender's, is younger still. Others may share a correlation id. */
const POLLED_MS = 10 * 86_400_000;

/** Between the clocks of two nodes. */
const SKEW_MS = 3_600_000;

export class LedgerExchanges implements Exchanges {
  private readonly payloads: DayStatement;
  private readonly asked: DayStatement;

  constructor(
    private readonly sql: Sql,
    private readonly keys: OpensContent,
  ) {
    this.payloads = new DayStatement(sql, payloadOf);
    this.asked = new DayStatement(sql, asked);
  }

  async askedOf(system: string, id: string): Promise<Message | null> {
    const [row] = isUuid(id) ? await this.asked.query<Row>(dayOf(id), [id, system]) : [];
    return row ? messageOf(row.message) : null;
  }

  async answersTo(ids: readonly string[]): Promise<ReadonlyMap<string, Message>> {
    const [oldest] = [...ids].filter(isUuid).sort();
    if (oldest === undefined) return new Map();
    const since = inText(firstIdAt(Math.max(0, timeOf(oldest) - SKEW_MS)));
    const rows = await this.sql.once<Row>(answers(since), [ids.map(answerIdOf)]);
    const found = rows.map(({ message }) => messageOf(message));
    return new Map(found.map((answer) => [answer.relatesTo as string, answer]));
  }

  async polledBy(name: string, of: PolledMessages): Promise<readonly Message[]> {
    const id = name.replace(/^urn:uuid:/, '');
    const named = [name, isUuid(id) ? id : null];
    const given = [...named, of.sender, of.receiver, of.service, of.version, of.operation];
    const young = dayRange(new Date(Date.now() - POLLED_MS)).from;
    const recent = await this.sql.query<Row>(polled(inText(young)), given);
    const isOwn = recent.some(({ message }) => message.id === id || message.messageId === name);
    const rows = isOwn ? recent : await this.sql.query<Row>(polled(inText(NIL)), given);
    return rows.map(({ message }) => messageOf(message));
  }

  /** An answer is always held. */
  async content(id: string): Promise<Buffer | null> {
    const content = await contentOf(this.payloads, id, this.keys);
    return Buffer.isBuffer(content) ? content : null;
  }
}
