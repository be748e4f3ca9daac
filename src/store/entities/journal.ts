import { EntitySchema } from 'typeorm';
import type { DeliveryState } from '../../message/delivery.js';
import type { EventName, JournalDetail } from '../../trace/events.js';

export interface JournalRow {
  messageId: string;
  /** A bigint, which node-postgres reads as text. */
  seq: string;
  deliveryId: string | null;
  event: EventName;
  at: Date;
  by: string;
  fromState: DeliveryState | null;
  toState: DeliveryState | null;
  detail: JournalDetail;
}

export const JournalEntity = new EntitySchema<JournalRow>({
  name: 'Journal',
  tableName: 'journal',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'journal_pkey' },
    seq: {
      type: 'bigint',
      primary: true,
      primaryKeyConstraintName: 'journal_pkey',
      generated: 'increment',
    },
    deliveryId: { name: 'delivery_id', type: 'uuid', nullable: true },
    event: { type: 'text' },
    at: { type: 'timestamptz' },
    by: { type: 'text' },
    fromState: { name: 'from_state', type: 'text', nullable: true },
    toState: { name: 'to_state', type: 'text', nullable: true },
    detail: { type: 'jsonb' },
  },
  indices: [{ name: 'journal_by_seq', columns: ['seq'] }],
});
