import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AttemptEntity } from './entities/attempt.js';
import { DeliveryEntity } from './entities/delivery.js';
import { IdempotencyEntity } from './entities/idempotency.js';
import { JournalEntity } from './entities/journal.js';
import { JobEntity, JobItemEntity } from './entities/job.js';
import { LeaseEntity } from './entities/lease.js';
import { MessageEntity } from './entities/message.js';
import { PayloadEntity } from './entities/payload.js';
import {
  RegistryChangeEntity,
  RegistryDocumentEntity,
  RegistryFileEntity,
  RegistryRevisionEntity,
} from './entities/registry.js';
import type { Engine } from './embedded/engine.js';
import { EngineStream } from './embedded/engine-stream.js';
import { Ledger1795467600000 } from './migrations/1795467600000-ledger.js';
import { Retention1795740000005 } from './migrations/1795740000005-retention.js';
import { Registry1795690000001 } from './migrations/1795690000001-registry.js';
import { Asked1795720000000 } from './migrations/1795720000000-asked.js';
import { Rounds1795730000000 } from './migrations/1795730000000-rounds.js';
import { Jobs1795740000002 } from './migrations/1795740000002-jobs.js';
import { Window1795690000000 } from './migrations/1795690000000-window.js';
import { ReplyTo1795700000000 } from './migrations/1795700000000-reply-to.js';

const ENTITIES = [
  MessageEntity,
  PayloadEntity,
  DeliveryEntity,
  AttemptEntity,
  JournalEntity,
  IdempotencyEntity,
  LeaseEntity,
  JobEntity,
  JobItemEntity,
  RegistryDocumentEntity,
  RegistryFileEntity,
  RegistryChangeEntity,
  RegistryRevisionEntity,
];

const SHARED = {
  type: 'postgres' as const,
  driver: pg,
  entities: ENTITIES,
  migrations: [
    Ledger1795467600000,
    Window1795690000000,
    Registry1795690000001,
    ReplyTo1795700000000,
    Asked1795720000000,
    Rounds1795730000000,
    Retention1795740000005,
    Jobs1795740000002,
  ],
  migrationsTableName: 'migration',
  installExtensions: false,
  synchronize: false,
  logging: false,
  // An idle connection that was lost is replaced by the pool; whoever needs the next one is told if there is none.
  poolErrorHandler: () => undefined,
} satisfies Partial<DataSourceOptions>;

/** Of every connection to PostgreSQL. Compiling a statement takes ten times as long as running any of ours. */
const SESSION = {
  keepAlive: true,
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 30_000,
  query_timeout: 20_000,
};
const NO_COMPILER = '-c jit=off';
const CONNECT_MS = 5_000;

/** PostgreSQL behind a small pool, for what is read or changed by TypeORM. */
export function serverSource(url: string, owner: string, poolSize: number): DataSource {
  return new DataSource({
    ...SHARED,
    url,
    poolSize,
    connectTimeoutMS: CONNECT_MS,
    applicationName: `crocevia ${owner}`,
    extra: { ...SESSION, options: NO_COMPILER },
  });
}

/**
 * For the statements of the path: many callers share each of them, so a few connections are plenty. Their plans are made once a
 * connection: for its own values each time, over the partitions of every day, planning takes half as long as running.
 */
export function pathPool(url: string, owner: string, poolSize: number): pg.Pool {
  const pool = new pg.Pool({
    ...SESSION,
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: `crocevia ${owner}`,
    options: `${NO_COMPILER} -c plan_cache_mode=force_generic_plan`,
  });
  return pool.on('error', SHARED.poolErrorHandler);
}

/** The embedded engine has one session: a pool of one hands it out, for a transaction as a whole. */
export function embeddedSource(engine: Engine): DataSource {
  return new DataSource({
    ...SHARED,
    host: 'embedded',
    username: 'postgres',
    database: 'postgres',
    poolSize: 1,
    extra: { idleTimeoutMillis: 0, stream: () => new EngineStream(engine) },
  });
}
