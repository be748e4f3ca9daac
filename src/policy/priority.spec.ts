import { priorityOf } from './priority.js';

const of = (asked: string | null, operation: { priority?: number } = {}, maxPriority: number | null = null) =>
  priorityOf(asked === null ? {} : { 'x-priority': asked }, operation, { maxPriority });

describe('priority', () => {
  it('4: is the operation’s, 4 where it says nothing', () => {
    expect([of(null), of(null, { priority: 7 }), of(null, { priority: 0 })]).toEqual([4, 7, 0]);
  });

  it('4: may be lowered by the sender, and raised as far as the agreement allows', () => {
    expect([of('2'), of('9'), of('9', {}, 6), of('9', {}, 9), of('5', { priority: 3 }, 9)]).toEqual([2, 4, 6, 9, 5]);
  });

  it('4: is never more than the agreement allows, nor of the operation', () => {
    expect([of(null, { priority: 8 }, 5), of('8', { priority: 8 }, 5)]).toEqual([5, 5]);
  });

  it.each(['10', '-1', 'high', '4.5', '4, 4'])('4: refuses %s', (asked) => {
    expect(() => of(asked)).toThrow(expect.objectContaining({ code: 'parameter-wrong' }));
  });
});
