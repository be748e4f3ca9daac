import { EntitySchema } from 'typeorm';

/** What contents of a participant and day are encrypted with. */
export interface DataKeyRow {
  id: string;
  participant: string;
  /** UTC, `2026-11-27`. */
  day: string;
  /** Sealed with the master key. */
  wrapped: string;
}

export const DataKeyEntity = new EntitySchema<DataKeyRow>({
  name: 'DataKey',
  tableName: 'data_key',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'data_key_pkey' },
    participant: { type: 'text' },
    day: { type: 'date' },
    wrapped: { type: 'text' },
  },
  uniques: [{ name: 'data_key_of_day', columns: ['participant', 'day'] }],
});
