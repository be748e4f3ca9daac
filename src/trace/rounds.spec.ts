import { Fault } from '../message/fault.js';
import { createRoundBook } from './rounds.js';

describe('the rounds of a node', () => {
  it('7.16: the last one of each is remembered, with what was done', async () => {
    const book = createRoundBook();
    expect(book.last()).toEqual([]);
    await book.note('retention', async () => ({ purged: 1 }));
    await book.note('retention', async () => ({ purged: 2 }));
    await book.note('sweep', async () => undefined);
    expect(book.last()).toEqual([
      { name: 'sweep', startedAt: expect.any(Date), ms: expect.any(Number), done: {}, fault: null },
      { name: 'retention', startedAt: expect.any(Date), ms: expect.any(Number), done: { purged: 2 }, fault: null },
    ]);
  });

  it('7.16: one that failed is told by its code, never by its words, and fails all the same', async () => {
    const book = createRoundBook();
    const away = new Fault('store-unavailable', { detail: 'password of Mario Rossi' });
    await expect(book.note('alerts', () => Promise.reject(away))).rejects.toBe(away);
    await expect(book.note('reports', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(book.last().map(({ name, fault }) => [name, fault])).toEqual([
      ['alerts', 'store-unavailable'],
      ['reports', 'internal'],
    ]);
    expect(JSON.stringify(book.last())).not.toContain('Mario');
  });
});
