import { EntitySchema } from 'typeorm';
import type { Delivery, DeliveryState } from '../../message/delivery.js';
import type { FaultRecord } from '../../message/fault.js';
import type { Receipt } from '../../message/receipt.js';

export interface DeliveryRow {
  messageId: string;
  id: string;
  kind: Delivery['kind'];
  receiverParticipant: string;
  receiverSystem: string;
  agreement: string | null;
  state: DeliveryState;
  epoch: number;
  attempts: number;
  /** Attempts when an operator sent it anew. */
  triedBefore: number;
  nextAttemptAt: Date | null;
  expiresAt: Date;
  receipt: Receipt | null;
  /** DELIVERING: the dispatcher. AVAILABLE: the token of the fetch, kept when the delivery ends. */
  leaseOwner: string | null;
  /** DELIVERING, AVAILABLE: end of the lease (or of the delay after a release). QUEUED: end of a relay's reservation. */
  leaseUntil: Date | null;
  publishedAt: Date | null;
  queuedAt: Date;
  endedAt: Date | null;
  lastFault: FaultRecord | null;
  /** Sending system, blank, conversation (rows.ts); null: it has no order. */
  conversation: string | null;
  /** Its place in the conversation. */
  sequence: number | null;
  /** True where the sender has given the number. */
  numbered: boolean;
  /** True while it waits for its turn. */
  held: boolean;
  /** 9 less its priority: an index goes up. */
  urgency: number;
  /** Whose turn it is; empty for a receipt. */
  senderSystem: string;
}

export const DeliveryEntity = new EntitySchema<DeliveryRow>({
  name: 'Delivery',
  tableName: 'delivery',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'delivery_pkey' },
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'delivery_pkey' },
    kind: { type: 'text' },
    receiverParticipant: { name: 'receiver_participant', type: 'text' },
    receiverSystem: { name: 'receiver_system', type: 'text' },
    agreement: { type: 'text', nullable: true },
    state: { type: 'text' },
    epoch: { type: 'int' },
    attempts: { type: 'int' },
    triedBefore: { name: 'tried_before', type: 'int', default: 0 },
    nextAttemptAt: { name: 'next_attempt_at', type: 'timestamptz', nullable: true },
    expiresAt: { name: 'expires_at', type: 'timestamptz' },
    receipt: { type: 'jsonb', nullable: true },
    leaseOwner: { name: 'lease_owner', type: 'text', nullable: true },
    leaseUntil: { name: 'lease_until', type: 'timestamptz', nullable: true },
    publishedAt: { name: 'published_at', type: 'timestamptz', nullable: true },
    queuedAt: { name: 'queued_at', type: 'timestamptz' },
    endedAt: { name: 'ended_at', type: 'timestamptz', nullable: true },
    lastFault: { name: 'last_fault', type: 'jsonb', nullable: true },
    conversation: { type: 'text', nullable: true },
    sequence: { type: 'int', nullable: true },
    numbered: { type: 'boolean', default: false },
    held: { type: 'boolean', default: false },
    urgency: { type: 'smallint', default: 5 },
    senderSystem: { name: 'sender_system', type: 'text', default: '' },
  },
  indices: [
    { name: 'delivery_by_id', columns: ['id'] },
    { name: 'delivery_by_receiver', columns: ['receiverParticipant', 'messageId'], where: `(kind = 'message'::text)` },
    { name: 'delivery_by_fault', columns: ['lastFault'], synchronize: false },
    { name: 'delivery_tried_again', columns: ['messageId', 'attempts'], where: '(attempts > 1)' },
    {
      name: 'delivery_unpublished',
      columns: ['held', 'receiverSystem', 'urgency', 'senderSystem', 'queuedAt'],
      where: `((state = 'QUEUED'::text) AND (published_at IS NULL))`,
    },
    {
      name: 'delivery_published',
      columns: ['receiverSystem'],
      where: `((state = 'QUEUED'::text) AND (published_at IS NOT NULL))`,
    },
    { name: 'delivery_available', columns: ['receiverSystem', 'id'], where: `(state = 'AVAILABLE'::text)` },
    { name: 'delivery_leased', columns: ['leaseUntil'], where: `(state = 'DELIVERING'::text)` },
    {
      name: 'delivery_due',
      columns: ['nextAttemptAt'],
      where: `(state = ANY (ARRAY['WAITING_RETRY'::text, 'SUSPENDED'::text]))`,
    },
    {
      name: 'delivery_dead',
      columns: ['messageId', 'id'],
      where: `(state = ANY (ARRAY['FAILED'::text, 'EXPIRED'::text, 'CANCELLED'::text]))`,
    },
    {
      name: 'delivery_dead_by_end',
      columns: ['endedAt'],
      where: `(state = ANY (ARRAY['FAILED'::text, 'EXPIRED'::text, 'CANCELLED'::text]))`,
    },
    {
      name: 'delivery_in_order',
      columns: ['receiverSystem', 'conversation', 'held', 'sequence'],
      where: `((conversation IS NOT NULL) AND (ended_at IS NULL))`,
    },
    {
      name: 'delivery_withdrawn',
      columns: ['receiverSystem', 'conversation', 'sequence'],
      where: `(held AND (ended_at IS NOT NULL))`,
    },
    { name: 'delivery_expiring', columns: ['expiresAt'], where: `(ended_at IS NULL)` },
  ],
});
