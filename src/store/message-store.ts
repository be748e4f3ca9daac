import type { AcceptanceOutcome, AcceptanceRecord, MessageStore, RejectionRecord } from '../acceptance/ports.js';
import type { Message } from '../message/message.js';
import type { StoredDataKeys } from './data-keys.js';
import { ACCEPT, LOOK_UP, REJECT } from './accept-sql.js';
import { FailoverRetry } from './failover-retry.js';
import type { JournalJson, LedgerFeed } from './feed.js';
import { GroupCommit } from './group-commit.js';
import { plainJson } from './plain-json.js';
import { conversationKey } from './rows.js';
import { keyRows, type SearchKey, type StoredKey } from './search-key.js';
import type { Sql } from './sql.js';

type SealedRecord = AcceptanceRecord & {
  readonly sealed?: string;
  readonly storedKeys?: readonly StoredKey[];
};

interface FoundJson {
  readonly n: number;
  readonly own: boolean;
  readonly id: string;
  readonly message_id: string;
  readonly correlation_id: string;
  readonly accepted_at: string;
  readonly same: boolean;
}

/**
 * Who is told after this time to come again has not given up yet, and comes back to a queue that is short: without it an overload fills the queue
 * with what its senders no longer wait for.
 */
const MAX_WAIT_MS = 5_000;

/** The durable side of acceptance by group commit; see blueprint §4. */
export class LedgerMessageStore implements MessageStore {
  private readonly failover = new FailoverRetry();
  private readonly accepting: GroupCommit<SealedRecord, AcceptanceOutcome>;
  private readonly rejecting: GroupCommit<RejectionRecord, void>;

  constructor(
    private readonly sql: Sql,
    private readonly feed: LedgerFeed,
    private readonly keys: Pick<StoredDataKeys, 'sealContent'>,
    private readonly searchKey: Pick<SearchKey, 'stored'>,
  ) {
    this.accepting = new GroupCommit((records) => this.failover.run(() => this.store(records)), {
      maxItems: 100,
      maxBytes: 8 * 1024 * 1024,
      paceMs: 4,
      concurrency: 3,
      maxQueued: 5_000,
      maxQueuedBytes: 128 * 1024 * 1024,
      maxWaitMs: MAX_WAIT_MS,
      bytesOf: (record) => record.content.length,
    });
    this.rejecting = new GroupCommit((records) => this.storeRejected(records), {
      maxItems: 100,
      maxBytes: 8 * 1024 * 1024,
      paceMs: 4,
      concurrency: 1,
      maxQueued: 5_000,
      maxQueuedBytes: Infinity,
      maxWaitMs: MAX_WAIT_MS,
      bytesOf: () => 1_024,
    });
  }

  async accept(record: AcceptanceRecord): Promise<AcceptanceOutcome> {
    const { message, content, stored, sealFor } = record;
    const sealed = sealFor && !stored ? await this.keys.sealContent(sealFor, message.id, content) : {};
    const storedKeys = await this.searchKey.stored(record);
    return this.accepting.submit({ ...record, ...sealed, storedKeys });
  }

  reject(record: RejectionRecord): Promise<void> {
    return this.rejecting.submit(record);
  }

  async drain(): Promise<void> {
    await Promise.all([this.accepting.drain(), this.rejecting.drain()]);
  }

  private async store(records: readonly SealedRecord[]): Promise<AcceptanceOutcome[]> {
    const outcomes = new Map<SealedRecord, AcceptanceOutcome>();
    let open = records;
    while (open.length > 0) {
      for (const record of await this.insert(open)) outcomes.set(record, { kind: 'accepted' });
      const losers = open.filter((record) => !outcomes.has(record));
      for (const [record, outcome] of await this.lookUp(losers)) outcomes.set(record, outcome);
      // A key that was in the way and is gone again (purged meanwhile) is free now.
      open = losers.filter((record) => !outcomes.has(record));
      for (const record of open) if (record.stored) outcomes.set(record, { kind: 'lost' });
      open = open.filter((record) => !record.stored);
    }
    return records.map((record) => outcomes.get(record)!);
  }

