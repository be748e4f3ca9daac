import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Broker } from '../../src/broker/broker.js';
import type { Consumer } from '../../src/delivery/ports.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import { inspectMembers } from '../../src/broker/rabbit/members.js';
import { startPostgresPair, type PostgresPair } from '../support/postgres-pair.js';
import { startRabbitCluster, type RabbitCluster } from '../support/rabbit-cluster.js';
import { until } from '../support/until.js';
import { freshSystem, itemFor, Seen } from './broker-items.js';

const LIMIT_MS = 120_000;
const GROWN_UP_MS = 4_000;

describe('8: a RabbitMQ cluster of three nodes', () => {
  let cluster: RabbitCluster;
  let pair: PostgresPair;
  let broker: Broker;
  let consumer: Consumer;
  let take: (deliveryId: string) => void = () => undefined;
  beforeAll(async () => {
    [cluster, pair] = await Promise.all([startRabbitCluster(), startPostgresPair()]);
    broker = await openRabbit({ urls: cluster.urls, owner: 'cluster' });
    consumer = broker.consumer(async ({ deliveryId }) => take(deliveryId));
  }, LIMIT_MS);
  afterAll(async () => {
    await broker.close();
    await Promise.all([cluster.stop(), pair.stop()]);
  }, LIMIT_MS);

  const online = async (at: number, wanted: number) => {
    const { queues } = await inspectMembers(cluster.managementUrls[at]!);
    return queues.length > 0 && queues.every(({ members, online: now }) => members === 3 && now === wanted);
  };

  /**
   * False where RabbitMQ has left the queue without a leader: 3.10.8 does so for good when the node is killed in the
   * seconds that made the queue (ADR 2); nothing confirmed is lost then either, but nothing goes on.
   */
  async function survivesItsLeader(): Promise<boolean> {
    const system = freshSystem('leader');
    const seen = new Seen<string>();
    await consumer.consume([{ system, concurrency: 20 }]);
    take = (id) => seen.add(id);
    await broker.publisher.publish(itemFor(system));
    await until(() => online(0, 3));
    const leader = await cluster.leader(`crocevia.system.${system}`);
    const confirmed: string[] = [];
    const publish = async () => {
      const item = itemFor(system);
      await broker.publisher.publish(item);
      confirmed.push(item.deliveryId);
    };
    let isOn = true;
    // What is not confirmed is the ledger's to publish again.
    const publisher = async () => {
      while (isOn) await publish().catch(() => pause(20));
    };
    const publishers = Array.from({ length: 8 }, publisher);
    await pause(GROWN_UP_MS);
    const before = confirmed.length;
    await cluster.kill9(leader);
    const goesOn = await until(() => confirmed.length > before + 500, 40_000).then(
      () => true,
      () => false,
    );
    isOn = false;
    await Promise.all(publishers);
    if (!goesOn) expect(await cluster.leader(`crocevia.system.${system}`)).toBe(leader);
    else
      await until(() => {
        const arrived = new Set(seen.values);
        return confirmed.every((id) => arrived.has(id));
      });
    await cluster.restart(leader);
    await until(() => online(leader, 3), 40_000);
    return goesOn;
  }

  it(
    '8: keeps each quorum queue on three nodes, and loses nothing when the leader is killed while publishing',
    async () => {
      for (let attempt = 1; !(await survivesItsLeader()); attempt++) {
        console.log(`attempt ${attempt}: RabbitMQ has left the queue without a leader (ADR 2)`);
        expect(attempt).toBeLessThan(3);
      }
    },
    3 * LIMIT_MS,
  );

  const check = async (env: Record<string, string>) => {
    const run = promisify(execFile)(process.execPath, ['dist/cli/crocevia.js', 'check'], { env });
    return run.then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    );
  };

  it(
    '8: check says which shape it sees, and what the shape does not survive',
    async () => {
      const env = {
        DATABASE_URL: pair.url,
        AMQP_URL: cluster.urls.join(','),
        AMQP_MANAGEMENT_URL: cluster.managementUrls[0]!,
        CROCEVIA_MASTER_KEY: `k1:${randomBytes(32).toString('base64')}`,
      };
      const whole = await check(env);
      expect(whole).toMatch(/ok +shape: cluster/);
      expect(whole).toMatch(/ok .*: PostgreSQL 15, primary/);
      expect(whole).toMatch(/ok .*: PostgreSQL 15, standby \(in recovery\)/);
      expect(whole).toMatch(/ok .*a commit waits for a synchronous standby \(1 connected\)/);
      expect(whole).toMatch(/ok +AMQP_URL: 3 hosts/);
      expect(whole).toMatch(/ok +quorum queues: \d+ on 3 RabbitMQ nodes/);
      expect(whole).not.toMatch(/^(WARN|WRONG)/m);
      await pair.killPrimary();
      await pair.promote();
      await cluster.kill9(2);
      await until(() => online(0, 2));
      const broken = await check(env);
      expect(broken).toMatch(/WARN .*no standby: nothing is lost in a crash, but the loss of this host/);
      expect(broken).toMatch(/WARN +RabbitMQ: node crocevia\d+@localhost is down/);
      expect(broken).toMatch(/WARN +quorum queues: .*with members that are not online/);
    },
    LIMIT_MS,
  );
});
