/** Open-loop load: a question goes out when its time has come, whatever has become of those before it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { actionOf, SOAP_QUESTION } from './message.js';
import { BENCH_API_KEY } from './registry.js';

const CONNECTIONS = 256;

export interface Stream {
  readonly url: string;
  readonly perSecond: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Told {
  /** Milliseconds of each question, from when it was sent. */
  readonly took: readonly number[];
  /** How often each status came. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Streams of questions for so many seconds each; resolves when each question has been answered. */
export class OpenLoop {
  private readonly pool: Pool;

  constructor(origin: string) {
    this.pool = new Pool(origin, { connections: CONNECTIONS });
  }

  async run({ url, perSecond, headers = {} }: Stream, seconds: number): Promise<Told> {
    const [took, statuses] = [[] as number[], new Map<number, number>()];
    const one = async () => {
      const began = performance.now();
      const status = await this.ask(new URL(url).pathname, headers);
      took.push(performance.now() - began);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    const asked: Promise<void>[] = [];
    const begun = performance.now();
    for (let due = 0; due < seconds * 1000; due += jittered(1000 / perSecond)) {
      await pause(Math.max(0, due - (performance.now() - begun)));
      asked.push(one());
    }
    await Promise.all(asked);
    return { took, statuses };
  }

  close = () => this.pool.close();

  private async ask(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
    const own = { 'content-type': 'text/xml; charset=utf-8', soapaction: actionOf('interroga') };
    const { statusCode, body } = await this.pool.request({
      method: 'POST',
      path,
      headers: { ...own, 'x-api-key': BENCH_API_KEY, ...headers },
      body: SOAP_QUESTION.replace('[<id>]', randomUUID()),
    });
    await body.arrayBuffer();
    return statusCode;
  }
}

/** So that two streams do not keep step. */
const jittered = (interval: number) => interval * (0.5 + Math.random());
