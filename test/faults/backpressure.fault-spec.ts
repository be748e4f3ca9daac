import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { http, idOf, statusWhen, type HttpAnswer, type StatusView } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { allArrived, sendMany, sendNotice } from '../support/load.js';
import {
  startFullablePostgres,
  startPostgres,
  type FullablePostgres,
  type PrivatePostgres,
} from '../support/postgres.js';
import { startRabbit, type Rabbit } from '../support/rabbitmq.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { writeRegistry } from '../support/registry.js';
import { mayMount } from '../support/small-volume.js';
import { until } from '../support/until.js';

const LIMIT_MS = 90_000;
const RETRY = { attempts: 100, firstDelayMs: 100, maxDelayMs: 500 };
/** Longer than a publish may wait for its confirm: what was written before the alarm has been given up meanwhile. */
const ALARM_MS = 12_000;
/** What a node lets wait for the ledger at once, and what is under way in three batches. */
const MOST_WAITING = 5_300;
const TOO_MANY = 7_000;

const MOUNTS = mayMount();
if (!MOUNTS) console.log('full disks: skipped, this process may not mount a volume');

const completed = ({ state }: StatusView) => state === 'COMPLETED';

describe('backpressure, standard', () => {
  let full: FullablePostgres | null;
  let postgres: PrivatePostgres;
  let rabbit: Rabbit;
  let regione: Receiver;
  let gateway: RunningGateway;
  let env: Record<string, string>;

  beforeAll(async () => {
    [full, rabbit, regione] = await Promise.all([startFullablePostgres(), startRabbit(), startReceiver()]);
    postgres = full ?? (await startPostgres());
    const push = { channel: 'push-rest', url: regione.url, shape: 'original', retry: RETRY, timeoutMs: 5_000 } as const;
    const directory = await writeRegistry({ pratola: push, regione: { ...push, concurrency: 32 } });
    env = { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, CROCEVIA_REGISTRY_DIR: directory };
    gateway = await startGateway(env);
    await allArrived(regione, (await sendMany(gateway.url, 20)).ids);
  }, 150_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([regione.stop(), postgres.stop(), rabbit.stop()]);
  }, 60_000);

  const node = async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return (await http(`${gateway.url}/admin/node`, { headers })).json<{ brokerBlocked: string | null }>();
  };
  const ready = async () => (await http(`${gateway.url}/health/ready`)).status;
  const delivered = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => statusWhen(gateway.url, id, completed, 60_000)));
  const timesOf = (ids: readonly string[]) => {
    const wanted = new Set(ids);
    return regione.received.filter(({ headers }) => wanted.has(String(headers['x-gateway-id']))).length;
  };

  const ALARMS = [
    ['memory', ['set_vm_memory_high_watermark', '0.0000001'], ['set_vm_memory_high_watermark', '0.4']],
    ['disk', ['set_disk_free_limit', '1000000GB'], ['set_disk_free_limit', '50MB']],
  ] as const;
  it.each(ALARMS)(
    '7: under the %s alarm of RabbitMQ it goes on accepting and says so; afterwards everything is delivered once',
    async (kind, raise, clear) => {
      await rabbit.ctl(...raise);
      const early = await sendMany(gateway.url, 50);
      await until(async () => (await node()).brokerBlocked !== null);
      const told = await node();
      const end = Date.now() + ALARM_MS;
      const ids = [...early.ids];
      const slowest = [];
      while (Date.now() < end) {
        const { ids: more, ms } = await sendMany(gateway.url, 40);
        ids.push(...more);
        slowest.push(...ms);
        await pause(500);
      }
      const during = [await ready(), timesOf(ids)];
      await rabbit.ctl(...clear);
      const cleared = performance.now();
      await delivered(ids);
      console.log(
        `${kind} alarm: ${ids.length} accepted, slowest ${Math.max(...slowest).toFixed(0)} ms, ` +
          `all delivered ${(performance.now() - cleared).toFixed(0)} ms after it`,
      );
      expect(told.brokerBlocked).toContain(kind === 'memory' ? 'memory' : 'disk');
      expect(during[0]).toBe(200);
      expect(during[1]).toBe(0);
      expect(ids.length).toBeGreaterThan(400);
      expect(Math.max(...slowest)).toBeLessThan(1_000);
      expect((await node()).brokerBlocked).toBeNull();
      expect(timesOf(ids)).toBe(ids.length);
      expect(gateway.logs()).toMatch(/"event":"broker.blocked"[^]*"event":"broker.unblocked"/);
    },
    LIMIT_MS,
  );

  it(
    '7: more requests at once than it may hold: the rest is told to come back at once, and none of the accepted is lost',
    async () => {
      postgres.signal('SIGSTOP');
      let refusedYet = 0;
      const begun = performance.now();
      const connections = new Agent({ connections: TOO_MANY, pipelining: 1 });
      const sent = Array.from({ length: TOO_MANY }, async () => {
        const answer = await sendNotice(gateway.url, {}, connections);
        if (answer?.status === 503) refusedYet++;
        return answer;
      });
      try {
        await until(() => refusedYet >= TOO_MANY - MOST_WAITING);
      } finally {
        postgres.signal('SIGCONT');
      }
      const stopped = performance.now() - begun;
      const answers = await Promise.all(sent);
      await connections.close();
      const accepted = answers.filter((answer) => answer?.status === 202).map((answer) => idOf(answer as HttpAnswer));
      const refused = answers.filter((answer) => answer?.status !== 202);
      await allArrived(regione, accepted);
      const peak = peakOf(gateway.pid);
      console.log(
        `overload: ${accepted.length} of ${TOO_MANY} accepted, ${refused.length} refused after ${stopped.toFixed(0)} ms; ` +
          `${peak} MiB at most`,
      );
      expect(refused.length).toBeGreaterThanOrEqual(TOO_MANY - MOST_WAITING);
      for (const answer of refused) {
        const code = expect.stringMatching(/^(overloaded|store-unavailable)$/) as string;
        expect([answer?.status, answer?.json()]).toMatchObject([503, { code, retryable: true }]);
        expect(Number(answer?.headers['retry-after'])).toBeGreaterThan(0);
      }
      expect(refused.filter((answer) => answer?.json()['code'] === 'overloaded').length).toBeGreaterThan(1_000);
      expect(accepted.length).toBeGreaterThanOrEqual(4_000);
      expect(peak).toBeLessThan(700);
    },
    LIMIT_MS,
  );

  const onVolumes = (name: string, run: (postgres: FullablePostgres) => Promise<void>) =>
    (MOUNTS ? it : it.skip)(name, () => run(full!), LIMIT_MS);
  /** Until it is refused for the full disk; the ids that were accepted. */
  const sendUntilRefused = async () => {
    const ids: string[] = [];
    for (;;) {
      const answer = (await sendNotice(gateway.url)) as HttpAnswer;
      if (answer.status !== 202) return { ids, answer };
      ids.push(idOf(answer));
    }
  };
  const comeBack = ({ status, headers, json }: HttpAnswer) => {
    expect([status, json()]).toMatchObject([503, { code: 'store-unavailable', retryable: true, blame: 'gateway' }]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  };
  const takesAgain = async () => {
    const freed = performance.now();
    await until(async () => (await sendNotice(gateway.url))?.status === 202);
    return (performance.now() - freed).toFixed(0);
  };

  onVolumes(
    '7: with the disk of PostgreSQL full senders are told to come back, and nothing accepted is lost',
    async (at) => {
      at.data.fill();
      const { ids, answer } = await sendUntilRefused();
      const live = (await http(`${gateway.url}/health/live`)).status;
      at.data.free();
      console.log(`full disk: ${ids.length} accepted into free pages; taken again after ${await takesAgain()} ms`);
      await delivered(ids);
      comeBack(answer);
      expect(live).toBe(200);
    },
  );

  onVolumes(
    '7: with the disk of its log full PostgreSQL ends; once it is back nothing accepted is lost',
    async (at) => {
      at.wal.fill();
      const ids: string[] = [];
      let answer: HttpAnswer | null = null;
      while (answer === null) {
        const sent = await Promise.all(Array.from({ length: 64 }, () => sendNotice(gateway.url)));
        for (const one of sent) if (one?.status === 202) ids.push(idOf(one));
        answer = sent.find((one) => one !== null && one.status !== 202) ?? null;
      }
      at.wal.free();
      await at.kill9().catch(() => undefined);
      await at.restart();
      console.log(`full log: ${ids.length} accepted before; taken again after ${await takesAgain()} ms`);
      await delivered(ids);
      comeBack(answer);
    },
  );

  it(
    '7: with its connections to PostgreSQL lost again and again it takes or refuses, and loses nothing',
    async () => {
      const ids: string[] = [];
      for (let round = 0; round < 5; round++) {
        // While it knows that its ledger is away it refuses at once: the next loss is to meet it at work.
        await until(async () => (await ready()) === 200);
        const sending = sendMany(gateway.url, 60);
        await postgres.dropConnections();
        ids.push(...(await sending).ids);
      }
      await delivered(ids);
      console.log(`lost connections: ${ids.length} of 300 accepted`);
      expect(ids.length).toBeGreaterThan(100);
    },
    LIMIT_MS,
  );
});

/** Most memory that a process has ever had, MiB. */
function peakOf(pid: number): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
}
