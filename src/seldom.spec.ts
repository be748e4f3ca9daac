import { seldom } from './seldom.js';

describe('seldom', () => {
  it('gives who asks again in time the same answer, and later another', async () => {
    let asked = 0;
    const ask = seldom(5, async () => ++asked);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    for (const began = performance.now(); performance.now() - began <= 5;);
    expect(await ask()).toBe(2);
  });

  it('remembers no failure', async () => {
    let asked = 0;
    const ask = seldom(60_000, async () => {
      if (++asked === 1) throw new Error('away');
      return asked;
    });
    await expect(ask()).rejects.toThrow('away');
    expect([await ask(), await ask()]).toEqual([2, 2]);
  });
});
