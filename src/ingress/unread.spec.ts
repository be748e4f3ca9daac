import { jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { UnreadAnswers } from './unread.js';

const MIB = 1024 * 1024;

/** The answer on a connection, which closes when it was read or is cut off. */
class Connection extends EventEmitter {
  isCutOff = false;

  destroy(): this {
    this.isCutOff = true;
    return this.close();
  }

  close(): this {
    this.emit('close');
    return this;
  }
}

const added = (unread: UnreadAnswers, size: number) => {
  const connection = new Connection();
  unread.add(connection as never, size);
  return connection;
};

describe('answers that nobody reads', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('1: cuts a slow reader off, later for a longer answer, and not who has read', () => {
    const unread = new UnreadAnswers();
    const [short, long, small, read] = [MIB, 20 * MIB, 1000, MIB].map((size) => added(unread, size));
    read!.close();
    jest.advanceTimersByTime(20_000);
    expect([short, long, small, read].map((each) => each!.isCutOff)).toEqual([true, false, false, false]);
    jest.advanceTimersByTime(80_000);
    expect([short, long, small, read].map((each) => each!.isCutOff)).toEqual([true, true, false, false]);
  });

  it('1: holds so many bytes and no more: the oldest goes first, one alone may be more', () => {
    const unread = new UnreadAnswers(3 * MIB);
    const one = added(unread, 2 * MIB);
    const two = added(unread, MIB);
    expect(one.isCutOff).toBe(false);
    two.close();
    const three = added(unread, MIB);
    const four = added(unread, MIB);
    expect([one.isCutOff, three.isCutOff, four.isCutOff]).toEqual([true, false, false]);
    const five = added(unread, 5 * MIB);
    expect([three.isCutOff, four.isCutOff, five.isCutOff]).toEqual([true, true, false]);
  });
});
