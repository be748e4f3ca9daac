import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { PayloadStore } from '../../src/acceptance/payloads.js';
import { directoryPayloads } from '../../src/payloads/directory.js';
import { s3Payloads } from '../../src/payloads/s3.js';
import { sealedPayloads } from '../../src/secrets/sealed-payloads.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { bytesOf, sumOf } from '../support/bytes.js';
import { acceptanceRecord } from '../support/ledger-records.js';
import { liveBytes } from '../support/live-memory.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { startS3, type S3Server } from '../support/s3-server.js';

const MINUTE = 60_000;
const MIB = 1024 * 1024;
/** Around the bounds of chunks (1 MiB) and objects (8 MiB). */
const SIZES = [0, 1, MIB, 8 * MIB, 17 * MIB + 5];

/** The same store, every object in it encrypted. */
const sealed = (store: PayloadStore) =>
  sealedPayloads({ store, keys: { get: async () => Buffer.alloc(32, 7) }, sealedBy: async () => 'key' });

const whole = async (source: AsyncIterable<Buffer>) => {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** `leftovers`: what the store still holds, counted where it lies. */
function everyCase(
  open: () => { readonly store: PayloadStore; leftovers(ids: readonly string[]): Promise<number> | number },
): void {
  it.each(SIZES)('6: gives back %i bytes as they were written', async (size) => {
    const { store } = open();
    const id = uuidv7();
    await store.write(id, bytesOf(size));
    expect(await sumOf(store.read(id, 0, size))).toEqual(await sumOf(bytesOf(size)));
    await store.remove(id);
  });

  it('6: reads any range, also over the bounds of its pieces', async () => {
    const { store } = open();
    const id = uuidv7();
    const bytes = await whole(bytesOf(9 * MIB));
    await store.write(id, bytesOf(9 * MIB));
    const ranges = [
      [0, 1],
      [MIB - 1, MIB + 1],
      [8 * MIB - 3, 8 * MIB + 3],
      [5, 9 * MIB],
      [9 * MIB - 1, 9 * MIB],
      [7, 7],
    ] as const;
    for (const [from, to] of ranges)
      expect((await whole(store.read(id, from, to))).equals(bytes.subarray(from, to))).toBe(true);
    await store.remove(id);
  });

  it('6: takes no more of the source than it can write', async () => {
    const { store } = open();
    const id = uuidv7();
    let [given, most] = [0, 0];
    const source = async function* () {
      const before = liveBytes();
      for await (const chunk of bytesOf(160 * MIB)) {
        given += chunk.length;
        yield chunk;
        if (given % (5 * MIB) === 0) most = Math.max(most, liveBytes() - before);
      }
    };
    await store.write(id, source());
    expect(given).toBe(160 * MIB);
    expect(most).toBeLessThan(80 * MIB);
    await store.remove(id);
  });

  it('6: leaves nothing of what was cut short once it is removed, and nothing of what was whole', async () => {
    const { store, leftovers } = open();
    const [cut, full] = [uuidv7(), uuidv7()];
    const source = async function* () {
      yield* bytesOf(10 * MIB);
      throw new Error('cut short');
    };
    await expect(store.write(cut, source())).rejects.toThrow('cut short');
    await store.write(full, bytesOf(3 * MIB));
    expect(await leftovers([cut, full])).toBeGreaterThan(0);
    await store.remove(cut);
    await store.remove(full);
    await store.remove(uuidv7());
    expect(await leftovers([cut, full])).toBe(0);
    await expect(whole(store.read(full, 0, 10))).rejects.toMatchObject({ code: 'store-unavailable' });
  });
}

/** The ledger's side of it: who owns a payload, and what an orphan is. */
function ledgerCases(open: () => Store): void {
  const stored = (id: string) => ({ id, size: 10, sha256: 'ab', root: null, parts: [] });

  it('6: gives a payload to its message in the transaction of acceptance, and then no sweep takes it', async () => {
    const { payloads, messages, ledger } = open();
    const record = { ...acceptanceRecord(), stored: stored(uuidv7()) };
    await payloads.begin(record.stored.id, 0);
    expect(await messages.accept(record)).toEqual({ kind: 'accepted' });
    expect(await ledger.content(record.message.id)).toEqual(record.stored);
    expect(await payloads.condemn(record.stored.id)).toBe(false);
    expect(await payloads.condemnOrphans(100)).not.toContain(record.stored.id);
    await payloads.forget(record.stored.id);
    expect(await payloads.condemn(record.stored.id)).toBe(false);
  });

  it('6: does not accept a message whose payload was taken for an orphan; others of its batch are', async () => {
    const { payloads, messages } = open();
    const lost = { ...acceptanceRecord(), stored: stored(uuidv7()) };
    const kept = { ...acceptanceRecord(), stored: stored(uuidv7()) };
    await payloads.begin(lost.stored.id, 60_000);
    await payloads.begin(kept.stored.id, 60_000);
    expect(await payloads.condemn(lost.stored.id)).toBe(true);
    expect(await payloads.renew(lost.stored.id, 60_000)).toBe(false);
    expect(await messages.accept(lost)).toEqual({ kind: 'lost' });
    expect(await messages.accept(kept)).toEqual({ kind: 'accepted' });
    const plain = acceptanceRecord();
    const unknown = { ...acceptanceRecord(), stored: stored(uuidv7()) };
    const outcomes = await Promise.all([messages.accept(plain), messages.accept(unknown)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'lost']);
  });

  it('6: lists what has lost its lease as orphan, and nothing else', async () => {
    const { payloads } = open();
    const [orphan, live] = [uuidv7(), uuidv7()];
    await payloads.begin(orphan, -1);
    await payloads.begin(live, -1);
    expect(await payloads.renew(live, 60_000)).toBe(true);
    expect(await payloads.condemnOrphans(100)).toEqual([orphan]);
    expect(await payloads.condemnOrphans(100)).toEqual([]);
    await payloads.forget(orphan);
    expect(await payloads.condemn(orphan)).toBe(false);
  });
}

describe('payloads in PostgreSQL', () => {
  let postgres: PrivatePostgres;
  let store: Store;
  beforeAll(async () => {
    postgres = await startPostgres();
    store = await openStore({ databaseUrl: postgres.url, dataDir: '', owner: 'payloads' });
  }, MINUTE);
  afterAll(async () => {
    await store.close();
    await postgres.stop();
  }, MINUTE);
  everyCase(() => ({ store: store.chunks, leftovers: (ids) => readable(store, ids) }));
  ledgerCases(() => store);
  describe('encrypted', () =>
    everyCase(() => ({ store: sealed(store.chunks), leftovers: (ids) => readable(store, ids) })));
});

describe('payloads in PGlite', () => {
  let directory: string;
  let store: Store;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'crocevia-payloads-'));
    store = await openStore({ databaseUrl: null, dataDir: directory, owner: 'payloads' });
  }, MINUTE);
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }, MINUTE);
  everyCase(() => ({ store: store.chunks, leftovers: (ids) => readable(store, ids) }));
  ledgerCases(() => store);
});

describe('payloads in a directory', () => {
  let directory: string;
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'crocevia-payloads-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const files = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  everyCase(() => ({ store: directoryPayloads(directory), leftovers: files }));
  describe('encrypted', () => everyCase(() => ({ store: sealed(directoryPayloads(directory)), leftovers: files })));
});

describe('payloads over S3', () => {
  let server: S3Server;
  beforeAll(async () => void (server = await startS3()), MINUTE);
  afterAll(() => server.stop(), MINUTE);
  const leftovers = () => server.files().length;
  everyCase(() => ({ store: s3Payloads(server.address), leftovers }));
  describe('encrypted', () => everyCase(() => ({ store: sealed(s3Payloads(server.address)), leftovers })));
});

/** How many of them still have their first byte. */
async function readable({ chunks }: Store, ids: readonly string[]): Promise<number> {
  const read = await Promise.allSettled(ids.map((id) => whole(chunks.read(id, 0, 1))));
  return read.filter(({ status }) => status === 'fulfilled').length;
}
