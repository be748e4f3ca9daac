import type { Fault } from '../message/fault.js';
import { createRoom } from './room.js';

const to = (system: string) => ({ participant: 'c_h007', system });

describe('room for questions under way', () => {
  const refused = (take: () => unknown) => {
    try {
      take();
      return 'taken';
    } catch (error) {
      return (error as Fault).code;
    }
  };

  it('1: one system has so many bytes and others go on; one question alone may be more', () => {
    const take = createRoom({ all: 100, ofSystem: 10 });
    const leave = take(to('a'), 12);
    expect(refused(() => take(to('a'), 1))).toBe('receiver-overloaded');
    expect(refused(() => take(to('b'), 10))).toBe('taken');
    leave();
    expect(refused(() => take(to('a'), 9))).toBe('taken');
    expect(refused(() => take(to('a'), 2))).toBe('receiver-overloaded');
  });

  it('1: all together have so many bytes', () => {
    const take = createRoom({ all: 20, ofSystem: 15 });
    const leave = take(to('a'), 15);
    expect(refused(() => take(to('b'), 6))).toBe('overloaded');
    expect(refused(() => take(to('b'), 0))).toBe('taken');
    leave();
    expect(refused(() => take(to('b'), 15))).toBe('taken');
  });
});
