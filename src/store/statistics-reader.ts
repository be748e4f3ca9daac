import type {
  CircuitView,
  Dimension,
  KnownFlow,
  QueueChoice,
  QueuePoint,
  QueueSample,
  Scope,
  StatisticsReader,
  Sum,
  SumQuery,
} from '../statistics/ports.js';
import type { Sql } from './sql.js';

/** A row is of a table's own, or of its flow. */
const COLUMNS: Readonly<Record<Dimension, string>> = {
  at: 's.at',
  flow: 's.flow',
  sender: 'f.sender',
  receiver: 'f.receiver',
  system: 'f.system',
  service: 'f.service',
  version: 'f.version',
  outcome: 's.outcome',
  fault: 's.fault',
  bucket: 's.bucket',
};

const OF_FLOWS = `AND ($6::text[] IS NULL OR f.sender = ANY ($6) OR f.receiver = ANY ($6))
  AND ($7::text[] IS NULL OR f.service = ANY ($7)) AND ($8::text IS NULL OR f.sender = $8 OR f.receiver = $8)`;

/** Sums of everything need no look at whose they are. */
const sumsBy = (by: readonly Dimension[], isOfFlows: boolean) => `
SELECT ${by.map((name) => `${COLUMNS[name]} AS ${name},`).join(' ')} sum(s.count)::float8 AS count, sum(s.bytes)::float8 AS bytes
FROM statistic s ${isOfFlows ? 'JOIN statistic_flow f ON f.id = s.flow' : ''}
WHERE s.grain = $1 AND s.at >= $2 AND s.at < $3 AND ($4::text[] IS NULL OR s.outcome = ANY ($4)) AND ($5::bigint[] IS NULL OR s.flow = ANY ($5))
${isOfFlows ? OF_FLOWS : ''}
${by.length > 0 ? `GROUP BY ${by.map((_, at) => at + 1).join(', ')}` : ''}`;

const FLOWS = `SELECT id, sender, receiver, system, service, version, last_at AS "lastAt" FROM statistic_flow
  WHERE $1::text[] IS NULL OR sender = ANY ($1) OR receiver = ANY ($1)`;

const SAMPLE = `q.at, q.sampled_at AS "sampledAt", q.system, q.agreement, q.queued, q.delivering, q.available, q.retrying, q.suspended, q.dead,
  q.dead_since AS "deadSince", q.oldest_at AS "oldestAt", q.next_attempt_at AS "nextAttemptAt"`;

const LATEST = `
SELECT ${SAMPLE} FROM queue_sample q JOIN (
  SELECT at, sampled_at FROM queue_sample WHERE system = '' AND at > now() - $1::float8 * interval '1 millisecond' - interval '1 minute'
  ORDER BY at DESC LIMIT 1) last ON q.at = last.at AND q.sampled_at = last.sampled_at
WHERE last.sampled_at > now() - $1::float8 * interval '1 millisecond'`;

const SINCE = `
SELECT ${SAMPLE} FROM queue_sample q JOIN (
  SELECT at, sampled_at FROM queue_sample WHERE system = '' AND at >= $1 ORDER BY at LIMIT 1) first
ON q.at = first.at AND q.sampled_at = first.sampled_at`;

/** $1 from when, $2 systems or $3 agreements, $4 systems besides. Each minute has its row without a system, which counts nothing. */
const SERIES = `
SELECT q.at, sum(q.queued + q.delivering + q.available + q.retrying + q.suspended)::int AS depth,
  greatest(0, coalesce(round(extract(epoch FROM max(q.sampled_at) - min(q.oldest_at))), 0))::int AS "ageSeconds"
FROM queue_sample q JOIN queue_sample last ON last.at = q.at AND last.system = '' AND last.agreement = '' AND last.sampled_at = q.sampled_at
WHERE q.at >= $1 AND (q.system = '' OR ($2::text[] IS NULL OR q.system = ANY ($2) OR q.agreement = ANY ($3::text[]))
  AND ($4::text[] IS NULL OR q.system = ANY ($4)))
GROUP BY q.at ORDER BY q.at`;

/** Sums over what was counted. */
export class CountedStatistics implements StatisticsReader {
  constructor(private readonly sql: Sql) {}

  sums<D extends Dimension>(query: SumQuery<D>): Promise<readonly Sum<D>[]> {
    const { grain, from, to, scope, by, outcomes, services, flows, entity } = query;
    const of = [scope, services, entity].map((one) => one ?? null);
    const isOfFlows = of.some((one) => one !== null) || by.some((name) => COLUMNS[name].startsWith('f.'));
    const values = [grain, from, to, outcomes ?? null, flows ?? null, ...(isOfFlows ? of : [])];
    return this.sql.query<Sum<D>>(sumsBy(by, isOfFlows), values);
  }

  knownFlows(scope: Scope): Promise<readonly KnownFlow[]> {
    return this.sql.query<KnownFlow>(FLOWS, [scope]);
  }

  async queues(withinMs: number) {
    const rows = await this.sql.query<QueueSample>(LATEST, [withinMs]);
    const [first] = rows;
    return first ? { sampledAt: first.sampledAt, rows: rows.filter(isQueue) } : null;
  }

  async queuesSince(from: Date): Promise<readonly QueueSample[]> {
    return (await this.sql.query<QueueSample>(SINCE, [from])).filter(isQueue);
  }

  queueSeries(from: Date, { of, only }: QueueChoice): Promise<readonly QueuePoint[]> {
    return this.sql.query<QueuePoint>(SERIES, [from, of?.systems ?? null, of?.agreements ?? null, only]);
  }

  openCircuits(): Promise<readonly CircuitView[]> {
    return this.sql.query<CircuitView>(`SELECT system, until FROM circuit`);
  }
}

const isQueue = ({ system }: QueueSample) => system !== '';
