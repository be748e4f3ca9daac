/**
 * Measures the gateway beside the bare pipeline in the same run and prints ratios. ROUNDS (3) x SECONDS (6) each of:
 * HTTP echo, bare pipeline, gateway; first as one process, then as two (ingress; relay and dispatcher), which is how it is run on
 * more than one core. The bare pipeline is one process. A round is void where the bare pipeline falls under 0.08 of the echo.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { startPostgres } from '../test/support/postgres.js';
import { startRabbit } from '../test/support/rabbitmq.js';
import { idle } from './idle.js';
import { load, type Load } from './load.js';
import { median } from './measure.js';
import { anyPort, script, SHAPES, start, startGateway, stop, stopAll, type Shape } from './processes.js';
import { BENCH_API_KEY, writeBenchRegistry } from './registry.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const SECONDS = Number(process.env['SECONDS'] ?? 6);
/** Of the echo; a bare pipeline that falls under it was held up by something else. */
const PLAUSIBLE = 0.08;
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

interface Stage {
  readonly echoUrl: string;
  readonly receiverUrl: string;
  readonly bare: Target;
  readonly gateway: Target;
}

interface Ratios {
  readonly accepted: number;
  readonly delivered: number;
}

/** One after the other; null: void. */
async function round(name: string, { echoUrl, receiverUrl, ...at }: Stage): Promise<Ratios | null> {
  const echo = await load(echoUrl, { seconds: SECONDS });
  const bare = await measure(at.bare, receiverUrl);
  const gateway = await measure(at.gateway, receiverUrl);
  const isVoid = bare.perSecond < PLAUSIBLE * echo.perSecond;
  const ratios = { accepted: gateway.perSecond / bare.perSecond, delivered: gateway.delivered / bare.delivered };
  const side = (sent: typeof bare) =>
    `${whole(sent.perSecond)} accepted/s ${whole(sent.delivered)} delivered/s p99 ${sent.p99} ms`;
  console.log(
    `${name}: echo ${whole(echo.perSecond)}/s | bare ${side(bare)} | gateway ${side(gateway)}` +
      ` | ratio accepted ${ratio(ratios.accepted)} delivered ${ratio(ratios.delivered)}${isVoid ? ' VOID' : ''}`,
  );
  return isVoid ? null : ratios;
}

async function rounds(shape: Shape, stage: Stage): Promise<void> {
  const all: Ratios[] = [];
  for (let number = 1; number <= ROUNDS; number++) {
    const ratios = await round(`${shape}, round ${number}`, stage);
    if (ratios) all.push(ratios);
  }
  if (all.length === 0) throw new Error('every round was void: the machine was too busy to measure');
  const middle = (of: keyof Ratios) => ratio(median(all.map((ratios) => ratios[of])));
  console.log(
    `${shape}: median ratio to the bare pipeline: accepted ${middle('accepted')}, delivered ${middle('delivered')}`,
  );
}

async function main(): Promise<void> {
  console.log('starting PostgreSQL and RabbitMQ ...');
  const [postgres, rabbit] = await Promise.all([startPostgres(), startRabbit()]);
  try {
    const [echo, bare, port, receiver] = await Promise.all([anyPort(), anyPort(), anyPort(), anyPort()]);
    const at = (port: string) => `http://127.0.0.1:${port}/`;
    const receiverUrl = at(receiver);
    await start(script('receiver'), { PORT: receiver });
    const shared = { DATABASE_URL: postgres.url, AMQP_URL: rabbit.url, RECEIVER_URL: receiverUrl };
    const gatewayEnv = {
      CROCEVIA_REGISTRY_DIR: await writeBenchRegistry(`${receiverUrl}in`),
      CROCEVIA_LOG_LEVEL: 'warn',
      CROCEVIA_RATE_PER_MINUTE: '10000000',
    };
    await start(script('bare'), { PORT: echo, MODE: 'echo' });
    await start(script('bare'), { ...shared, PORT: bare });
    const gateway = { url: `${at(port)}soap/r_abruzz/v1/Bench`, apiKey: BENCH_API_KEY };
    const stage = { receiverUrl, gateway, echoUrl: at(echo), bare: { url: at(bare) } };
    await measure(stage.bare, receiverUrl, WARM_UP_SECONDS.bare);
    for (const shape of Object.keys(SHAPES) as Shape[]) {
      const processes = await startGateway(shape, port, { ...shared, ...gatewayEnv });
      await measure(gateway, receiverUrl, WARM_UP_SECONDS.gateway);
      await quiet(receiverUrl);
      await idle(shape, gateway, receiverUrl);
      await rounds(shape, stage);
      await Promise.all(processes.map(stop));
    }
  } finally {
    stopAll();
    await Promise.all([postgres.stop(), rabbit.stop()]);
  }
}

await main();
