/**
 * Measures the gateway beside the bare pipeline in the same run and prints ratios. ROUNDS (3) x SECONDS (6) each of:
 * HTTP echo, bare pipeline, gateway. A round is void where the bare pipeline falls under 0.08 of the echo.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { startPostgres } from '../test/support/postgres.js';
import { startRabbit } from '../test/support/rabbitmq.js';
import { freePort } from '../test/support/ports.js';
import { load, type Load } from './load.js';
import { median } from './measure.js';
import { gatewayScript, script, start, stopAll } from './processes.js';
import { BENCH_API_KEY, writeBenchRegistry } from './registry.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const SECONDS = Number(process.env['SECONDS'] ?? 6);
/**
 * Not counted, for both run for years: a message costs the gateway 1.26 ms of CPU in its first 12,000 and 0.92 ms after
 * 25,000; the bare pipeline is warm after 3 s.
 */
const WARM_UP_SECONDS = { bare: 5, gateway: 30 };

interface Received {
  readonly count: number;
  readonly last: number;
}

const received = async (url: string) => (await (await request(url)).body.json()) as Received;

/** Delivered per second from the start of the load to the last delivery, once everything accepted has arrived. */
async function delivered(url: string, before: number, sent: Load): Promise<number> {
  const limit = Date.now() + 120_000;
  for (;;) {
    const { count, last } = await received(url);
    if (count - before >= sent.accepted) return (count - before) / ((last - sent.started) / 1000);
    if (Date.now() > limit) throw new Error(`only ${count - before} of ${sent.accepted} arrived in two minutes`);
    await pause(50);
  }
}

/** Resolves when nothing more arrives: requests that were under way at the end of a load are not in its count. */
async function quiet(url: string): Promise<void> {
  for (let before = -1, now = 0; before !== now; [before, now] = [now, (await received(url)).count]) await pause(500);
}

interface Target {
  readonly url: string;
  readonly apiKey?: string;
}

async function measure(
  { url, apiKey = '' }: Target,
  receiverUrl: string,
  seconds = SECONDS,
): Promise<Load & { readonly delivered: number }> {
  await quiet(receiverUrl);
  const { count: before } = await received(receiverUrl);
  const sent = await load(url, { seconds, apiKey });
  if (sent.refused > 0) console.log(`  ${sent.refused} refused at ${url}`);
  return { ...sent, delivered: await delivered(receiverUrl, before, sent) };
}

const whole = (value: number) => Math.round(value).toString().padStart(6);
const ratio = (value: number) => value.toFixed(2);
async function main(): Promise<void> {
  console.log('starting PostgreSQL and RabbitMQ ...');
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  try {
    const ports = {
      echo: await freePort(),
      bare: await freePort(),
      gateway: await freePort(),
      receiver: await freePort(),
    };
    const receiverUrl = `http://127.0.0.1:${ports.receiver}/`;
    await start(script('receiver'), { PORT: String(ports.receiver) });
    const shared = { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, RECEIVER_URL: receiverUrl };
    const registry = await writeBenchRegistry(`${receiverUrl}in`);
    const gatewayEnv = {
      CROCEVIA_PORT: String(ports.gateway),
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_LOG_LEVEL: 'warn',
      CROCEVIA_RATE_PER_MINUTE: '10000000',
    };
    await start(script('bare'), { PORT: String(ports.echo), MODE: 'echo' });
    await start(script('bare'), { ...shared, PORT: String(ports.bare) });
    await start(gatewayScript, { ...shared, ...gatewayEnv });
    const echoUrl = `http://127.0.0.1:${ports.echo}/`;
    const bareTarget = { url: `http://127.0.0.1:${ports.bare}/` };
    const gatewayTarget = { url: `http://127.0.0.1:${ports.gateway}/soap/r_abruzz/v1/Bench`, apiKey: BENCH_API_KEY };
    await measure(bareTarget, receiverUrl, WARM_UP_SECONDS.bare);
    await measure(gatewayTarget, receiverUrl, WARM_UP_SECONDS.gateway);
    const ratios: { accepted: number; delivered: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const echo = await load(echoUrl, { seconds: SECONDS });
      const bare = await measure(bareTarget, receiverUrl);
      const gateway = await measure(gatewayTarget, receiverUrl);
      const isVoid = bare.perSecond < 0.08 * echo.perSecond;
      console.log(
        `round ${round}: echo ${whole(echo.perSecond)}/s | bare ${whole(bare.perSecond)} accepted/s ${whole(bare.delivered)} delivered/s p99 ${bare.p99} ms` +
          ` | gateway ${whole(gateway.perSecond)} accepted/s ${whole(gateway.delivered)} delivered/s p99 ${gateway.p99} ms` +
          ` | ratio accepted ${ratio(gateway.perSecond / bare.perSecond)} delivered ${ratio(gateway.delivered / bare.delivered)}${isVoid ? ' VOID' : ''}`,
      );
      if (!isVoid)
        ratios.push({ accepted: gateway.perSecond / bare.perSecond, delivered: gateway.delivered / bare.delivered });
    }
    if (ratios.length === 0) throw new Error('every round was void: the machine was too busy to measure');
    console.log(
      `median ratio to the bare pipeline: accepted ${ratio(median(ratios.map((r) => r.accepted)))}, delivered ${ratio(median(ratios.map((r) => r.delivered)))}`,
    );
  } finally {
    stopAll();
    await Promise.all([postgres.stop(), rabbit.stop()]);
  }
}

await main();
