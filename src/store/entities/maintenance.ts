import { EntitySchema } from 'typeorm';

/** One row at most: that nothing new is taken. */
export interface MaintenanceRow {
  /** Always the same. */
  name: string;
  operator: string;
  reason: string;
  since: Date;
  until: Date | null;
}

export const MaintenanceEntity = new EntitySchema<MaintenanceRow>({
  name: 'Maintenance',
  tableName: 'maintenance',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'maintenance_pkey' },
    operator: { type: 'text' },
    reason: { type: 'text' },
    since: { type: 'timestamptz' },
    until: { type: 'timestamptz', nullable: true },
  },
});
