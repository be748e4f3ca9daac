import { freePort } from '../test/support/ports.js';
import { startGateway, type RunningGateway } from '../test/support/gateway.js';
import type { Place } from './servers.js';

const ROLES = { g1: 'ingress,relay,admin', g2: 'ingress,relay,admin', d1: 'dispatcher', d2: 'dispatcher' } as const;
export type NodeName = keyof typeof ROLES;
export const GATEWAYS = ['g1', 'g2'] as const;
export const DISPATCHERS = ['d1', 'd2'] as const;
export const ALL_NODES = [...GATEWAYS, ...DISPATCHERS] as const;

/** In which a process must have started, however often it is tried. */
const START_LIMIT_MS = 240_000;

/** The processes of Crocevia: two that take messages, two that deliver. Each keeps its port over restarts. */
export class Nodes {
  private readonly running = new Map<NodeName, RunningGateway>();
  private readonly ports = new Map<NodeName, number>();

  constructor(
    private readonly place: Place,
    private readonly registry: string,
    private readonly build: { readonly main: string; readonly caFile: string },
  ) {}

  async start(...names: readonly NodeName[]): Promise<void> {
    await Promise.all(names.map((name) => this.startOne(name)));
  }

  /** Restarts one with code that runs in it before its own, and in its threads. */
  async restartWith(name: NodeName, preload: string): Promise<void> {
    await this.kill(name);
    await this.startOne(name, { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}` });
  }

  /** SIGKILL. */
  async kill(...names: readonly NodeName[]): Promise<void> {
    await Promise.all(names.map((name) => this.running.get(name)!.kill9()));
  }

  /** SIGTERM, and waits. */
  async stop(name: NodeName): Promise<void> {
    await this.running.get(name)!.stop();
  }

  signal(name: NodeName, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    process.kill(this.running.get(name)!.pid, signal);
  }

  url(name: NodeName): string {
    return `http://127.0.0.1:${this.ports.get(name)}`;
  }

  logs(): string {
    return [...this.running].map(([name, node]) => node.logs().replaceAll(/^/gm, `${name} `)).join('\n');
  }

  async end(): Promise<void> {
    await this.kill(...this.running.keys());
  }

  private async startOne(name: NodeName, more: Record<string, string> = {}): Promise<void> {
    const port = this.ports.get(name) ?? (await freePort());
    this.ports.set(name, port);
    const env = {
      DATABASE_URL: this.place.databaseUrl(name),
      AMQP_URL: this.place.amqpUrls(name).join(','),
      CROCEVIA_REGISTRY_DIR: this.registry,
      CROCEVIA_ROLES: ROLES[name],
      CROCEVIA_NODE: name,
      CROCEVIA_PORT: String(port),
      CROCEVIA_LOG_LEVEL: 'error',
      CROCEVIA_ALLOWED_NETWORKS: '127.0.0.0/8',
      NODE_EXTRA_CA_CERTS: this.build.caFile,
      ...more,
    };
    // A service manager starts again what could not start, as where the database is not yet back.
    const end = Date.now() + START_LIMIT_MS;
    const again = (): Promise<RunningGateway> =>
      startGateway(env, this.build.main).catch((error: unknown) => {
        if (Date.now() > end) throw error;
        console.log(`  ${name} did not start: ${String(error).slice(0, 400)}`);
        return again();
      });
    this.running.set(name, await again());
  }
}
