import { EntitySchema } from 'typeorm';
import type { Correction } from '../../corrections/ports.js';

export const CorrectionEntity = new EntitySchema<Correction & { content: Buffer | null; sealed: string | null }>({
  name: 'Correction',
  tableName: 'correction',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'correction_pkey' },
    messageId: { name: 'message_id', type: 'uuid' },
    sender: { type: 'text' },
    system: { type: 'text' },
    receiver: { type: 'text' },
    service: { type: 'text' },
    version: { type: 'int' },
    operation: { type: 'text' },
    headers: { type: 'jsonb' },
    size: { type: 'int' },
    reason: { type: 'text' },
    state: { type: 'text', default: 'PROPOSED' },
    operator: { type: 'text' },
    createdAt: { name: 'created_at', type: 'timestamptz', default: () => 'now()' },
    decidedBy: { name: 'decided_by', type: 'text', nullable: true },
    decidedAt: { name: 'decided_at', type: 'timestamptz', nullable: true },
    decisionReason: { name: 'decision_reason', type: 'text', nullable: true },
    sentAs: { name: 'sent_as', type: 'uuid', nullable: true },
    fault: { type: 'text', nullable: true },
    content: { type: 'bytea', nullable: true },
    sealed: { type: 'uuid', nullable: true },
  },
});
