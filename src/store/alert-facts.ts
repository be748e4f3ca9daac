import type { Facts } from '../alerts/ports.js';
import { timeOf } from '../new-id.js';
import { histogramOf, percentile } from '../statistics/latency.js';
import type { Outcome, StatisticsReader, Sum } from '../statistics/ports.js';
import type { OpenFloor } from './open-floor.js';
import { firstIdAt } from './partitions.js';
import type { Sql } from './sql.js';

/** Open deliveries, those that expire first, and by their partial index. Numbers in the text keep the planner on it. */
const open = (since: string) => `
SELECT receiver_system AS system, min(receiver_participant) AS participant, count(*)::int AS open,
  min(message_id::text) AS oldest FROM (
  SELECT receiver_system, receiver_participant, message_id FROM delivery WHERE message_id >= ${since} AND ended_at IS NULL
  ORDER BY expires_at LIMIT 100000) d GROUP BY 1`;

/** The pause of a circuit grows with its breaks; its first one is not written down, so they are summed (circuits.ts). */
const SPARED = `
SELECT system, (SELECT sum(least(60, 5 * 2 ^ (n - 1))) FROM generate_series(1, least(breaks, 1000)) n)::float8 / 60 AS minutes
FROM circuit`;

/** $1 the first id that may be new. */
const HEARD = `
WITH heard AS (
  SELECT sender_participant AS participant, max(accepted_at) AS at FROM message WHERE id >= $1 GROUP BY 1
)
INSERT INTO alert_sender AS s (participant, seen_at) SELECT participant, at FROM heard ORDER BY 1
ON CONFLICT (participant) DO UPDATE SET seen_at = greatest(s.seen_at, excluded.seen_at)`;

const SENDERS = `
SELECT participant, extract(epoch FROM now() - seen_at)::float8 / 60 AS minutes FROM alert_sender`;

/** Senders are looked for again in what came since the last look, and a little before. */
const OVERLAP_MS = 60_000;
const FIRST_LOOK_MS = 3_600_000;

const MINUTE_MS = 60_000;
const ENDS = ['delivered', 'failed', 'expired'] as const satisfies readonly Outcome[];
const BY = ['system', 'receiver', 'outcome', 'bucket'] as const;

type Ended = Sum<(typeof BY)[number]>;

/** What rules are held against, of what the ledger has and has counted. */
export class AlertFacts {
  private heardAt = Date.now() - FIRST_LOOK_MS;

  constructor(
    private readonly sql: Sql,
    private readonly floor: OpenFloor,
    private readonly statistics: Pick<StatisticsReader, 'sums'>,
  ) {}

  /** Throws Fault store-unavailable. */
  async read(windowMinutes: number): Promise<Pick<Facts, 'systems' | 'senders'>> {
    const now = Date.now();
    await this.sql.once(HEARD, [firstIdAt(this.heardAt - OVERLAP_MS)]);
    this.heardAt = now;
    const waiting = await this.sql.once<OpenRow>(open(await this.floor.since()), []);
    const ended = await this.endedSince(now - windowMinutes * MINUTE_MS);
    const spared = await this.sql.query<SparedRow>(SPARED);
    const senders = await this.sql.query<Facts['senders'][number]>(SENDERS);
    return { systems: systemsOf({ waiting, ended, spared }, now), senders };
  }

  /** By the minutes in which they ended, the one that it falls in included. */
  private async endedSince(ms: number): Promise<readonly Ended[]> {
    const from = new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS);
    const to = new Date(Date.now() + MINUTE_MS);
    const rows = await this.statistics.sums({ grain: 'minute', from, to, scope: null, by: BY, outcomes: ENDS });
    return rows.filter(({ system }) => system !== '');
  }
}

interface OpenRow {
  readonly system: string;
  readonly participant: string;
  readonly open: number;
  readonly oldest: string;
}

interface SparedRow {
  readonly system: string;
  readonly minutes: number;
}

interface Rows {
  readonly waiting: readonly OpenRow[];
  readonly ended: readonly Ended[];
  readonly spared: readonly SparedRow[];
}

/** A circuit tells no body: of a spared system something waits, else it is no matter. */
function systemsOf({ waiting, ended, spared }: Rows, now: number): Facts['systems'] {
  const left = new Map(waiting.map((row) => [row.system, row]));
  const over = new Map<string, Ended[]>();
  for (const row of ended) {
    const own = over.get(row.system);
    if (own) own.push(row);
    else over.set(row.system, [row]);
  }
  const minutes = new Map(spared.map((row) => [row.system, row.minutes]));
  return [...new Set([...left.keys(), ...over.keys()])].map((system) => {
    const open = left.get(system);
    const oldest = open ? Math.max(0, now - timeOf(open.oldest)) / 1000 : 0;
    const facts = { ...NOTHING, ...endOf(over.get(system) ?? []), ...open };
    return { ...facts, oldest, system, spared: minutes.get(system) ?? null };
  });
}

const NOTHING = { participant: '', open: 0 };

function endOf(rows: readonly Ended[]) {
  const delivered = rows.filter(({ outcome }) => outcome === 'delivered');
  const [ended, well] = [rows, delivered].map((some) => some.reduce((sum, { count }) => sum + count, 0)) as [
    number,
    number,
  ];
  const p95 = percentile(histogramOf(delivered), 0.95);
  return {
    ...(rows[0] && { participant: rows[0].receiver }),
    ended,
    failed: ended - well,
    p95: p95 === null ? null : p95 / 1000,
  };
}
