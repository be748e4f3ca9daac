import { http } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { scrape } from '../support/metrics.js';
import { bearer, writeOperators } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { eventually } from '../support/until.js';

interface SystemView {
  readonly startedAt: string;
  readonly nodejs: string;
  readonly memory: { readonly used: number; readonly size: number };
  readonly payloads: string;
  readonly disks: readonly { readonly place: string; readonly free: number; readonly size: number }[];
  readonly databaseFault: string | null;
  readonly database: {
    readonly version: string;
    readonly bytes: number;
    readonly migrations: { readonly applied: number; readonly pending: readonly string[]; readonly last: string };
    readonly archive: { readonly mode: string };
    readonly baseBackup: { readonly isVisible: boolean; readonly endedAt: string | null };
    readonly nodes: readonly string[];
    readonly leases: readonly { readonly name: string; readonly owner: string }[];
  } | null;
  readonly rounds: readonly {
    readonly name: string;
    readonly startedAt: string;
    readonly done: Readonly<Record<string, number>>;
    readonly fault: string | null;
  }[];
}

describe.each(SHAPES)('the system, %s', (name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;

  beforeAll(async () => {
    ground = await lay();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_NODE: 'nodo-uno' });
  }, 120_000);
  afterAll(async () => {
    await gateway.stop();
    await ground.stop();
  }, 60_000);

  const system = async () =>
    (await http(`${gateway.url}/admin/system`, { headers: bearer('auditor') })).json<SystemView>();

  it('7.16: tells process, disks, database and migrations, by the readings of the metrics', async () => {
    const [seen, { sum }] = [await system(), await scrape(gateway)];
    expect(seen).toMatchObject({ nodejs: process.version, payloads: 'database', databaseFault: null });
    expect(Date.now() - Date.parse(seen.startedAt)).toBeLessThan(600_000);
    expect(seen.memory.used).toBeGreaterThan(10_000_000);
    expect(seen.memory.size).toBeGreaterThan(seen.memory.used);
    expect(seen.database).toMatchObject({ version: expect.stringMatching(/^1\d/), migrations: { pending: [] } });
    expect(seen.database!.migrations.applied).toBeGreaterThan(20);
    expect(seen.database!.bytes).toBe(sum('crocevia_database_bytes'));
    expect(seen.database!.baseBackup).toEqual({ isVisible: false, endedAt: null });
    expect(seen.disks.map(({ place }) => place)).toEqual(name === 'embedded' ? ['data'] : []);
    for (const { free, size } of seen.disks) expect(free > 0 && size >= free).toBe(true);
    expect(seen.database!.nodes).toEqual(name === 'embedded' ? [] : ['nodo-uno']);
  });

  it('7.16: tells how the node was doing since its start', async () => {
    const answer = await http(`${gateway.url}/admin/system/history`, { headers: bearer('auditor') });
    const { points } = answer.json<{
      points: readonly { readonly memory: number; readonly disks: readonly object[] }[];
    }>();
    expect(points.length).toBeGreaterThan(0);
    expect(points[0]!.memory).toBeGreaterThan(10_000_000);
    expect(points[0]!.disks).toHaveLength(name === 'embedded' ? 1 : 0);
  });

  it('7.16: tells what this node has done last, and who holds what', async () => {
    const { rounds, database } = await eventually(system, ({ rounds }) =>
      rounds.some(({ name }) => name === 'retention'),
    );
    expect(rounds.map(({ name }) => name)).toEqual(expect.arrayContaining(['sweep', 'uploads', 'partitions']));
    expect(rounds.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(rounds.find(({ name }) => name === 'retention')?.done).toMatchObject({ purged: 0, dropped: 0 });
    expect(database!.leases).toContainEqual(expect.objectContaining({ name: 'sweeper', owner: 'nodo-uno' }));
  }, 60_000);
});
