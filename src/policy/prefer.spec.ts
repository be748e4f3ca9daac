import { preferredWaitMs, prefersLater } from './prefer.js';

describe('Prefer', () => {
  it.each([
    ['wait=10', 10_000],
    ['respond-async, wait=5', 5_000],
    ['WAIT = "7" ; x', 7_000],
    ['wait=0', null],
    ['wait=-1', null],
    ['await=10', null],
    ['', null],
  ])('5: %p asks to wait %p ms', (prefer, ms) => {
    expect(preferredWaitMs({ prefer })).toBe(ms);
  });

  it.each([
    ['respond-async', true],
    ['wait=10, Respond-Async', true],
    ['handling=lenient; respond-async', true],
    ['respond-async=no', false],
    ['', false],
  ])('5: %p asks for a later answer: %p', (prefer, is) => {
    expect(prefersLater({ prefer })).toBe(is);
  });
});
