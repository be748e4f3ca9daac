import { asTheyCome } from './as-they-come.js';

/** Work that ends when it is told to. */
function controlled() {
  const ends = new Map<number, () => void>();
  const work = (item: number) => new Promise<string>((resolve) => ends.set(item, () => resolve(`r${item}`)));
  return { work, begun: () => [...ends.keys()], end: (item: number) => ends.get(item)!() };
}

const ITEMS = [1, 2, 3, 4];
const open = () => new AbortController().signal;

describe('as they come', () => {
  it('7: yields what is there first, and begins another only when that was taken', async () => {
    const { work, begun, end } = controlled();
    const results = asTheyCome(ITEMS, { atOnce: 2, signal: open() }, work);
    const first = results.next();
    expect(begun()).toEqual([1, 2]);
    end(2);
    expect(await first).toEqual({ done: false, value: 'r2' });
    end(1);
    await Promise.resolve();
    expect(begun()).toEqual([1, 2]);
    expect((await results.next()).value).toBe('r1');
    expect(begun()).toEqual([1, 2, 3]);
  });

  it('7: ends after the last result', async () => {
    const all: string[] = [];
    for await (const result of asTheyCome(ITEMS, { atOnce: 3, signal: open() }, async (item) => `r${item}`))
      all.push(result);
    expect(all.sort()).toEqual(['r1', 'r2', 'r3', 'r4']);
  });

  it('7: begins nothing more once it is aborted, and still yields what was under way', async () => {
    const { work, begun, end } = controlled();
    const gone = new AbortController();
    const results = asTheyCome(ITEMS, { atOnce: 2, signal: gone.signal }, work);
    const first = results.next();
    gone.abort();
    end(1);
    end(2);
    expect([(await first).value, (await results.next()).value]).toEqual(['r1', 'r2']);
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(begun()).toEqual([1, 2]);
  });
});
