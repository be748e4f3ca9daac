import { randomUUID } from 'node:crypto';
import type { BoxEntry, BoxOutcome, BoxStore, Settlement } from '../delivery/ports.js';
import type { StoredContent } from '../message/content.js';
import type { Delivery } from '../message/delivery.js';
import type { Message } from '../message/message.js';
import { acknowledgeable, type OpensContent } from './delivery-ledger.js';
import type { DeliveryOwners } from './delivery-owners.js';
import { byDay, DayStatement, keysOf, lockedByKey, type TableOf } from './day-statement.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';
import { JOURNAL_COLUMNS, type JournalJson, type LedgerFeed } from './feed.js';
import type { Mail } from './mail.js';
import type { OpenFloor } from './open-floor.js';
import { dayOf } from './partitions.js';
import { deliveryOf, DELIVERY_COLUMNS, MESSAGE_JSON, messageOf } from './rows.js';
import { few, type Sql } from './sql.js';
import { settling, type TransitionOutcome, type Transitions } from './transition.js';

const FREE = `state = 'AVAILABLE' AND (lease_until IS NULL OR lease_until <= now()) AND expires_at > now()`;

/** $1 system, $2 how many. */
const look = (since: string) =>
  few(`SELECT message_id AS "messageId", id FROM delivery WHERE message_id >= ${since} AND receiver_system = $1 AND ${FREE}
    ORDER BY id LIMIT $2`);

/** $1 messages, $2 their deliveries, of one day; $3 the lease, $4 its time (ms), $5 system. What somebody else is leasing is left to them. */
const lease = (tableOf: TableOf) => `${lockedByKey(tableOf)}, chosen AS MATERIALIZED (
  SELECT message_id, id FROM found WHERE ${FREE}
), d AS (
  UPDATE ${tableOf('delivery')} d SET lease_owner = $3, lease_until = now() + $4::float8 * interval '1 millisecond'
  FROM chosen c WHERE d.message_id = c.message_id AND d.id = c.id RETURNING d.*
), written AS (
  INSERT INTO journal (message_id, delivery_id, event, at, by, from_state, to_state, detail)
  SELECT message_id, id, 'delivery.leased', now(), $5, 'AVAILABLE', 'AVAILABLE',
    jsonb_build_object('receiver', receiver_participant) FROM d ORDER BY id
  RETURNING ${JOURNAL_COLUMNS}
)
SELECT ${DELIVERY_COLUMNS}, ${MESSAGE_JSON} AS message, p.content, p.stored, p.sealed, row_to_json(w) AS event
FROM d JOIN ${tableOf('message')} m ON m.id = d.message_id JOIN written w ON w."deliveryId" = d.id
LEFT JOIN ${tableOf('payload')} p ON p.message_id = d.message_id ORDER BY d.id`;

/** Looks before an empty box is believed: others may lease at the same time. */
const LOOKS = 3;

/** $1 system, $2 delivery, $3 its message. */
const entry = (tableOf: TableOf) => `
SELECT ${DELIVERY_COLUMNS}, ${MESSAGE_JSON} AS message
FROM ${tableOf('delivery')} d JOIN ${tableOf('message')} m ON m.id = d.message_id
WHERE d.message_id = $3 AND d.id = $2 AND d.receiver_system = $1`;

interface EntryRow extends DeliveryRow {
  message: MessageRow;
}

interface BoxRow {
  readonly content: Buffer | null;
  readonly stored: StoredContent | null;
  readonly sealed: string | null;
  readonly event: JournalJson;
}

/** AVAILABLE deliveries of the systems that fetch them. */
export class LedgerBox implements BoxStore {
  private readonly leasing: DayStatement;
  private readonly entries: DayStatement;

  constructor(
    sql: Sql,
    private readonly transitions: Transitions,
    private readonly feed: LedgerFeed,
    private readonly mail: Mail,
    private readonly keys: OpensContent,
    private readonly floor: OpenFloor,
    private readonly owners: DeliveryOwners,
  ) {
    this.leasing = new DayStatement(sql, lease);
    this.entries = new DayStatement(sql, entry);
  }

  async fetch(system: string, max: number, leaseMs: number): Promise<readonly BoxEntry[]> {
    const token = randomUUID();
    for (let left = LOOKS; left > 0; left--) {
      const found = await this.floor.query<{ messageId: string; id: string }>(look, [system, max]);
      const rows: (EntryRow & BoxRow)[] = [];
      for (const [day, ofDay] of byDay(found)) {
        rows.push(...(await this.leasing.query<EntryRow & BoxRow>(day, [...keysOf(ofDay), token, leaseMs, system])));
      }
      this.feed.emit(rows.map((row) => row.event));
      if (rows.length > 0 || found.length === 0) return Promise.all(rows.map((row) => this.entryOf(row, token)));
    }
    return [];
  }

  private async entryOf(row: EntryRow & BoxRow, lease: string): Promise<BoxEntry> {
    const { content, sealed, stored } = row;
    const held = content && (await this.keys.openContent(sealed, row.messageId, content));
    return {
      deliveryId: row.id,
      lease,
      leasedUntil: row.leaseUntil!,
      message: messageOf(row.message),
      content: held ?? stored ?? Buffer.alloc(0),
      receipt: row.receipt,
    };
  }

  /** A lease that ran out still counts while no one else has fetched the entry. */
  async acknowledge(system: string, deliveryId: string, lease: string, settlement: Settlement): Promise<BoxOutcome> {
    const messageId = await this.owners.messageOf(system, deliveryId);
    if (messageId === null) return 'unknown';
    const from = acknowledgeable(settlement).filter((state) => state !== 'DELIVERING');
    return outcomeOf(
      await this.transitions.change(settling({ id: deliveryId, messageId, from, lease, by: system }, settlement)),
    );
  }

  async release(system: string, deliveryId: string, lease: string, delayMs: number): Promise<BoxOutcome> {
    const messageId = await this.owners.messageOf(system, deliveryId);
    if (messageId === null) return 'unknown';
    const outcome = await this.transitions.change({
      id: deliveryId,
      messageId,
      epoch: null,
      lease,
      from: ['AVAILABLE'],
      to: 'AVAILABLE',
      step: 0,
      tried: 0,
      owner: null,
      leaseMs: delayMs,
      by: system,
      event: 'delivery.released',
      settlement: null,
    });
    return outcomeOf(outcome);
  }

  waitForMail(system: string, ms: number, signal: AbortSignal): Promise<void> {
    return this.mail.wait(system, ms, signal);
  }

  async entry(system: string, deliveryId: string): Promise<(Delivery & { readonly message: Message }) | null> {
    const messageId = await this.owners.messageOf(system, deliveryId);
    if (messageId === null) return null;
    const [row] = await this.entries.query<EntryRow>(dayOf(messageId), [system, deliveryId, messageId]);
    return row === undefined ? null : { ...deliveryOf(row), message: messageOf(row.message) };
  }
}

function outcomeOf(outcome: TransitionOutcome | null): BoxOutcome {
  if (outcome === null) return 'unknown';
  if (outcome.moved) return 'done';
  return outcome.was === 'DELIVERED' || outcome.was === 'FAILED' ? 'repeated' : 'lost';
}
