import { EntitySchema } from 'typeorm';

/** A limit of which nodes take slices. */
export interface AllowanceRow {
  key: string;
  /** When its window ends; the next begins with the next use. */
  until: Date;
  /** The limit, as it was asked last. */
  most: string;
  used: string;
  /** To whom asked last. */
  granted: string;
}

export const AllowanceEntity = new EntitySchema<AllowanceRow>({
  name: 'Allowance',
  tableName: 'allowance',
  columns: {
    key: { type: 'text', primary: true, primaryKeyConstraintName: 'allowance_pkey' },
    until: { type: 'timestamptz' },
    most: { type: 'bigint' },
    used: { type: 'bigint' },
    granted: { type: 'bigint' },
  },
});
