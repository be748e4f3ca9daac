import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { S3mini } from 's3mini';
import type { PayloadStore } from '../acceptance/payloads.js';
import { Fault } from '../message/fault.js';
import { chunked } from './chunked.js';

/** One payload is many objects of this size, so that no half of a multipart upload can be left behind unseen. */
const OBJECT_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** `s3://KEY:SECRET@host[:port]/bucket[/prefix][?region=R]`; `s3+http:` without TLS. */
export function s3Payloads(address: string): PayloadStore {
  const { username, password, host, pathname, protocol, searchParams } = new URL(address);
  const [bucket = '', ...prefix] = pathname.slice(1).split('/').map(decodeURIComponent).filter(Boolean);
  const client = new S3mini({
    accessKeyId: decodeURIComponent(username),
    secretAccessKey: decodeURIComponent(password),
    endpoint: `${protocol === 's3+http:' ? 'http' : 'https'}://${host}/${bucket}`,
    region: searchParams.get('region') ?? 'auto',
    requestAbortTimeout: TIMEOUT_MS,
  });
  const keyOf = (id: string, number: number) => [...prefix, id, String(number).padStart(6, '0')].join('/');
  return {
    write: async (id, source) => {
      let number = 0;
      for await (const bytes of chunked(source, OBJECT_BYTES)) {
        const key = keyOf(id, number++);
        await away(client.putObject(key, bytes, 'application/octet-stream', undefined, undefined, bytes.length));
      }
    },
    read: (id, from, to) => readObjects(client, (number) => keyOf(id, number), from, to),
    remove: (id) => away(removeObjects(client, (number) => keyOf(id, number))),
  };
}

async function* readObjects(
  client: S3mini,
  keyOf: (number: number) => string,
  from: number,
  to: number,
): AsyncIterable<Buffer> {
  for (let at = from; at < to;) {
    const number = Math.floor(at / OBJECT_BYTES);
    const start = number * OBJECT_BYTES;
    const end = Math.min(to, start + OBJECT_BYTES);
    const answer = await away(client.getObjectRaw(keyOf(number), false, at - start, end - start));
    if (at > start && answer.status !== 206) throw storeAway(new Error(`${keyOf(number)}: Range is not obeyed`));
    try {
      for await (const chunk of Readable.fromWeb(answer.body as ReadableStream)) {
        const bytes = Buffer.from(chunk as Uint8Array).subarray(0, end - at);
        at += bytes.length;
        yield bytes;
        if (at === end) break;
      }
    } catch (error) {
      throw storeAway(error);
    }
    if (at !== end) throw storeAway(new Error(`${keyOf(number)} is too short`));
  }
}

/** The last one first: where this is cut short, the next try still finds the end by counting from the beginning. */
async function removeObjects(client: S3mini, keyOf: (number: number) => string): Promise<void> {
  let count = 0;
  while ((await client.objectExists(keyOf(count))) === true) count++;
  while (count > 0) await client.deleteObject(keyOf(--count));
}

const away = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw storeAway(error);
  });

const storeAway = (cause: unknown) =>
  new Fault('store-unavailable', {
    detail: 'The payload store cannot be written or read at the moment.',
    retryAfterSeconds: 5,
    cause,
  });
