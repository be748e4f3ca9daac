import { MigrationExecutor, type DataSource } from 'typeorm';
import { createPartitions } from './partitions.js';

/** Any number that no other lock of this database uses. */
const MIGRATION_LOCK = 7_236_001;
/** Days that a gateway can run before its sweeper makes the next partitions. */
const DAYS_AHEAD = 3;

/**
 * Applies what is pending, one node at a time: by an advisory lock on PostgreSQL; in the embedded shape the lock on the
 * data directory has already seen to it. Everything runs on the one connection that holds the lock.
 */
export async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await runner.query(`SET statement_timeout = 0`);
    await runner.query(`SET lock_timeout = 0`);
    await runner.query(`SELECT pg_advisory_lock($1)`, [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
    await createPartitions(runner, DAYS_AHEAD);
    await runner.query(`SELECT pg_advisory_unlock($1)`, [MIGRATION_LOCK]);
    await runner.query(`RESET statement_timeout`);
    await runner.query(`RESET lock_timeout`);
  } finally {
    await runner.release();
  }
}
