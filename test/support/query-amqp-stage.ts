import type { ConsumeMessage, Replies } from 'amqplib';
import { amqpProvider, login, type AmqpProvider } from './amqp-provider.js';
import { grant, type Grant } from './amqp-system.js';
import { startGateway, type RunningGateway } from './gateway.js';
import { writeQueryRegistry } from './query-registry.js';
import type { Ground } from './shapes.js';
import { until } from './until.js';

export const PUBLIC_URL = 'https://porta.example';
export const TIMEOUT_MS = 2_000;
export const SETTINGS = {
  soap: null,
  rest: null,
  by: 'amqp' as const,
  timeoutMs: TIMEOUT_MS,
  answers: { concurrency: 2, waiting: 2 },
};
export const PRATOLA = 'pratola.sistema';
export const RESIDENTE = '/rest/c_h007/v1/Residenti/residenti';
export const ANNA = { nome: 'Anna' };

export const header = ({ properties }: ConsumeMessage, name: string) => properties.headers?.[name] as unknown;
export const questionIdOf = (question: ConsumeMessage) => String(question.properties.messageId);

/** Two nodes on one RabbitMQ, from whose queues the systems of both municipalities take their questions. */
export interface QueryAmqpStage {
  readonly amqpUrl: string;
  readonly gateway: RunningGateway;
  readonly other: RunningGateway;
  readonly grants: { readonly pratola: Grant; readonly sulmona: Grant };
  /** Connected anew for each test; a test that needs another consumer stops it first. */
  pratola: AmqpProvider;
  sulmona: AmqpProvider;
  /** Waits until one of the nodes has refused an answer with this code: which of them is RabbitMQ's choice. */
  refusedWith(code: string): Promise<void>;
  /** Waits until Pratola's queue is as wanted, by what RabbitMQ says of it. */
  queueWhen(wanted: (queue: Replies.AssertQueue) => boolean): Promise<void>;
  /** Pratola's system consumes no more. */
  stopPratola(): Promise<void>;
}

/** Sets the stage before the tests of the block that calls it, and takes it down after them. */
export function queryAmqpStage(lay: () => Promise<Ground>): QueryAmqpStage {
  const stage = {} as { -readonly [Name in keyof QueryAmqpStage]: QueryAmqpStage[Name] };
  let ground: Ground;

  stage.refusedWith = (code) =>
    until(() =>
      [stage.gateway, stage.other].some((node) =>
        [...node.logs().matchAll(/"code":"([a-z-]+)"[^\n]*query\.answer-refused/g)].some(([, found]) => found === code),
      ),
    );
  stage.queueWhen = async (wanted) => {
    const connection = await login(stage.amqpUrl, { ...stage.grants.pratola, username: 'guest', password: 'guest' });
    const channel = await connection.createChannel();
    await until(async () => wanted(await channel.checkQueue(`crocevia.ask.${PRATOLA}`)));
    await connection.close();
  };
  stage.stopPratola = async () => {
    await stage.pratola.stop();
    await stage.queueWhen(({ consumerCount }) => consumerCount === 0);
  };

  beforeAll(async () => {
    ground = await lay();
    stage.amqpUrl = ground.env['AMQP_URL'] as string;
    const env = {
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: await writeQueryRegistry(SETTINGS),
      PUBLIC_URL,
    };
    stage.gateway = await startGateway(env);
    stage.other = await startGateway(env);
    const grantTo = (system: string) => grant(stage.gateway.url, system);
    stage.grants = { pratola: await grantTo(PRATOLA), sulmona: await grantTo('sulmona.sistema') };
  }, 150_000);

  beforeEach(async () => {
    stage.pratola = await amqpProvider(stage.amqpUrl, stage.grants.pratola);
    stage.sulmona = await amqpProvider(stage.amqpUrl, stage.grants.sulmona);
  });

  // RabbitMQ may hand a question to a consumer whose connection has just ended.
  afterEach(async () => {
    await stage.sulmona.stop();
    await stage.stopPratola();
  });

  afterAll(async () => {
    expect([await stage.gateway.stop(), await stage.other.stop()]).toEqual([0, 0]);
    await ground.stop();
  }, 60_000);

  return stage;
}
