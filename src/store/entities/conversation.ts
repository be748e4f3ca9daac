import { EntitySchema } from 'typeorm';

/** The messages of one sender's conversation for one receiving system, where they go in order. */
export interface ConversationRow {
  receiverSystem: string;
  /** Sending system, blank, conversation: see rows.ts. */
  conversation: string;
  /** The highest number given to a delivery. */
  last: number;
  /** The highest number that was let go. */
  passed: number;
  /** Grows with every delivery that comes, ends or is sent anew: who decides compares it. */
  changes: number;
  /** When to look whose turn it is. */
  dueAt: Date | null;
  /** Until when the next one waits for the number that is missing before it. */
  gapUntil: Date | null;
  /** True where the sender has numbered any: its numbers must not begin again. */
  numbered: boolean;
  /** When a delivery came, ended or was sent anew. */
  changedAt: Date;
}

export const ConversationEntity = new EntitySchema<ConversationRow>({
  name: 'Conversation',
  tableName: 'conversation',
  columns: {
    receiverSystem: {
      name: 'receiver_system',
      type: 'text',
      primary: true,
      primaryKeyConstraintName: 'conversation_pkey',
    },
    conversation: { type: 'text', primary: true, primaryKeyConstraintName: 'conversation_pkey' },
    last: { type: 'int' },
    passed: { type: 'int' },
    changes: { type: 'int' },
    dueAt: { name: 'due_at', type: 'timestamptz', nullable: true },
    gapUntil: { name: 'gap_until', type: 'timestamptz', nullable: true },
    numbered: { type: 'boolean', default: true },
    changedAt: { name: 'changed_at', type: 'timestamptz', default: () => 'now()' },
  },
  indices: [{ name: 'conversation_due', columns: ['dueAt'], where: `(due_at IS NOT NULL)` }],
});
