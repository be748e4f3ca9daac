import pg from 'pg';
import { startGateway } from '../support/gateway.js';
import { allArrived, sendMany } from '../support/load.js';
import { fill } from '../support/many-deliveries.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

const OPEN = process.env['ALL'] ? 1_000_000 : 100_000;
/** Over a start with an empty ledger; reading what is open would take many times as long. */
const MORE_MS = 3_000;

describe('a start with many open deliveries', () => {
  let ground: Ground;
  let receiver: Receiver;
  beforeAll(async () => void ([ground, receiver] = await Promise.all([standard(), startReceiver()])), 120_000);
  afterAll(async () => {
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  it('9: is quick with 100,000 of them (ALL=1: a million), and what comes then is delivered', async () => {
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'original' as const };
    const directory = await writeRegistry({ pratola: push, regione: push });
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_LOG_LEVEL: 'error' };
    const timed = async () => {
      const begun = performance.now();
      const gateway = await startGateway(env);
      return { gateway, ms: performance.now() - begun };
    };
    await (await timed()).gateway.stop();
    const empty = await timed();
    await empty.gateway.stop();
    const client = new pg.Client({ connectionString: ground.env['DATABASE_URL'] });
    await client.connect();
    await client.query(fill(OPEN, `'burst'`));
    await client.end();
    const full = await timed();
    console.log(`start: ${empty.ms.toFixed(0)} ms empty, ${full.ms.toFixed(0)} ms with ${OPEN} open deliveries`);
    expect(full.ms).toBeLessThan(empty.ms + MORE_MS);
    const { ids } = await sendMany(full.gateway.url, 20);
    expect(ids).toHaveLength(20);
    await allArrived(receiver, ids);
    expect(await full.gateway.stop()).toBe(0);
  }, 400_000);
});
