import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { http, idOf } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { freePort } from '../support/ports.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const SENDERS = 24;
const KILLS = 3;
/** Answers between a start and the kill that follows. */
const ANSWERS_BEFORE_KILL = 150;
/** Longer than the lease of a claim that died with its process (time limit of the push + 15 s): what is missing then is lost. */
const QUIET_MS = 25_000;
const PUSH_LIMIT_MS = 1_000;
const DEFECT = 'dist-defect';

/** Sends until stopped; collects the gateway's id of every message that was answered 202. */
function load(url: string, answered: Set<string>, enough: (count: number) => void): { stop(): Promise<void> } {
  let running = true;
  const one = async () => {
    while (running) {
      const call = { key: KEYS.sulmona, body: noticeJson('r_abruzz'), headers: { 'idempotency-key': randomUUID() } };
      const answer = await http(`${url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, call).catch(() => null);
      if (answer?.status !== 202) continue;
      answered.add(idOf(answer));
      enough(answered.size);
    }
  };
  const senders = Array.from({ length: SENDERS }, one);
  return { stop: async () => ((running = false), void (await Promise.all(senders))) };
}

/** Kills the gateway under load, several times; returns the ids that were answered. */
async function answeredThroughKills(
  env: Record<string, string>,
  main: string | undefined,
): Promise<{ answered: Set<string>; gateway: RunningGateway }> {
  const answered = new Set<string>();
  let gateway = await startGateway(env, main);
  for (let kill = 1; kill <= KILLS; kill++) {
    const goal = answered.size + ANSWERS_BEFORE_KILL;
    let reached: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => (reached = resolve));
    const { stop } = load(gateway.url, answered, (count) => count >= goal && reached());
    await enough;
    await gateway.kill9();
    await stop();
    gateway = await startGateway(env, main);
  }
  return { answered, gateway };
}

const arrivedAt = (receiver: Receiver) =>
  new Set(receiver.received.map(({ headers }) => String(headers['x-gateway-id'])));

/** Waits until nothing new has arrived for a while, at most a minute; returns what was answered and never arrived. */
async function missingAfterQuiet(
  answered: Set<string>,
  receiver: Receiver,
  quietMs: number,
): Promise<readonly string[]> {
  const end = Date.now() + 60_000;
  for (;;) {
    const arrived = arrivedAt(receiver);
    const missing = [...answered].filter((id) => !arrived.has(id));
    if (missing.length === 0 || Date.now() > end) return missing;
    const before = receiver.received.length;
    const something = receiver.next((received) => receiver.received.length > before && received !== undefined);
    const quiet = new Promise<'quiet'>((resolve) => setTimeout(() => resolve('quiet'), quietMs));
    if ((await Promise.race([something, quiet])) === 'quiet') return missing;
  }
}

describe.each(SHAPES)('kill -9 under load, %s', (_name, lay) => {
  let ground: Ground;
  let receiver: Receiver;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([lay(), startReceiver()]);
  }, 120_000);

  afterAll(async () => {
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  const scenario = async (main?: string) => {
    const push = {
      channel: 'push-rest' as const,
      url: receiver.url,
      shape: 'original' as const,
      concurrency: 16,
      timeoutMs: PUSH_LIMIT_MS,
    };
    const directory = await writeRegistry({ pratola: push, regione: push });
    const env = {
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_PORT: String(await freePort()),
      CROCEVIA_LOG_LEVEL: 'error',
    };
    return answeredThroughKills(env, main);
  };

  it('6: every message that was answered is delivered after the restart', async () => {
    const { answered, gateway } = await scenario();
    const missing = await missingAfterQuiet(answered, receiver, QUIET_MS);
    await gateway.stop();
    expect(answered.size).toBeGreaterThanOrEqual(KILLS * ANSWERS_BEFORE_KILL);
    expect(missing).toEqual([]);
  }, 180_000);

  it('6: the same scenario catches a gateway that answers before the commit', async () => {
    const { answered, gateway } = await scenario(plantDefect());
    const missing = await missingAfterQuiet(answered, receiver, QUIET_MS);
    await gateway.stop();
    rmSync(DEFECT, { recursive: true, force: true });
    expect(missing.length).toBeGreaterThan(0);
  }, 180_000);
});

/** A copy of the build whose acceptance answers without waiting for the ledger. Returns its main.js. */
function plantDefect(): string {
  rmSync(DEFECT, { recursive: true, force: true });
  cpSync('dist', DEFECT, { recursive: true });
  const file = `${DEFECT}/acceptance/accept.js`;
  const code = readFileSync(file, 'utf8');
  const defect = code.replace(
    'const outcome = await store.accept(record);',
    "store.accept(record).catch(() => undefined);\n        const outcome = { kind: 'accepted' };",
  );
  if (defect === code) throw new Error('the defect could not be planted: acceptance reads differently now');
  writeFileSync(file, defect);
  return `${DEFECT}/main.js`;
}
