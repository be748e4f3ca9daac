import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A body too big to be kept as a file. */
interface Generation {
  readonly type: string;
  readonly n?: number;
  readonly unit?: string;
}

/** One case of the corpus of hostile input. */
export interface HostileCase {
  readonly id: string;
  readonly class: string;
  readonly title: string;
  readonly file: string | null;
  readonly direction: string;
  readonly generate?: Generation;
  readonly request: {
    readonly raw?: boolean;
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  };
  readonly expected: {
    readonly status?: readonly (number | string)[];
    readonly mustNotContain?: string;
    readonly repeat?: number;
    readonly closeWithinMs?: number;
    readonly maxMs?: number;
    readonly maxRssDeltaMb?: number;
    readonly othersUnaffected?: boolean;
    readonly outboundFetch?: boolean;
    readonly then?: {
      readonly maxMs: number;
      readonly validateInstance?: unknown;
      readonly validateGenerated?: Generation;
    };
  };
  readonly behaviour?: Readonly<Record<string, unknown>>;
}

export interface HostileAnswer {
  /** `close` where the connection ended without an answer. */
  readonly status: number | 'close' | 'timeout';
  readonly text: string;
  /** Location of each answer. */
  readonly locations: readonly string[];
  /** Answers that came on the connection. */
  readonly responses: number;
  readonly ms: number;
}

export interface Stage {
  readonly directory: string;
  readonly url: string;
  readonly authorization: string;
  /** Text of the cases -> what stands there when they are sent. */
  readonly replacements: Readonly<Record<string, string>>;
  /** Paths of the corpus -> addresses of this gateway. */
  readonly paths: Readonly<Record<string, string>>;
}

const LIMIT_MS = 15_000;

const filled = (bytes: Buffer, { replacements, authorization }: Stage): Buffer => {
  const text = bytes.toString('latin1');
  if (!text.includes('{{')) return bytes;
  const all = Object.entries({ 'Bearer {{JWT}}': authorization, ...replacements });
  const replaced = all.reduce((before, [name, value]) => before.replaceAll(name, value), text);
  return Buffer.from(
    replaced.replace(/\{\{UUID\}\}/g, () => randomUUID()),
    'latin1',
  );
};

const isUnder = (path: string, prefix: string) =>
  path.startsWith(prefix) && /^([?/]|$)/.test(path.slice(prefix.length));

function mapped(path: string, { paths }: Stage): string {
  const [from, to] = Object.entries(paths).find(([prefix]) => isUnder(path, prefix)) ?? ['', ''];
  return to + path.slice(from.length);
}

/** Sends a case as often as it asks for; the last answer counts. */
export async function sendHostile(one: HostileCase, stage: Stage): Promise<HostileAnswer> {
  let answer = await sendOnce(one, stage);
  for (let count = 1; count < (one.expected.repeat ?? 1); count++) answer = await sendOnce(one, stage);
  return answer;
}

async function sendOnce(one: HostileCase, stage: Stage): Promise<HostileAnswer> {
  const started = performance.now();
  const bytes = one.file === null ? null : filled(readFileSync(join(stage.directory, one.file)), stage);
  const answer = one.request.raw ? await sendRaw(bytes as Buffer, one, stage) : await sendHttp(bytes, one, stage);
  return { ...answer, ms: Math.round(performance.now() - started) };
}

type Bare = Omit<HostileAnswer, 'ms'>;
const closed: Bare = { status: 'close', text: '', locations: [], responses: 0 };

/** With the sender's credential, so that the case comes past the door. */
const authorised = (text: string, { authorization }: Stage) =>
  /^authorization:/im.test(text)
    ? text
    : text.replace(/^([^\r\n]* HTTP\/1\.1\r\n)/, `$1Authorization: ${authorization}\r\n`);

/** Bytes as they are, on a connection of their own, until it is quiet or closed. */
function sendRaw(bytes: Buffer, { expected }: HostileCase, stage: Stage): Promise<Bare> {
  const { hostname, port } = new URL(stage.url);
  const text = authorised(bytes.toString('latin1'), stage).replace(
    /^(\S+ )(\/\S*)/,
    (_, method: string, path: string) => method + mapped(path, stage),
  );
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(text, 'latin1')));
    let got = '';
    let quiet: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => socket.destroy(), expected.closeWithinMs ?? 6_000);
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        got += chunk.toString('latin1');
        clearTimeout(quiet);
        quiet = setTimeout(() => socket.destroy(), 500);
      });
    socket.on('close', () => {
      clearTimeout(limit);
      clearTimeout(quiet);
      const status = /^HTTP\/1\.[01] (\d+)/.exec(got)?.[1];
      const responses = got.match(/^HTTP\/1\.[01] \d/gm)?.length ?? 0;
      resolve(status ? { status: Number(status), text: got, locations: locationsIn(got), responses } : closed);
    });
  });
}

const locationsIn = (text: string) => [...text.matchAll(/^location: (\S+)/gim)].map(([, address = '']) => address);

