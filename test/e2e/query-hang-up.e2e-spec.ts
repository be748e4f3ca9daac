import type { HttpAnswer, HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, queryStage, say } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { SHAPES, standard, type Ground } from '../support/shapes.js';

const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti';
const TIMEOUT_MS = 10_000;
const found = say(200, 'application/json', '{"nome":"Anna"}');

const registryOf = (pratola: Receiver) =>
  writeQueryRegistry({
    soap: pratola.url,
    rest: pratola.url,
    timeoutMs: TIMEOUT_MS,
    answers: { concurrency: 1, waiting: 5 },
  });

type Ask = (path: string, call?: HttpCall) => Promise<HttpAnswer>;

/** Hangs up once the provider has the question; milliseconds until the provider's connection is closed. */
async function hangUp(ask: Ask, pratola: Receiver, id: string): Promise<number> {
  const gone = new AbortController();
  const closed = new Promise<void>((seen) => pratola.answerWith((_, reply) => void reply.once('close', seen)));
  const asking = ask(`${RESIDENTE}/${id}`, { signal: gone.signal }).catch(() => 'gone');
  await pratola.next(({ path }) => path.endsWith(`/${id}`));
  const started = performance.now();
  gone.abort();
  expect(await asking).toBe('gone');
  await closed;
  return performance.now() - started;
}

/** The one place of the provider's system is free, and nothing was asked twice. */
async function answersAgain(ask: Ask, pratola: Receiver, asked: number): Promise<void> {
  pratola.answerWith(found);
  expect((await ask(`${RESIDENTE}/1`)).status).toBe(200);
  expect(pratola.received).toHaveLength(asked + 1);
}

describe.each(SHAPES)('consumers that hang up, %s', (_name, lay) => {
  const stage = queryStage(lay, ({ pratola }) => registryOf(pratola));
  const ask = asker(stage);

  it('6: a consumer that hangs up ends the call of the provider', async () => {
    expect(await hangUp(ask, stage.pratola, '77')).toBeLessThan(TIMEOUT_MS / 2);
    await answersAgain(ask, stage.pratola, 1);
  });
});

describe('consumers that hang up at one of two nodes', () => {
  let ground: Ground;
  let pratola: Receiver;
  let nodes: readonly RunningGateway[];

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([standard(), startReceiver()]);
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: await registryOf(pratola) };
    nodes = [await startGateway(env), await startGateway(env)];
  }, 120_000);

  afterAll(async () => {
    for (const node of nodes) expect(await node.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop()]);
  }, 60_000);

  it('6: a consumer that hangs up ends the call of the provider, whichever node calls it', async () => {
    const ask = asker({ gateway: nodes[0]! });
    // RabbitMQ gives questions to the nodes by turns.
    for (const id of ['71', '72', '73', '74']) expect(await hangUp(ask, pratola, id)).toBeLessThan(TIMEOUT_MS / 2);
    await answersAgain(ask, pratola, 4);
  }, 60_000);
});
