/**
 * Measures a query at concurrency 1: p50 of a direct call to a trivial provider and of the same through the gateway with
 * the in-process broker, in the same run. SECONDS (6) each. Over RabbitMQ, under load and beside a dead provider: not yet.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { freePort } from '../test/support/ports.js';
import { writeQueryRegistry } from '../test/support/query-registry.js';
import { KEYS } from '../test/support/registry.js';
import { median } from './measure.js';

const SECONDS = Number(process.env['SECONDS'] ?? 6);
const WARM_UP_SECONDS = 3;
const AIM_MS = 2;
/** 2 KiB. */
const ANSWER = JSON.stringify({ items: Array.from({ length: 57 }, () => ({ nome: 'Anna Maria Rossi', figli: 2 })) });
const TYPE = { 'content-type': 'application/json' };

/** Milliseconds of each call, one after the other. Throws where one does not answer 200. */
async function each(origin: string, path: string, seconds: number): Promise<readonly number[]> {
  const pool = new Pool(origin, { connections: 1 });
  const took: number[] = [];
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const began = performance.now();
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers: { 'x-api-key': KEYS.regione } });
    await body.arrayBuffer();
    if (statusCode !== 200) throw new Error(`${origin}${path} answered ${statusCode}`);
    took.push(performance.now() - began);
  }
  await pool.close();
  return took;
}

async function startGateway(env: Record<string, string>): Promise<ChildProcess> {
  const child = fork('dist/main.js', { env: { ...process.env, ...env, CROCEVIA_LOG_LEVEL: 'warn' } });
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the gateway ended with ${code}`)));
  await Promise.race([once(child, 'message'), gone]);
  gone.catch(() => undefined);
  return child;
}

async function main(): Promise<void> {
  const provider = createServer((_, reply) => void reply.writeHead(200, TYPE).end(ANSWER));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const [registry, data, port] = [
    await writeQueryRegistry({ soap: url, rest: url }),
    await mkdtemp(join(tmpdir(), 'crocevia-bench-')),
    String(await freePort()),
  ];
  const env = { CROCEVIA_PORT: port, CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: data };
  const gateway = await startGateway(env);
  try {
    const [at, path] = [`http://127.0.0.1:${port}`, '/rest/c_h007/v1/Residenti/residenti?cognome=Rossi'];
    await each(at, path, WARM_UP_SECONDS);
    const direct = median(await each(url, '/', SECONDS));
    const through = median(await each(at, path, SECONDS));
    const more = through - direct;
    console.log(
      `query, concurrency 1, in-process broker: direct p50 ${direct.toFixed(2)} ms, gateway p50 ${through.toFixed(2)} ms, ` +
        `+${more.toFixed(2)} ms (aim +${AIM_MS} ms) ${more <= AIM_MS ? 'PASS' : 'MISSED'}`,
    );
  } finally {
    gateway.kill('SIGKILL');
    provider.closeAllConnections();
    provider.close();
    await Promise.all([registry, data].map((place) => rm(place, { recursive: true, force: true })));
  }
}

await main();