  /** Returns the winners. */
  private async insert(records: readonly SealedRecord[]): Promise<SealedRecord[]> {
    let start = 0;
    const messages = records.map((record) => {
      const row = messageJson(record, start);
      start += record.stored ? 0 : record.content.length;
      return row;
    });
    const held = records.filter(({ stored }) => !stored);
    const content = Buffer.concat(held.map((record) => record.content));
    const deliveries = records.flatMap(deliveryJson).map((delivery, n) => ({ n, ...delivery }));
    const keys = records.flatMap(({ message, storedKeys }) => keyRows(message.id, storedKeys));
    const values = [JSON.stringify(messages), JSON.stringify(deliveries), content, plainJson(keys)];
    const [result] = await this.sql.run<{ events: JournalJson[] | null }>(textFor(records), values);
    const events = result?.events ?? [];
    this.feed.emit(events);
    const won = new Set(events.map((event) => event.messageId));
    return records.filter((record) => won.has(record.message.id));
  }

  private async lookUp(records: readonly AcceptanceRecord[]): Promise<Map<AcceptanceRecord, AcceptanceOutcome>> {
    const outcomes = new Map<AcceptanceRecord, AcceptanceOutcome>();
    if (records.length === 0) return outcomes;
    const keys = records.map(({ message }, n) => ({
      n,
      own: message.id,
      sender_system: message.sender.system,
      message_id: message.messageId,
      digest: message.digest,
    }));
    const [result] = await this.sql.run<{ found: FoundJson[] | null; events: JournalJson[] | null }>(LOOK_UP, [
      JSON.stringify(keys),
    ]);
    for (const row of result?.found ?? []) outcomes.set(records[row.n]!, outcomeOf(row));
    this.feed.emit(result?.events ?? null);
    return outcomes;
  }

  private async storeRejected(records: readonly RejectionRecord[]): Promise<void[]> {
    const rows = records.map((record) => ({
      id: record.id,
      message_id: record.messageId,
      correlation_id: record.correlationId,
      sender_participant: record.sender.participant,
      sender_system: record.sender.system,
      receiver: record.receiver,
      service: record.service,
      version: record.version,
      operation: record.operation,
      protocol: record.protocol,
      size: record.size,
      accepted_at: record.at,
      fault: record.fault,
      detail: {
        stations: record.stations,
        fault: record.fault,
        size: record.size,
        ...(record.service !== null && { service: record.service }),
      },
    }));
    const [result] = await this.sql.run<{ events: JournalJson[] | null }>(REJECT, [plainJson(rows)]);
    this.feed.emit(result?.events ?? null);
    return records.map(() => undefined);
  }
}

function textFor(records: readonly SealedRecord[]): string {
  const hasAnswers = records.some(({ message }) => message.profile === 'answer');
  if (records.some(({ stored }) => stored)) return hasAnswers ? ACCEPT.storedAnswers : ACCEPT.stored;
  return hasAnswers ? ACCEPT.answers : ACCEPT.plain;
}

function outcomeOf(row: FoundJson): AcceptanceOutcome {
  if (row.own) return { kind: 'accepted' };
  const original = {
    id: row.id,
    messageId: row.message_id,
    correlationId: row.correlation_id,
    acceptedAt: new Date(row.accepted_at),
  };
  return { kind: row.same ? 'duplicate' : 'conflict', original };
}

function messageJson({ message, content, sealed, stored, deliveries, stations }: SealedRecord, start: number): object {
  return {
    ...messageColumns(message),
    start,
    length: content.length,
    open: deliveries.length,
    detail: { stations, size: message.size, service: message.service },
    ...(sealed && { sealed }),
    ...(stored && { stored, stored_id: stored.id }),
  };
}

export function messageColumns(message: Message): object {
  return {
    id: message.id,
    message_id: message.messageId,
    correlation_id: message.correlationId,
    relates_to: message.relatesTo,
    reply_to: message.replyTo,
    sender_participant: message.sender.participant,
    sender_system: message.sender.system,
    service: message.service,
    version: message.version,
    operation: message.operation,
    profile: message.profile,
    protocol: message.protocol,
    format: message.format,
    headers: message.headers,
    digest: message.digest,
    size: message.size,
    accepted_at: message.acceptedAt,
  };
}

function deliveryJson({ message, deliveries }: AcceptanceRecord): object[] {
  return deliveries.map((delivery) => ({
    message_id: message.id,
    id: delivery.deliveryId,
    participant: delivery.receiver.participant,
    system: delivery.receiver.system,
    agreement: delivery.agreement,
    expires_at: delivery.expiresAt,
    urgency: 9 - (delivery.priority ?? 4),
    sender: message.sender.system,
    reserve_ms: delivery.reserveMs,
    ...(delivery.order && {
      conversation: conversationKey(message.sender.system, delivery.order, delivery.agreement),
      sequence: delivery.order.sequence,
    }),
  }));
}
