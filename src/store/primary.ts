import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** One of the hosts of DATABASE_URL. */
export interface Server {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

const LOOK_MS = 3_000;
/** The others may still say that they are on a newer timeline than the first who answers. */
const GRACE_MS = 250;
const WATCH_EVERY_MS = 2_000;

/** Null in recovery and where nothing can be written; a promotion begins a new timeline (PostgreSQL 15 §26.3.5). */
const LOOK = `SELECT CASE WHEN NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
  THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline`;

/**
 * Which of several servers is the primary: node-postgres knows one host only. A server on an older timeline than one
 * that was seen before is never taken: it is a former primary that has come back.
 */
export class Primary {
  readonly servers: readonly Server[];
  private known: Server | null;
  private timeline = 0;
  private search: Promise<Server> | null = null;
  private readonly watch: NodeJS.Timeout | null;

  /** `moved` is told when another server has become the primary while the known one seemed well. */
  constructor(
    urls: readonly string[],
    private readonly moved: (to: Server) => void,
  ) {
    this.servers = urls.map(serverOf);
    this.known = this.servers.length === 1 ? this.servers[0]! : null;
    this.watch = this.known === null ? setInterval(() => void this.lookAround(), WATCH_EVERY_MS).unref() : null;
  }

  /** Rejects with the code ENOPRIMARY where no server can be written to. Callers share one search. */
  find(): Promise<Server> {
    if (this.known !== null) return Promise.resolve(this.known);
    return (this.search ??= this.choose(this.servers).finally(() => (this.search = null)));
  }

  /** The server is away or cannot be written to: the next `find` looks at all of them again. */
  doubt(server: Server): void {
    if (this.known === server && this.servers.length > 1) this.known = null;
  }

  stop(): void {
    if (this.watch !== null) clearInterval(this.watch);
  }

  private async choose(among: readonly Server[]): Promise<Server> {
    const best = newest(await lookAtAll(among));
    if (best === null || best.timeline < this.timeline) {
      const text = 'None of the hosts of DATABASE_URL is a primary that can be written to.';
      throw Object.assign(new Error(text), { code: 'ENOPRIMARY' });
    }
    this.timeline = best.timeline;
    return (this.known = best.server);
  }

  /** A primary that was cut off answers nothing, and its connections would be waited for until their time is over. */
  private async lookAround(): Promise<void> {
    const current = this.known;
    if (current === null) return;
    const best = newest(await lookAtAll(this.servers.filter((server) => server !== current)));
    if (best === null || best.timeline <= this.timeline || this.known !== current) return;
    this.timeline = best.timeline;
    this.known = best.server;
    this.moved(best.server);
  }
}

interface Seen {
  readonly server: Server;
  readonly timeline: number;
}

async function lookAtAll(servers: readonly Server[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let first: () => void = () => undefined;
  const someone = new Promise<void>((resolve) => (first = resolve));
  const each = servers.map(async (server) => {
    const timeline = await lookAt(server).catch(() => null);
    if (timeline === null) return;
    seen.push({ server, timeline });
    first();
  });
  await Promise.race([Promise.all(each), someone.then(() => pause(GRACE_MS))]);
  return seen;
}

async function lookAt({ url }: Server): Promise<number | null> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LOOK_MS,
    query_timeout: LOOK_MS,
    application_name: 'crocevia looks for the primary',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ timeline: number | null }>(LOOK)).rows[0]?.timeline ?? null;
  } finally {
    client.end().catch(() => undefined);
  }
}

const newest = (seen: readonly Seen[]): Seen | null =>
  seen.reduce<Seen | null>((best, one) => (best === null || one.timeline > best.timeline ? one : best), null);

function serverOf(url: string): Server {
  const { host, port } = new pg.Client({ connectionString: url });
  return { url, host, port };
}
