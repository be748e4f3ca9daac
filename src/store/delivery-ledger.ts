import type { Claim, DeliveryControl, DeliveryLedger, Obeyed, Order, Resend, Settlement } from '../delivery/ports.js';
import {
  CANCELLABLE_STATES,
  DEAD_STATES,
  END_STATES,
  LOST_STATES,
  type Delivery,
  type DeliveryRef,
  type DeliveryState,
} from '../message/delivery.js';
import type { Content, StoredContent } from '../message/content.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message } from '../message/message.js';
import type { StoredDataKeys } from './data-keys.js';
import { DayStatement, type TableOf } from './day-statement.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';
import type { OpenFloor } from './open-floor.js';
import type { DeliveryOwners } from './delivery-owners.js';
import { dayOf } from './partitions.js';
import { DELIVERY_COLUMNS, deliveryOf, MESSAGE_JSON, messageOf } from './rows.js';
import type { Sql } from './sql.js';
import { settling, type Transitions } from './transition.js';

/** A system may acknowledge before the dispatcher's own commit has come back: DELIVERING counts as AVAILABLE. */
const ACKNOWLEDGEABLE: readonly DeliveryState[] = ['AVAILABLE', 'DELIVERING'];

const OF_MESSAGE = `SELECT ${DELIVERY_COLUMNS}, ${MESSAGE_JSON} AS message
  FROM delivery d JOIN message m ON m.id = d.message_id WHERE d.message_id = $1 ORDER BY d.id`;

/** What a word of the receiver may change. */
export function acknowledgeable(settlement: Settlement): readonly DeliveryState[] {
  return settlement.state === 'DELIVERED' ? [...ACKNOWLEDGEABLE, ...DEAD_STATES] : ACKNOWLEDGEABLE;
}

/** Compare-and-set on the delivery rows, grouped; see transition-sql.ts. */
export class LedgerDeliveries implements DeliveryLedger, DeliveryControl {
  private readonly payloads: DayStatement;

  constructor(
    private readonly sql: Sql,
    private readonly transitions: Transitions,
    private readonly keys: OpensContent,
    private readonly floor: OpenFloor,
    private readonly owners: DeliveryOwners,
  ) {
    this.payloads = new DayStatement(sql, payloadOf);
  }

  async claim(ref: DeliveryRef, lease: { readonly owner: string; readonly ms: number }): Promise<Claim | null> {
    const outcome = await this.transitions.change({
      id: ref.deliveryId,
      messageId: ref.messageId,
      epoch: ref.epoch,
      lease: null,
      from: ['QUEUED'],
      to: 'DELIVERING',
      step: 1,
      tried: 1,
      owner: lease.owner,
      leaseMs: lease.ms,
      by: lease.owner,
      event: 'delivery.claimed',
      settlement: null,
    });
    if (outcome?.moved !== true) return null;
    const { epoch, attempts, tries, expired: isExpired } = outcome;
    return { ...pick(ref), epoch, attempts, tries, isExpired };
  }

  async settle(claim: DeliveryRef, settlement: Settlement): Promise<boolean> {
    const target = { id: claim.deliveryId, messageId: claim.messageId, epoch: claim.epoch };
    const outcome = await this.transitions.change(settling({ ...target, from: ['DELIVERING'] }, settlement));
    return outcome?.moved === true;
  }

  async suspend(ref: DeliveryRef, reason: FaultRecord, until: Date): Promise<boolean> {
    const target = { id: ref.deliveryId, messageId: ref.messageId, epoch: ref.epoch, by: 'gateway' };
    const settlement: Settlement = { state: 'SUSPENDED', fault: reason, nextAttemptAt: until };
    const outcome = await this.transitions.change(settling({ ...target, from: ['QUEUED'], tried: 0 }, settlement));
    return outcome?.moved === true;
  }

  async deliveries(messageId: string): Promise<readonly (Delivery & { readonly message: Message })[]> {
    const rows = await this.sql.query<DeliveryRow & { message: MessageRow }>(OF_MESSAGE, [messageId]);
    return rows.map((row) => ({ ...deliveryOf(row), message: messageOf(row.message) }));
  }

  async retry(
    { deliveryId: id, messageId }: Omit<DeliveryRef, 'epoch'>,
    { operator, again, seen, ...order }: Resend,
  ): Promise<Obeyed> {
    const from = again ? END_STATES : DEAD_STATES;
    const outcome = await this.transitions.change({
      id,
      messageId,
      epoch: seen?.epoch ?? null,
      lease: null,
      from: seen ? from.filter((state) => state === seen.state) : from,
      to: 'QUEUED',
      step: 1,
      tried: 0,
      owner: null,
      leaseMs: null,
      by: `operator:${operator}`,
      event: 'delivery.retried',
      settlement: null,
      order,
    });
    this.floor.reopened(messageId);
    return outcome;
  }

  cancel(
    { deliveryId: id, messageId }: Omit<DeliveryRef, 'epoch'>,
    { operator, ...order }: Order,
    settlement: Settlement,
  ): Promise<Obeyed> {
    const by = `operator:${operator}`;
    return this.transitions.change(
      settling({ id, messageId, from: CANCELLABLE_STATES, by, step: 1, order }, settlement),
    );
  }

  discard(
    { deliveryId: id, messageId }: Omit<DeliveryRef, 'epoch'>,
    { operator, seen, ...order }: Order & Pick<Resend, 'seen'>,
  ): Promise<Obeyed> {
    const from = seen ? LOST_STATES.filter((state) => state === seen.state) : LOST_STATES;
    const target = { id, messageId, epoch: seen?.epoch ?? null, from, by: `operator:${operator}`, order };
    return this.transitions.change(settling({ ...target, event: 'delivery.discarded' }, { state: 'CANCELLED' }));
  }

  content = (messageId: string): Promise<Content | null> => contentOf(this.payloads, messageId, this.keys);

  async acknowledge(
    system: string,
    deliveryId: string,
    settlement: Settlement,
  ): Promise<'done' | 'repeated' | 'unknown'> {
    const messageId = await this.owners.messageOf(system, deliveryId);
    if (messageId === null) return 'unknown';
    const target = { id: deliveryId, messageId, from: acknowledgeable(settlement), by: system };
    const outcome = await this.transitions.change(settling(target, settlement));
    if (outcome === null) return 'unknown';
    if (outcome.moved) return 'done';
    return outcome.was === 'DELIVERED' || DEAD_STATES.includes(outcome.was) ? 'repeated' : 'unknown';
  }
}

export type OpensContent = Pick<StoredDataKeys, 'openContent'>;

interface ContentRow {
  readonly content: Buffer | null;
  readonly stored: StoredContent | null;
  readonly sealed: string | null;
}

/** $1 the message. */
export const payloadOf = (tableOf: TableOf) =>
  `SELECT content, stored, sealed FROM ${tableOf('payload')} WHERE message_id = $1`;

/** Original bytes of a message, or where they lie; null where purged. */
export async function contentOf(
  payloads: DayStatement,
  messageId: string,
  keys: OpensContent,
): Promise<Content | null> {
  const [row] = await payloads.query<ContentRow>(dayOf(messageId), [messageId]);
  if (row?.content) return keys.openContent(row.sealed, messageId, row.content);
  return row?.stored ?? null;
}

function pick({ deliveryId, messageId }: DeliveryRef): { deliveryId: string; messageId: string } {
  return { deliveryId, messageId };
}
