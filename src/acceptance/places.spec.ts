import { createPlaces } from './places.js';

const overloaded = expect.objectContaining({ code: 'overloaded' }) as Error;

describe('places', () => {
  it('7: holds a system and the node to their number, and gives a place back once', () => {
    const take = createPlaces('fan-outs', { all: 3, ofSystem: 2 });
    const leave = take('a');
    take('a');
    expect(() => take('a')).toThrow(overloaded);
    const other = take('b');
    expect(() => take('b')).toThrow(overloaded);
    leave();
    leave();
    expect(take('a')).toBeInstanceOf(Function);
    expect(() => take('c')).toThrow(overloaded);
    other();
    expect(take('c')).toBeInstanceOf(Function);
  });
});