function sendHttp(bytes: Buffer | null, { request: asked, generate }: HostileCase, stage: Stage): Promise<Bare> {
  const { hostname, port } = new URL(stage.url);
  const headers: OutgoingHttpHeaders = { authorization: stage.authorization };
  for (const [name, value] of Object.entries(asked.headers ?? {}))
    if (value === null) delete headers[name.toLowerCase()];
    else if (typeof value === 'string')
      headers[name.toLowerCase()] = filled(Buffer.from(value), stage).toString('latin1');
  if (bytes) headers['content-length'] = bytes.length;
  const path = mapped(asked.path, stage);
  return new Promise((resolve) => {
    const sent = request({ hostname, port, path, method: asked.method, headers, agent: false, timeout: LIMIT_MS });
    sent.on('response', (reply) => void read(reply).then(resolve));
    sent.on('error', () => resolve(closed));
    sent.on('timeout', () => (sent.destroy(), resolve({ ...closed, status: 'timeout' })));
    if (!generate) return void sent.end(bytes ?? undefined);
    void write(generated(generate, stage), sent);
  });
}

async function write(chunks: Iterable<Buffer>, sent: ClientRequest): Promise<void> {
  let over = false;
  for (const event of ['response', 'close', 'error']) sent.once(event, () => (over = true));
  for (const chunk of chunks) {
    if (over) break;
    if (sent.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'response', 'close', 'error']) sent.once(event, () => resolve());
    });
  }
  sent.end();
}

async function read(reply: IncomingMessage): Promise<Bare> {
  let text = '';
  try {
    for await (const chunk of reply) text += String(chunk);
  } catch {
    return closed;
  }
  return {
    status: reply.statusCode ?? 'close',
    text,
    locations: [reply.headers['location'] ?? []].flat(),
    responses: 1,
  };
}

const CHUNK = 65_536;

function* repeated(unit: string, count: number): Iterable<Buffer> {
  const perChunk = Math.max(1, Math.floor(CHUNK / unit.length));
  const whole = Buffer.from(unit.repeat(perChunk));
  for (let at = 0; at + perChunk <= count; at += perChunk) yield whole;
  yield Buffer.from(unit.repeat(count % perChunk));
}

function* around(start: string, inner: Iterable<Buffer>, end: string): Iterable<Buffer> {
  yield Buffer.from(start);
  yield* inner;
  yield Buffer.from(end);
}

const bombs = new Map<number, Buffer>();

/** Made once of each size: packing holds up this process, which also asks as the others do. */
function zipped(n: number): readonly Buffer[] {
  const size = Math.min(n, 256 * 1024 * 1024);
  const bomb = bombs.get(size) ?? gzipSync(Buffer.alloc(size, 'a'));
  bombs.set(size, bomb);
  return [bomb];
}

/** Packs what the case sends packed, before anything is measured. */
export function prepare({ generate }: HostileCase): void {
  if (generate && /Bomb$/.test(generate.type)) zipped(generate.n ?? 0);
}
const PART_HEAD = (type: string, id: string) => `--BB\r\nContent-Type: ${type}\r\nContent-ID: <${id}>\r\n\r\n`;
const ROOT_HEAD = PART_HEAD('application/xop+xml; charset=UTF-8; type="text/xml"', 'root@gw');
const packaged = (envelope: string, bytes: Iterable<Buffer>) =>
  around(`${ROOT_HEAD}${envelope}\r\n${PART_HEAD('application/octet-stream', 'att1@gw')}`, bytes, '\r\n--BB--\r\n');

type Generator = (order: Required<Generation>, envelope: string, before: string, after: string) => Iterable<Buffer>;

/** The test file of EICAR, in parts: an antivirus on this machine need not mind the source. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'].join('-');

const GENERATORS: Readonly<Record<string, Generator>> = {
  soapRepeat: ({ unit, n }, _, before, after) => around(before, repeated(unit, n), after),
  soapAttrName: ({ n }, _, before, after) => around(`${before}<a `, repeated('n', n), `="1"/>${after}`),
  soapAttrValue: ({ n }, _, before, after) => around(`${before}<a n="`, repeated('v', n), `"/>${after}`),
  soapElName: ({ n }, _, before, after) => around(`${before}<`, repeated('e', n), `/>${after}`),
  jsonArray: ({ n }) => around('{"payload":[', repeated('1,', n), '1]}'),
  gzipBomb: ({ n }) => zipped(n),
  brotliBomb: ({ n }) => zipped(n),
  mimeGiant: ({ n }, envelope) => packaged(envelope, repeated('A', n)),
  mimeEicar: (_, envelope) => packaged(envelope, [Buffer.from(EICAR)]),
  mimeZipBomb: ({ n }, envelope) => packaged(envelope, zipped(n)),
};

/** The bodies that the corpus describes by type and size. Throws Error for a type that is not known here. */
function generated({ type, n = 0, unit = '' }: Generation, stage: Stage): Iterable<Buffer> {
  const valid = readFileSync(join(stage.directory, 'cases/soap/soap-ctype-missing.xml'));
  const envelope = filled(valid, stage).toString();
  const [before = '', after = ''] = envelope.split('plain text');
  const make = GENERATORS[type];
  if (!make) throw new Error(`no generator for ${type}`);
  return make({ type, n, unit }, envelope, before, after);
}
