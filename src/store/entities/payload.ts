import { EntitySchema } from 'typeorm';

/** The original bytes; null once they were purged. */
export interface PayloadRow {
  messageId: string;
  content: Buffer | null;
}

export const PayloadEntity = new EntitySchema<PayloadRow>({
  name: 'Payload',
  tableName: 'payload',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'payload_pkey' },
    content: { type: 'bytea', nullable: true },
  },
  indices: [{ name: 'payload_kept', columns: ['messageId'], where: `(content IS NOT NULL)` }],
});
