import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { request } from 'undici';
import type { HttpAnswer } from './client.js';
import { sumOf, type Summed } from './bytes.js';
import { writeRegistry, type TestDestinations } from './registry.js';

const GIB = 1024 ** 3;

const FASCICOLO = `openapi: 3.0.3
info: { title: Fascicolo, version: '1' }
paths:
  /fascicoli:
    post:
      operationId: depositaFascicolo
      requestBody: { required: true, content: { application/pdf: { schema: { type: string, format: binary } } } }
      responses: { '202': { description: preso in carico } }
`;

/** The test registry, whose services take up to a GiB beside the document, and one that takes an opaque body. */
export async function writeLargeRegistry(destinations: TestDestinations): Promise<string> {
  const directory = await writeRegistry(destinations);
  const file = join(directory, 'services.yaml');
  const services = await readFile(file, 'utf8');
  const opaque = { kind: 'service', id: 'Fascicolo', version: 1, title: 'Deposito', openapi: 'fascicolo.yaml' };
  const large = services.replace(/^version: 1$/gm, `version: 1\nmaxAttachmentBytes: ${GIB}`);
  await writeFile(join(directory, 'fascicolo.yaml'), FASCICOLO);
  await writeFile(file, `${large}\n---\n${JSON.stringify({ ...opaque, maxAttachmentBytes: GIB })}\n`);
  const participants = join(directory, 'participants.yaml');
  const granted = {
    kind: 'agreement',
    id: 'fascicolo',
    consumer: 'c_i804',
    provider: 'r_abruzz',
    service: 'Fascicolo',
  };
  const text = (await readFile(participants, 'utf8')).replace(
    /(id: regione\.anagrafe[^]*?provides:\n)/,
    '$1  - service: Fascicolo\n    version: 1\n',
  );
  await writeFile(participants, `${text}---\n${JSON.stringify({ ...granted, version: 1 })}\n`);
  return directory;
}

/** A body that comes bit by bit. */
export interface LargeContent {
  readonly contentType: string;
  body(): AsyncIterable<Buffer>;
}

/** A multipart/related of a document and attachments that come bit by bit. */
export function related(
  rootHeaders: string,
  root: string,
  attachments: readonly (() => AsyncIterable<Buffer>)[],
  parameters: string,
): LargeContent {
  const boundary = 'confine-di-prova';
  return {
    contentType: `multipart/related; ${parameters}; boundary="${boundary}"`,
    async *body() {
      yield Buffer.from(`--${boundary}\r\n${rootHeaders}\r\nContent-ID: <busta>\r\n\r\n${root}`);
      for (const [number, attachment] of attachments.entries()) {
        const head = `Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <allegato${number}>`;
        yield Buffer.from(`\r\n--${boundary}\r\n${head}\r\n\r\n`);
        yield* attachment();
      }
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    },
  };
}

export async function postLarge(
  url: string,
  key: string,
  { contentType, body }: LargeContent,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const source = Readable.from(body(), { objectMode: false });
  const all = { 'x-api-key': key, 'content-type': contentType, ...headers };
  const reply = await request(url, { method: 'POST', headers: all, body: source, bodyTimeout: 0, headersTimeout: 0 });
  const text = await reply.body.text();
  const plain = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  return { status: reply.statusCode, headers: plain, text, json: <T>() => JSON.parse(text) as T };
}

export interface Sunk extends Summed {
  readonly headers: IncomingHttpHeaders;
}

/** A receiving system that hashes what it gets and keeps none of it; its first answers are `first`, then 200. */
export async function startSink(first: readonly number[] = []) {
  const statuses = [...first];
  const sunk: Sunk[] = [];
  const server = createServer((incoming, reply) => {
    const isPacked = incoming.headers['content-encoding'] === 'gzip';
    sumOf(isPacked ? incoming.pipe(createGunzip()) : incoming).then(
      (sum) => {
        sunk.push({ ...sum, headers: incoming.headers });
        reply.writeHead(statuses.shift() ?? 200).end();
      },
      () => reply.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    sunk: sunk as readonly Sunk[],
    stop: () => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

/** Resident bytes of a process, now. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** The most that a process has had resident while the work went on, over what it had before. */
export async function growthOf<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly grown: number; readonly result: T }> {
  const before = residentBytes(pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, residentBytes(pid))), 50);
  try {
    const result = await work();
    return { grown: most - before, result };
  } finally {
    clearInterval(timer);
  }
}
