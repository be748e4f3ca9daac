import type { JournalEvent } from './events.js';
import { JournalTail } from './journal-tail.js';

const event = (seq: number) => ({ seq, messageId: `m${seq}`, event: 'message.accepted' }) as unknown as JournalEvent;
const seqs = (rows: readonly JournalEvent[] | null) => rows?.map(({ seq }) => seq);

/** A journal that a test writes to, and that counts how often it is read. */
function journal(first = 0) {
  const events = Array.from({ length: first }, (_none, at) => event(at + 1));
  const listeners = new Set<(events: readonly JournalEvent[]) => void>();
  const reads: number[] = [];
  return {
    reads,
    listeners,
    write: (count: number) => {
      for (let n = 0; n < count; n++) events.push(event(events.length + 1));
      for (const listener of listeners) listener([]);
    },
    eventsAfter: async (after: number, limit: number) => {
      reads.push(after);
      return events.slice(after, after + limit);
    },
    feed: {
      subscribe: (listener: (events: readonly JournalEvent[]) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}

const tailOf = (from: ReturnType<typeof journal>) => new JournalTail(from, from.feed);

describe('JournalTail', () => {
  it('reads once for all who follow', async () => {
    const own = journal(3);
    const tail = tailOf(own);
    const all = [tail.follow(3), tail.follow(3), tail.follow(3)];
    own.write(2);
    const told = await Promise.all(all.map((one) => one.after(3)));
    expect(told.map(seqs)).toEqual([
      [4, 5],
      [4, 5],
      [4, 5],
    ]);
    expect(own.reads).toEqual([3]);
    for (const one of all) one.end();
    expect(own.listeners.size).toBe(0);
  });

  it('gives who is behind what the ledger has, and what is held without reading it again', async () => {
    const own = journal(700);
    const tail = tailOf(own);
    const [head, behind] = [tail.follow(650), tail.follow(0)];
    expect(seqs(await head.after(650))).toHaveLength(50);
    expect(seqs(await behind.after(0))).toHaveLength(500);
    const before = own.reads.length;
    expect(seqs(await behind.after(660))?.[0]).toBe(661);
    expect(own.reads).toHaveLength(before);
  });

  it('lets nobody at the head wait for who reads all that is kept', async () => {
    const own = journal(100_000);
    const tail = tailOf(own);
    const behind = tail.follow(0);
    expect(seqs(await behind.after(0))?.at(-1)).toBe(500);
    const head = tail.follow(100_000);
    const told = head.after(100_000);
    own.write(1);
    expect(seqs(await told)).toEqual([100_001]);
    expect(seqs(await behind.after(500))?.at(0)).toBe(501);
    expect(seqs(await head.after(100_000))).toEqual([100_001]);
  });

  it('loses nothing for who follows slowly while much comes', async () => {
    const own = journal();
    const tail = tailOf(own);
    const [quick, slow] = [tail.follow(0), tail.follow(0)];
    for (let cursor = 0; cursor < 3_000;) {
      if (cursor < 2_500) own.write(500);
      cursor = (await quick.after(cursor))?.at(-1)?.seq ?? cursor;
      if (cursor === 2_500) own.write(500);
    }
    const seen: number[] = [];
    while (seen.length < 3_000) seen.push(...seqs(await slow.after(seen.at(-1) ?? 0))!);
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_none, at) => at + 1));
  });

  it('begins anew after the last has left, and tells nothing to who has', async () => {
    const own = journal(10);
    const tail = tailOf(own);
    const first = tail.follow(10);
    first.end();
    first.end();
    expect(await first.after(10)).toBeNull();
    const second = tail.follow(2);
    expect(seqs(await second.after(2))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    second.end();
    expect(own.listeners.size).toBe(0);
  });
});
