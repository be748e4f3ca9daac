import { EntitySchema } from 'typeorm';
import type { FaultRecord } from '../../message/fault.js';

export interface AttemptRow {
  messageId: string;
  deliveryId: string;
  number: number;
  startedAt: Date;
  duration: number;
  target: string;
  status: number | null;
  response: string | null;
  fault: FaultRecord | null;
}

export const AttemptEntity = new EntitySchema<AttemptRow>({
  name: 'Attempt',
  tableName: 'attempt',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'attempt_pkey' },
    deliveryId: { name: 'delivery_id', type: 'uuid', primary: true, primaryKeyConstraintName: 'attempt_pkey' },
    number: { type: 'int', primary: true, primaryKeyConstraintName: 'attempt_pkey' },
    startedAt: { name: 'started_at', type: 'timestamptz' },
    duration: { type: 'float8' },
    target: { type: 'text' },
    status: { type: 'int', nullable: true },
    response: { type: 'text', nullable: true },
    fault: { type: 'jsonb', nullable: true },
  },
});
