import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { http, type HttpAnswer } from './client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from './gateway.js';
import { writeOperators } from './operators.js';
import { startReceiver, type Receiver } from './receiver.js';
import { writeRegistry } from './registry.js';
import type { Ground } from './shapes.js';

export interface JobView {
  readonly id: string;
  readonly state: string;
  readonly rate: number;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly waiting: number;
  readonly history: readonly { readonly act: string; readonly by: string; readonly at: string }[];
}

export interface ItemView {
  readonly n: number;
  readonly messageId: string;
  readonly deliveryId: string;
  readonly seen: string;
  readonly result: string;
  readonly why: string | null;
  readonly at: string | null;
  readonly state: string;
}

export interface DeliveryView {
  readonly deliveryId: string;
  readonly messageId: string;
  readonly system: string;
  readonly state: string;
  readonly attempts: number;
}

/** A bulk is watched without keeping the ledger busy. */
const POLL_MS = 250;

/** A region that is pushed to and has a system in reserve, a municipality with a box, and their operators. */
export interface ReplayStage {
  readonly regione: Receiver;
  readonly riserva: Receiver;
  /** Of the gateway: another node of it starts with the same. */
  readonly env: Readonly<Record<string, string>>;
  /** The one that runs now. */
  gateway: RunningGateway;
  /** Kills it, and starts another one on the same ground. */
  killAndStart(): Promise<void>;
  /** As the platform, or with another token. */
  admin(method: 'GET' | 'POST', path: string, body?: object, token?: string): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

export async function replayStage(ground: Ground): Promise<ReplayStage> {
  const [regione, riserva] = await Promise.all([startReceiver(), startReceiver()]);
  const push = { channel: 'push-rest', shape: 'json', timeoutMs: 1_000, retry: { attempts: 1 } } as const;
  const directory = await writeRegistry({
    pratola: { channel: 'box' },
    regione: { ...push, url: regione.url, concurrency: 8 },
  });
  const reserve = { kind: 'system', id: 'regione.riserva', participant: 'r_abruzz' };
  await writeFile(join(directory, 'riserva.yaml'), stringify({ ...reserve, receives: { ...push, url: riserva.url } }));
  await writeOperators(directory);
  const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_LOG_LEVEL: 'error' };
  const stage: ReplayStage = {
    regione,
    riserva,
    env,
    gateway: await startGateway(env),
    killAndStart: async () => {
      await stage.gateway.kill9();
      stage.gateway = await startGateway(env);
    },
    admin: (method, path, body, token = ADMIN_TOKEN) =>
      http(`${stage.gateway.url}/admin/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body && { body }),
      }),
    stop: async () => {
      expect(await stage.gateway.stop()).toBe(0);
      await Promise.all([regione.stop(), riserva.stop()]);
    },
  };
  return stage;
}

/** What the gateway answers once it is as wanted. Throws after `limitMs`. */
export async function answerWhen<T>(
  { admin }: ReplayStage,
  path: string,
  wanted: (answer: T) => boolean,
  limitMs = 60_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await admin('GET', path);
    const body = answer.json<T>();
    if (answer.status === 200 && wanted(body)) return body;
    if (Date.now() > end) throw new Error(`${path} is not as wanted: ${answer.text.slice(0, 1_000)}`);
    await pause(POLL_MS);
  }
}

/** All pages of a list. */
export async function pagesOf<T>({ admin }: ReplayStage, path: string, cursor: 'before' | 'cursor'): Promise<T[]> {
  const all: T[] = [];
  for (let next: string | number | null = ''; next !== null;) {
    const from: string = next === '' ? '' : `&${cursor}=${next}`;
    const answer = await admin('GET', `${path}${path.includes('?') ? '&' : '?'}limit=500${from}`);
    expect(answer.status).toBe(200);
    const page: { items: T[]; next: string | number | null } = answer.json();
    all.push(...page.items);
    next = page.next;
  }
  return all;
}
