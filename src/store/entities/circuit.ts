import { EntitySchema } from 'typeorm';

/** A receiving system that failed too often. */
export interface CircuitRow {
  system: string;
  /** When one delivery is let through to see whether it works again. */
  until: Date;
  /** How often it has failed when it was let through, and once more. */
  breaks: number;
}

export const CircuitEntity = new EntitySchema<CircuitRow>({
  name: 'Circuit',
  tableName: 'circuit',
  columns: {
    system: { type: 'text', primary: true, primaryKeyConstraintName: 'circuit_pkey' },
    until: { type: 'timestamptz' },
    breaks: { type: 'int' },
  },
});
