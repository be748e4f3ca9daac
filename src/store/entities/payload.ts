import { EntitySchema } from 'typeorm';
import type { StoredContent } from '../../message/content.js';

/** The original bytes, or where they lie; both null once they were purged. */
export interface PayloadRow {
  messageId: string;
  content: Buffer | null;
  stored: StoredContent | null;
  /** Data key of a content that is encrypted. */
  sealed: string | null;
}

export const PayloadEntity = new EntitySchema<PayloadRow>({
  name: 'Payload',
  tableName: 'payload',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'payload_pkey' },
    content: { type: 'bytea', nullable: true },
    stored: { type: 'jsonb', nullable: true },
    sealed: { type: 'uuid', nullable: true },
  },
  indices: [
    { name: 'payload_sealed', columns: ['sealed'], where: '(sealed IS NOT NULL)' },
    { name: 'payload_kept', columns: ['messageId'], where: `((content IS NOT NULL) OR (stored IS NOT NULL))` },
  ],
});

/** A content in the payload store; without a message it is being uploaded, or an orphan when its lease is over. */
export interface PayloadObjectRow {
  id: string;
  messageId: string | null;
  leasedUntil: Date;
  /** Its bytes are being removed: no message may have it any more. */
  condemned: boolean;
  /** Data key of an object that is encrypted. */
  sealed: string | null;
}

export const PayloadObjectEntity = new EntitySchema<PayloadObjectRow>({
  name: 'PayloadObject',
  tableName: 'payload_object',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'payload_object_pkey' },
    messageId: { name: 'message_id', type: 'uuid', nullable: true },
    leasedUntil: { name: 'leased_until', type: 'timestamptz' },
    condemned: { type: 'boolean', default: false },
    sealed: { type: 'uuid', nullable: true },
  },
  indices: [
    { name: 'payload_object_unclaimed', columns: ['leasedUntil'], where: '(message_id IS NULL)' },
    { name: 'payload_object_sealed', columns: ['sealed'], where: '(sealed IS NOT NULL)' },
    { name: 'payload_object_by_message', columns: ['messageId'] },
  ],
});

export interface PayloadChunkRow {
  payloadId: string;
  number: number;
  bytes: Buffer;
}

export const PayloadChunkEntity = new EntitySchema<PayloadChunkRow>({
  name: 'PayloadChunk',
  tableName: 'payload_chunk',
  columns: {
    payloadId: { name: 'payload_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'payload_chunk_pkey' },
    number: { type: 'int', primary: true, primaryKeyConstraintName: 'payload_chunk_pkey' },
    bytes: { type: 'bytea' },
  },
});
