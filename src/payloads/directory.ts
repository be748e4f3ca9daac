import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PayloadStore } from '../acceptance/payloads.js';
import { Fault } from '../message/fault.js';

/**
 * Payloads as files below a directory that every node sees, two levels down by the random end of their id. A file has its
 * name only once it is whole and on the disk.
 */
export function directoryPayloads(root: string): PayloadStore {
  const fileOf = (id: string) => join(root, id.slice(-2), id.slice(-4, -2), id);
  return {
    write: async (id, source) => {
      const file = fileOf(id);
      await away(mkdir(dirname(file), { recursive: true }));
      await away(pipeline(source, createWriteStream(`${file}.part`, { flags: 'wx', flush: true })));
      await away(rename(`${file}.part`, file));
      for (const directory of [dirname(file), dirname(dirname(file)), root]) await away(sync(directory));
    },
    read: (id, from, to) => readFile(fileOf(id), from, to),
    remove: async (id) => {
      await away(Promise.all([fileOf(id), `${fileOf(id)}.part`].map((file) => rm(file, { force: true }))));
    },
  };
}

async function* readFile(file: string, from: number, to: number): AsyncIterable<Buffer> {
  if (from >= to) return;
  let left = to - from;
  try {
    for await (const chunk of createReadStream(file, { start: from, end: to - 1, highWaterMark: 256 * 1024 })) {
      left -= (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (error) {
    throw storeAway(error);
  }
  if (left > 0) throw storeAway(Object.assign(new Error(`${file} is too short`), { syscall: 'read' }));
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const away = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw storeAway(error);
  });

/** What the source has thrown is passed on. */
const isOfSystem = (error: unknown) => typeof error === 'object' && error !== null && 'syscall' in error;

function storeAway(error: unknown): unknown {
  if (!isOfSystem(error)) return error;
  return new Fault('store-unavailable', {
    detail: 'The payload store cannot be written or read at the moment.',
    retryAfterSeconds: 5,
    cause: error,
  });
}
