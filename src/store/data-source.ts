import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { CorrectionEntity } from './entities/correction.js';
import { ReportScheduleEntity } from './entities/report-schedule.js';
import { AlertRuleEntity, IncidentEntity, SenderEntity } from './entities/alert.js';
import { AllowanceEntity } from './entities/allowance.js';
import { AttemptEntity } from './entities/attempt.js';
import { BusinessKeyEntity, SearchKeyEntity } from './entities/business-key.js';
import { CircuitEntity } from './entities/circuit.js';
import { ConversationEntity } from './entities/conversation.js';
import { DataKeyEntity } from './entities/data-key.js';
import { DeliveryEntity } from './entities/delivery.js';
import { IdempotencyEntity } from './entities/idempotency.js';
import { JournalEntity } from './entities/journal.js';
import { AccountEntity, AuditEntity, SavedFilterEntity, SessionEntity } from './entities/log-in.js';
import { JobEntity, JobItemEntity } from './entities/job.js';
import { LeaseEntity } from './entities/lease.js';
import { MaintenanceEntity } from './entities/maintenance.js';
import { MessageEntity } from './entities/message.js';
import { SigningKeyEntity, UsedAssertionEntity } from './entities/oauth.js';
import { PayloadChunkEntity, PayloadEntity, PayloadObjectEntity } from './entities/payload.js';
import {
  RegistryChangeEntity,
  RegistryDocumentEntity,
  RegistryFileEntity,
  RegistryRevisionEntity,
} from './entities/registry.js';
import {
  QueueSampleEntity,
  StatisticCursorEntity,
  StatisticEntity,
  StatisticFlowEntity,
} from './entities/statistics.js';
import type { Engine } from './embedded/engine.js';
import { EngineStream } from './embedded/engine-stream.js';
import { Ledger1795467600000 } from './migrations/1795467600000-ledger.js';
import { Retention1795740000005 } from './migrations/1795740000005-retention.js';
import { Registry1795690000001 } from './migrations/1795690000001-registry.js';
import { Asked1795720000000 } from './migrations/1795720000000-asked.js';
import { Order1795740000001 } from './migrations/1795740000001-order.js';
import { Turns1795750000001 } from './migrations/1795750000001-turns.js';
import { Ended1795760000003 } from './migrations/1795760000003-ended.js';
import { Payloads1795740000004 } from './migrations/1795740000004-payloads.js';
import { Rounds1795730000000 } from './migrations/1795730000000-rounds.js';
import { Jobs1795740000002 } from './migrations/1795740000002-jobs.js';
import { Search1795810000004 } from './migrations/1795810000004-search.js';
import { LogIn1795800000002 } from './migrations/1795800000002-log-in.js';
import { Withdrawn1795770000001 } from './migrations/1795770000001-withdrawn.js';
import { Allowances1795780000003 } from './migrations/1795780000003-allowances.js';
import { Sealed1795790000003 } from './migrations/1795790000003-sealed.js';
import { Alerts1795810000002 } from './migrations/1795810000002-alerts.js';
import { Maintenance1795910000000 } from './migrations/1795910000000-maintenance.js';
import { SavedFilters1795920000000 } from './migrations/1795920000000-saved-filters.js';
import { Corrections1795900000000 } from './migrations/1795900000000-corrections.js';
import { ReportSchedules1795820000004 } from './migrations/1795820000004-report-schedules.js';
import { Oauth1795780000001 } from './migrations/1795780000001-oauth.js';
import { Statistics1795810000003 } from './migrations/1795810000003-statistics.js';
import { Window1795690000000 } from './migrations/1795690000000-window.js';
import { ReplyTo1795700000000 } from './migrations/1795700000000-reply-to.js';

const ENTITIES = [
  MessageEntity,
  PayloadEntity,
  PayloadObjectEntity,
  PayloadChunkEntity,
  BusinessKeyEntity,
  SearchKeyEntity,
  DeliveryEntity,
  ConversationEntity,
  CircuitEntity,
  AttemptEntity,
  JournalEntity,
  IdempotencyEntity,
  LeaseEntity,
  AllowanceEntity,
  DataKeyEntity,
  JobEntity,
  JobItemEntity,
  RegistryDocumentEntity,
  RegistryFileEntity,
  RegistryChangeEntity,
  RegistryRevisionEntity,
  SessionEntity,
  AccountEntity,
  AuditEntity,
  SigningKeyEntity,
  UsedAssertionEntity,
  StatisticCursorEntity,
  StatisticFlowEntity,
  StatisticEntity,
  QueueSampleEntity,
  AlertRuleEntity,
  IncidentEntity,
  SenderEntity,
  ReportScheduleEntity,
  CorrectionEntity,
  MaintenanceEntity,
  SavedFilterEntity,
];

/** Of every data source. */
export const SHARED = {
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
    Order1795740000001,
    Turns1795750000001,
    Payloads1795740000004,
    Ended1795760000003,
    Withdrawn1795770000001,
    Allowances1795780000003,
    Sealed1795790000003,
    LogIn1795800000002,
    Search1795810000004,
    Oauth1795780000001,
    Statistics1795810000003,
    Alerts1795810000002,
    ReportSchedules1795820000004,
    Corrections1795900000000,
    Maintenance1795910000000,
    SavedFilters1795920000000,
  ],
  migrationsTableName: 'migration',
  installExtensions: false,
  synchronize: false,
  logging: false,
  // An idle connection that was lost is replaced by the pool; whoever needs the next one is told if there is none.
  poolErrorHandler: () => undefined,
} satisfies Partial<DataSourceOptions>;

/** After which a connection is made anew: with it go the plans for days that are over. */
export const PLANS_SECONDS = 21_600;

/** The embedded engine has one session: a pool of one hands it out, for a transaction as a whole. */
export function embeddedSource(engine: Engine): DataSource {
  return new DataSource({
    ...SHARED,
    host: 'embedded',
    username: 'postgres',
    database: 'postgres',
    poolSize: 1,
    extra: { idleTimeoutMillis: 0, maxLifetimeSeconds: PLANS_SECONDS, stream: () => new EngineStream(engine) },
  });
}
