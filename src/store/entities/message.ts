import { EntitySchema } from 'typeorm';
import type { FaultRecord } from '../../message/fault.js';
import type { DocumentFormat, Message, MessageState, ProtocolName, ReplyTo } from '../../message/message.js';

/** A row of `message`; a refused message has gaps. */
export interface MessageRow {
  id: string;
  messageId: string | null;
  correlationId: string | null;
  relatesTo: string | null;
  senderParticipant: string;
  senderSystem: string;
  /** IPA code that a refused message was meant for, where known. */
  receiver: string | null;
  service: string | null;
  version: number | null;
  operation: string | null;
  replyTo: ReplyTo | null;
  profile: Message['profile'] | null;
  protocol: ProtocolName | null;
  format: DocumentFormat | null;
  headers: Record<string, string> | null;
  digest: string | null;
  size: number;
  acceptedAt: Date;
  state: MessageState;
  /** Deliveries (receipts not counted) that have not ended. */
  open: number;
  /** Deliveries that ended without success. */
  failed: number;
  fault: FaultRecord | null;
}

export const MessageEntity = new EntitySchema<MessageRow>({
  name: 'Message',
  tableName: 'message',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'message_pkey' },
    messageId: { name: 'message_id', type: 'text', nullable: true },
    correlationId: { name: 'correlation_id', type: 'text', nullable: true },
    relatesTo: { name: 'relates_to', type: 'text', nullable: true },
    senderParticipant: { name: 'sender_participant', type: 'text' },
    senderSystem: { name: 'sender_system', type: 'text' },
    receiver: { type: 'text', nullable: true },
    service: { type: 'text', nullable: true },
    version: { type: 'int', nullable: true },
    operation: { type: 'text', nullable: true },
    replyTo: { name: 'reply_to', type: 'jsonb', nullable: true },
    profile: { type: 'text', nullable: true },
    protocol: { type: 'text', nullable: true },
    format: { type: 'text', nullable: true },
    headers: { type: 'jsonb', nullable: true },
    digest: { type: 'text', nullable: true },
    size: { type: 'int' },
    acceptedAt: { name: 'accepted_at', type: 'timestamptz' },
    state: { type: 'text' },
    open: { type: 'int' },
    failed: { type: 'int' },
    fault: { type: 'jsonb', nullable: true },
  },
  indices: [
    { name: 'message_by_message_id', columns: ['messageId'] },
    { name: 'message_by_correlation_id', columns: ['correlationId'] },
    { name: 'message_by_sender', columns: ['senderParticipant', 'id'] },
    { name: 'message_by_receiver', columns: ['receiver', 'id'], where: '(receiver IS NOT NULL)' },
    { name: 'message_by_service', columns: ['service', 'id'] },
    { name: 'message_by_protocol', columns: ['protocol', 'id'] },
    { name: 'message_by_state', columns: ['state', 'id'], where: `(state <> 'COMPLETED'::text)` },
    { name: 'message_by_relation', columns: ['relatesTo'], where: '(relates_to IS NOT NULL)' },
    { name: 'message_by_fault', columns: ['fault'], synchronize: false },
    {
      name: 'message_asked',
      columns: ['id'],
      where: `((profile = 'query'::text) AND (state = 'ACCEPTED'::text) AND (open = 0))`,
    },
  ],
});
