/** Closed-loop load by wrk (a load generator written in Node costs as much as what it measures: both share two cores). */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { actionOf, SOAP_MESSAGE } from './message.js';

const CONNECTIONS = 64;

export interface Load {
  readonly accepted: number;
  readonly refused: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

interface LoadOptions {
  readonly seconds: number;
  readonly connections?: number;
  readonly apiKey?: string;
  readonly message?: string;
  readonly soapAction?: string;
}

/** Sends the 2 KiB message over `connections` (64) for `seconds`, each under a new id. Throws where wrk is not installed. */
export async function load(target: string, options: LoadOptions): Promise<Load> {
  const { seconds, connections = CONNECTIONS, apiKey = '', message = SOAP_MESSAGE } = options;
  const file = join(tmpdir(), `crocevia-bench-message-${process.pid}.xml`);
  writeFileSync(file, message);
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', 'bench/load.lua', target];
  const soapAction = options.soapAction ?? actionOf('notifica');
  const given = { MESSAGE_FILE: file, RUN_ID: randomUUID(), API_KEY: apiKey, SOAP_ACTION: soapAction };
  const started = Date.now();
  const { stdout } = await promisify(execFile)('wrk', args, { env: { ...process.env, ...given } });
  return { ...(JSON.parse(stdout.trim().split('\n').at(-1) as string) as Omit<Load, 'started'>), started };
}
