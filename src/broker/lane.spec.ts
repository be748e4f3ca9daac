import { Lane } from './lane.js';

/** Jobs that end when they are told to. */
function held() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (job: string) => {
    begun.push(job);
    return new Promise<void>((resolve) => ends.set(job, resolve));
  };
  const end = async (job: string) => {
    ends.get(job)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, run, end };
}

describe('Lane', () => {
  it('runs in order, at most `concurrency` at once', async () => {
    const { begun, run, end } = held();
    const lane = new Lane(2, run);
    for (const job of ['a', 'b', 'c']) lane.offer(job);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('lets the next begin when one is called, up to twice `concurrency` in all', async () => {
    const { begun, end, run } = held();
    const calls = new Map<string, () => void>();
    const lane = new Lane<string>(2, (job, called) => (calls.set(job, called), run(job)));
    for (const job of ['a', 'b', 'c', 'd', 'e', 'f']) lane.offer(job);
    calls.get('a')!();
    calls.get('a')!();
    expect(begun).toEqual(['a', 'b', 'c']);
    calls.get('c')!();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    calls.get('b')!();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const job of ['b', 'c', 'd', 'e']) await end(job);
    let isIdle = false;
    void lane.idle().then(() => (isIdle = true));
    calls.get('f')!();
    await Promise.resolve();
    expect(isIdle).toBe(false);
    await end('f');
    expect(isIdle).toBe(true);
  });

  it('begins nothing at concurrency 0 and takes up again', () => {
    const { begun, run } = held();
    const lane = new Lane(0, run);
    lane.offer('a');
    lane.offer('b');
    expect(begun).toEqual([]);
    lane.concurrency = 1;
    expect(begun).toEqual(['a']);
  });

  it('puts back before all that waits, and gives back what has not begun', () => {
    const lane = new Lane<string>(0, held().run);
    lane.offer('b');
    lane.putBack('a');
    expect(lane.withdraw()).toEqual(['a', 'b']);
    expect(lane.withdraw()).toEqual([]);
  });

  it('knows what waits and whether there is room, and gives back one job', async () => {
    const { begun, run, end } = held();
    const lane = new Lane(1, run);
    expect(lane.hasRoom).toBe(true);
    for (const job of ['a', 'b', 'c']) lane.offer(job);
    expect([lane.hasRoom, lane.backlog]).toEqual([false, 2]);
    expect([lane.remove('b'), lane.remove('a')]).toEqual([true, false]);
    expect(lane.backlog).toBe(1);
    await end('a');
    expect(begun).toEqual(['a', 'c']);
  });

  it('is idle only when nothing runs', async () => {
    const { run, end } = held();
    const lane = new Lane(1, run);
    await lane.idle();
    lane.offer('a');
    let isIdle = false;
    const idle = lane.idle().then(() => (isIdle = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isIdle).toBe(false);
    await end('a');
    await idle;
  });
});
