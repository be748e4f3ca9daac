import { setTimeout as pause } from 'node:timers/promises';
import { keepGaugeHistory } from './gauge-history.js';

const DISK = { place: 'data', free: 3, size: 9 };

describe('the history of gauges', () => {
  it('7.16: begins with the node, keeps the newest points only, and ends with it', async () => {
    const stop = new AbortController();
    const { points } = keepGaugeHistory({ disks: async () => [DISK], signal: stop.signal, everyMs: 5, most: 3 });
    await pause(0);
    const [first] = points();
    expect(first).toMatchObject({ at: expect.any(Date), disks: [{ place: 'data', free: 3 }] });
    expect(first!.memory).toBeGreaterThan(1_000_000);
    while (points()[0] === first) await pause(5);
    expect(points()).toHaveLength(3);
    for (const { busy } of points()) expect(busy >= 0 && busy <= 100).toBe(true);
    stop.abort();
    await pause(0);
    const last = points();
    await pause(20);
    expect(points()).toEqual(last);
  });

  it('7.16: goes on where a disk cannot be read', async () => {
    const stop = new AbortController();
    const { points } = keepGaugeHistory({
      disks: () => Promise.reject(new Error('x')),
      signal: stop.signal,
      everyMs: 5,
    });
    while (points().length < 2) await pause(5);
    stop.abort();
    expect(points()[1]).toMatchObject({ disks: [] });
  });
});
