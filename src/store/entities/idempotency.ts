import { EntitySchema } from 'typeorm';

/** What the authenticated sender has used: one row a message, never partitioned (blueprint §4). */
export interface IdempotencyRow {
  senderSystem: string;
  messageId: string;
  digest: string;
  /** The gateway's id of the message. */
  id: string;
  correlationId: string;
  acceptedAt: Date;
}

export const IdempotencyEntity = new EntitySchema<IdempotencyRow>({
  name: 'Idempotency',
  tableName: 'idempotency',
  columns: {
    senderSystem: { name: 'sender_system', type: 'text', primary: true, primaryKeyConstraintName: 'idempotency_pkey' },
    messageId: { name: 'message_id', type: 'text', primary: true, primaryKeyConstraintName: 'idempotency_pkey' },
    digest: { type: 'text' },
    id: { type: 'uuid' },
    correlationId: { name: 'correlation_id', type: 'text' },
    acceptedAt: { name: 'accepted_at', type: 'timestamptz' },
  },
});
