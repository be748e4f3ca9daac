import type { Fault } from '../message/fault.js';
import { GroupCommit, type GroupLimits } from './group-commit.js';

const LIMITS: GroupLimits<number> = {
  maxItems: 10,
  maxBytes: 100,
  paceMs: 0,
  concurrency: 1,
  maxQueued: 50,
  maxQueuedBytes: 1_000_000,
  bytesOf: (item) => item,
};

/** A flush whose commits end when the test says so. */
function controlled() {
  const batches: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const flush = (items: readonly number[]): Promise<readonly number[]> => {
    batches.push(items);
    return new Promise((resolve) => ends.push(() => resolve(items.map((item) => item * 10))));
  };
  return { batches, ends, flush };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('GroupCommit', () => {
  it('gathers the next batch while one is under way, and answers each its own', async () => {
    const { batches, ends, flush } = controlled();
    const group = new GroupCommit(flush, LIMITS);
    const first = group.submit(1);
    await turn();
    const rest = [2, 3, 4].map((item) => group.submit(item));
    await turn();
    expect(batches).toEqual([[1]]);
    ends[0]!();
    expect(await first).toBe(10);
    while (batches.length < 2) await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    ends[1]!();
    expect(await Promise.all(rest)).toEqual([20, 30, 40]);
  });

  it('starts at once for who comes alone, and paces what follows', async () => {
    const { batches, ends, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, paceMs: 30, concurrency: 2 });
    void group.submit(1);
    await turn();
    expect(batches).toEqual([[1]]);
    const paced = [2, 3].map((item) => group.submit(item));
    await turn();
    expect(batches).toHaveLength(1);
    while (batches.length < 2) await turn();
    expect(batches[1]).toEqual([2, 3]);
    ends.forEach((end) => end());
    expect(await Promise.all(paced)).toEqual([20, 30]);
  });

  it('refuses while one waits too long, and takes others once it waits no more', async () => {
    const { batches, ends, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, maxWaitMs: 5 });
    const first = group.submit(1);
    await turn();
    const second = group.submit(2);
    const third = group.submit(3);
    for (const began = performance.now(); performance.now() - began <= 5;) await turn();
    await expect(group.submit(4)).rejects.toMatchObject({ code: 'overloaded' });
    ends[0]!();
    while (batches.length < 2) await turn();
    const last = group.submit(5);
    ends[1]!();
    while (batches.length < 3) await turn();
    ends[2]!();
    expect(await Promise.all([first, second, third, last])).toEqual([10, 20, 30, 50]);
  });

  it('does not let a full batch wait for the pace', async () => {
    const { batches, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, maxItems: 3, paceMs: 60_000, concurrency: 2 });
    void group.submit(1);
    await turn();
    for (const item of [2, 3, 4]) void group.submit(item);
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('keeps to items, bytes and batches at once', async () => {
    const { batches, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, maxItems: 3, concurrency: 2 });
    for (const item of [1, 1, 1, 60, 60, 200]) void group.submit(item);
    await turn();
    await turn();
    await turn();
    expect(batches).toEqual([[1, 1, 1], [60]]);
  });

  it('keeps apart what must not be in one batch, each in its order', async () => {
    const { batches, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, concurrency: 3, apart: (item) => item % 2 });
    for (const item of [1, 2, 3, 4, 5]) void group.submit(item);
    while (batches.length < 2) await turn();
    expect(batches).toEqual([
      [1, 3, 5],
      [2, 4],
    ]);
  });

  it('1: never takes two changes of the same thing into one batch', async () => {
    const { batches, flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, concurrency: 3, sameAs: (item) => item % 10 });
    for (const item of [1, 2, 11, 3, 21]) void group.submit(item);
    while (batches.length < 3) await turn();
    expect(batches).toEqual([[1, 2, 3], [11], [21]]);
  });

  it('lets an item bigger than a batch go alone', async () => {
    const { batches, flush } = controlled();
    void new GroupCommit(flush, LIMITS).submit(5_000);
    await turn();
    expect(batches).toEqual([[5_000]]);
  });

  it('refuses what would wait behind too many', async () => {
    const { flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, maxQueued: 2 });
    void group.submit(1);
    void group.submit(2);
    await expect(group.submit(3)).rejects.toMatchObject({ code: 'overloaded', info: { retryAfterSeconds: 1 } });
  });

  it('refuses what would wait behind too many bytes, one big item alone not', async () => {
    const { flush } = controlled();
    const group = new GroupCommit(flush, { ...LIMITS, maxQueuedBytes: 10 });
    void group.submit(11);
    await expect(group.submit(1)).rejects.toMatchObject({ code: 'overloaded' });
    await turn();
    void group.submit(9);
    void group.submit(1);
    await expect(group.submit(1)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('splits a batch that its data makes fail, so that one item fails alone', async () => {
    const flushed: (readonly number[])[] = [];
    const flush = async (items: readonly number[]) => {
      flushed.push(items);
      if (items.includes(3)) throw Object.assign(new Error('bad data'), { code: '22P05' });
      return items;
    };
    const group = new GroupCommit(flush, LIMITS);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => group.submit(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'internal' } });
    expect(flushed).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]);
  });

  it.each([
    ['a lost connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a full disk', Object.assign(new Error('no space left'), { code: '53100' })],
    ['a server that stops', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    [
      'a server that can begin no session',
      Object.assign(new Error('could not write init file'), { code: 'XX000', severity: 'FATAL' }),
    ],
    ['a client without a server', new Error('Connection terminated unexpectedly')],
    ['a conflict that stays', Object.assign(new Error('deadlock detected'), { code: '40P01' })],
  ])('fails the whole batch once on %s', async (_name, error) => {
    let flushes = 0;
    const group = new GroupCommit<number, number>(() => {
      flushes++;
      return Promise.reject(error);
    }, LIMITS);
    const outcomes = await Promise.allSettled([1, 2].map((item) => group.submit(item)));
    const reason = expect.objectContaining<Partial<Fault>>({ code: 'store-unavailable' });
    expect(outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason })));
    expect((outcomes[0] as PromiseRejectedResult).reason).toMatchObject({ info: { retryAfterSeconds: 5 } });
    expect(flushes).toBe(1);
  });

  it('drains when nothing waits or is under way', async () => {
    const { ends, flush } = controlled();
    const group = new GroupCommit(flush, LIMITS);
    await group.drain();
    void group.submit(1);
    let drained = false;
    const draining = group.drain().then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    ends[0]!();
    await draining;
    expect(drained).toBe(true);
  });
});
