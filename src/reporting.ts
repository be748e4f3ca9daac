import { participantsOf } from './admin/permissions.js';
import { mailerOf } from './alerting.js';
import type { Config } from './config.js';
import { operatorOf } from './login/known-operator.js';
import { createReport } from './reports/reports.js';
import { createSchedules } from './reports/schedules.js';
import type { Registry } from './registry/registry.js';
import type { Scope } from './statistics/ports.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';
import type { RoundBook } from './trace/rounds.js';

interface ReportSources {
  readonly config: Config;
  readonly store: Pick<Store, 'statistics' | 'schedules' | 'sweeper'>;
  readonly registry: () => Registry;
  readonly book: Pick<RoundBook, 'note'>;
  readonly log: Pick<GatewayLog, 'problem'>;
}

/** Reports, and those that are sent by mail. */
export function reportParts({ config, store, registry, book, log }: ReportSources) {
  const report = createReport(store.statistics, registry);
  const schedules = createSchedules({
    store: store.schedules,
    report,
    mailer: mailerOf(config),
    scopeOf: (operator) => scopeOf(operator, registry()),
    leases: store.sweeper,
    owner: config.owner,
    book,
    publicUrl: config.publicUrl,
    problem: log.problem('reports'),
  });
  return { report, schedules };
}

function scopeOf(id: string, registry: Registry): Scope | undefined {
  const operator = operatorOf(id, registry);
  if (!operator) return undefined;
  const participants = participantsOf(operator, registry.participants());
  return participants && [...participants];
}
