import { Fault } from '../message/fault.js';
import { backOff, hold, MAX_REJECTIONS, Rejections } from './rejections.js';

describe('back-off', () => {
  it('doubles from 100 ms up to 5 s, half of it random', () => {
    expect([1, 2, 3, 7, 40].map((n) => backOff(n, () => 1))).toEqual([100, 200, 400, 5_000, 5_000]);
    expect([1, 40].map((n) => backOff(n, () => 0))).toEqual([50, 2_500]);
  });

  it('holds no longer than its signal', async () => {
    const ended = new AbortController();
    const held = hold(3_600_000, ended.signal);
    ended.abort();
    await held;
  });
});

describe('Rejections', () => {
  const note = (rejections: Rejections, times: number, error: unknown) =>
    Array.from({ length: times }, () => rejections.note('item', error)).at(-1);

  it('calls an item poison after 20 rejections, not before', () => {
    const rejections = new Rejections();
    expect(note(rejections, MAX_REJECTIONS, new Error('no'))).toBeGreaterThan(0);
    expect(rejections.note('item', new Error('no'))).toBeNull();
  });

  it('does not blame an item for an outage of the gateway', () => {
    const away = new Fault('store-unavailable', { detail: 'away' });
    expect(note(new Rejections(), 500, away)).toBeGreaterThan(0);
  });

  it('counts each item by itself and forgets one that was taken', () => {
    const rejections = new Rejections();
    note(rejections, MAX_REJECTIONS, new Error('no'));
    expect(rejections.note('another', new Error('no'))).toBeLessThanOrEqual(100);
    rejections.forget('item');
    expect(rejections.note('item', new Error('no'))).toBeLessThanOrEqual(100);
  });
});
