import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http, statusWhen, type StatusView } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { allArrived, sendMany } from '../support/load.js';
import { startArchivedPostgres, type ArchivedPostgres } from '../support/postgres-archive.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

const RETRY = { attempts: 100, firstDelayMs: 100, maxDelayMs: 500 };
const completed = ({ state }: StatusView) => state === 'COMPLETED';

/** The idempotency keys under which each message came. */
function keysOf({ received }: Receiver, ids: readonly string[]): readonly number[] {
  const keys = new Map<unknown, Set<unknown>>();
  for (const { headers } of received) {
    const id = headers['x-gateway-id'];
    keys.set(id, (keys.get(id) ?? new Set()).add(headers['idempotency-key']));
  }
  return ids.map((id) => keys.get(id)?.size ?? 0);
}

describe('restore to a point in time, standard', () => {
  let ground: Ground;
  let postgres: ArchivedPostgres;
  let regione: Receiver;
  let gateway: RunningGateway;
  let files: string;

  beforeAll(async () => {
    [ground, regione, postgres] = await Promise.all([standard(), startReceiver(), startArchivedPostgres()]);
    files = mkdtempSync(join(tmpdir(), 'crocevia-restore-'));
  }, 150_000);

  afterAll(async () => {
    await gateway.stop();
    await Promise.all([regione.stop(), ground.stop(), postgres.stop()]);
    rmSync(files, { recursive: true, force: true });
  }, 60_000);

  it('10: the disk of the database lost, restored from base backup and archived log to a point: what waited is delivered, what was delivered comes again under its key only, what is not in it is told', async () => {
    const push = { channel: 'push-rest', url: regione.url, shape: 'original', retry: RETRY, timeoutMs: 5_000 } as const;
    const env = {
      ...ground.env,
      DATABASE_URL: postgres.url,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ pratola: push, regione: push }),
    };
    gateway = await startGateway(env);
    const done = (await sendMany(gateway.url, 20)).ids;
    postgres.baseBackup();
    await Promise.all(done.map((id) => statusWhen(gateway.url, id, completed)));
    regione.answerWith((_received, reply) => void reply.writeHead(503).end());
    const open = (await sendMany(gateway.url, 20)).ids;

    const point = await postgres.now();
    const after = (await sendMany(gateway.url, 10)).ids;
    regione.answerWith((_received, reply) => void reply.writeHead(200).end());
    await Promise.all([...open, ...after].map((id) => statusWhen(gateway.url, id, completed, 30_000)));
    regione.answerWith((_received, reply) => void reply.writeHead(503).end());
    const waiting = (await sendMany(gateway.url, 10)).ids;
    await regione.next(({ headers }) => headers['x-gateway-id'] === waiting[0]);
    // The line comes a moment after the answer.
    await until(() => waiting.every((id) => gateway.logs().includes(id)));
    await gateway.kill9();
    const log = join(files, 'log');
    writeFileSync(log, gateway.logs());

    await postgres.archived();
    await postgres.lose();
    // RabbitMQ still holds what the restored ledger does not know.
    await postgres.restore(point);
    regione.answerWith((_received, reply) => void reply.writeHead(200).end());
    const before = regione.received.length;
    gateway = await startGateway(env);
    await Promise.all(open.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
    const fresh = (await sendMany(gateway.url, 10)).ids;
    await allArrived(regione, fresh);
    await Promise.all(fresh.map((id) => statusWhen(gateway.url, id, completed)));

    const again = regione.received.slice(before).map(({ headers }) => String(headers['x-gateway-id']));
    const unknown = await Promise.all(
      [...after, ...waiting].map(async (id) => {
        const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
        return (await http(`${gateway.url}/admin/messages/${id}`, { headers })).status;
      }),
    );
    const command = ['dist/cli/crocevia.js', '--url', gateway.url, '--token', ADMIN_TOKEN, 'missing', log];
    const told = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 60_000, env: {} });
    const lines = told.stdout.trim().split('\n');
    const missing = lines.slice(0, -1).map((line) => line.split('  '));
    console.log(`restore: ${again.filter((id) => open.includes(id)).length} of ${open.length} delivered once more`);
    expect([done.length, open.length, after.length, waiting.length]).toEqual([20, 20, 10, 10]);
    expect(again.filter((id) => done.includes(id))).toEqual([]);
    expect(keysOf(regione, [...done, ...open, ...after, ...fresh])).toEqual(Array(60).fill(1));
    expect(unknown).toEqual(Array(20).fill(404));
    expect(missing.map(([, id]) => id).sort()).toEqual([...after, ...waiting].sort());
    expect(new Set(missing.map(([, , sender]) => sender))).toEqual(new Set(['sulmona.anagrafe']));
    expect([lines.at(-1), told.status]).toEqual([
      '20 of 60 accepted messages are not in the ledger: 1 system must send them again under the same id.',
      1,
    ]);
    expect(again.filter((id) => [...after, ...waiting].includes(id))).toEqual([]);
  }, 150_000);
});
