import { EntitySchema } from 'typeorm';

/** Who may do a thing that one node does at a time. */
export interface LeaseRow {
  name: string;
  owner: string;
  until: Date;
}

export const LeaseEntity = new EntitySchema<LeaseRow>({
  name: 'Lease',
  tableName: 'lease',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'lease_pkey' },
    owner: { type: 'text' },
    until: { type: 'timestamptz' },
  },
});
