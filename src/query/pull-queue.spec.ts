import { jest } from '@jest/globals';
import { Fault } from '../message/fault.js';
import type { HandedAnswer, HandedQuestion } from './handed-out.js';
import { PullQueue } from './pull-queue.js';

const question = (id: string, deadline: Date) =>
  ({ item: { message: { id }, deadline }, written: {} }) as unknown as HandedQuestion;
const answer = (status = 200): HandedAnswer => ({ status, headers: {}, body: Buffer.from('{}') });
const idOf = (pulled: HandedQuestion | null) => pulled?.item.message.id ?? null;
const STOPPING = new Fault('stopping', { detail: 'x' });
const LINGER_MS = 10_000;

/** A queue with what it told, and what came of each question that was parked. */
function newQueue(announce: () => Promise<void> = () => Promise.resolve()) {
  const late: [string, number][] = [];
  const changes: boolean[] = [];
  const queue: PullQueue = new PullQueue({
    changed: () => {
      changes.push(queue.isConnected);
      return announce();
    },
    late: (id, { status }) => late.push([id, status]),
  });
  const park = (id: string, deadline = new AbortController(), leftMs = 60_000) => {
    const ending = queue.park(question(id, new Date(Date.now() + leftMs)), deadline.signal).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    return { ending, end: (reason = 'too late') => deadline.abort(new Error(reason)) };
  };
  const fetch = (waitMs = 0, signal = new AbortController().signal) => queue.fetch(waitMs, signal).then(idOf);
  const refused = (id: string, status = 200): string => {
    try {
      queue.answer(id, answer(status));
      return 'taken';
    } catch (error) {
      return (error as Fault).code;
    }
  };
  return { queue, park, fetch, refused, late, changes };
}

describe('the questions that a system fetches', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('1: hands them out in the order in which they came, each once', async () => {
    const { park, fetch } = newQueue();
    park('a');
    park('b');
    expect([await fetch(), await fetch(), await fetch()]).toEqual(['a', 'b', null]);
  });

  it('1: hands out none whose deadline is there, though its timer has not fired yet', async () => {
    const { park, fetch } = newQueue();
    park('over', new AbortController(), 0);
    park('nearly', new AbortController(), 5);
    park('in time');
    expect([await fetch(), await fetch()]).toEqual(['in time', null]);
  });

  it('1: gives one that comes to the poll that has waited longest', async () => {
    const { park, fetch } = newQueue();
    const polls = [fetch(20_000), fetch(20_000)];
    park('a');
    park('b');
    expect(await Promise.all(polls)).toEqual(['a', 'b']);
    expect(await fetch()).toBeNull();
  });

  it('1: takes the answer to who asked', async () => {
    const { queue, park, fetch } = newQueue();
    const { ending } = park('a');
    await fetch();
    queue.answer('a', answer(201));
    expect(await ending).toBe(201);
  });

  it('1: a poll ends with nothing after its wait, and takes no question after that', async () => {
    const { park, fetch } = newQueue();
    const poll = fetch(20_000);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await poll).toBeNull();
    park('a');
    expect(await fetch()).toBe('a');
  });

  it('1: a poll that is hung up takes no question', async () => {
    const { park, fetch } = newQueue();
    const gone = new AbortController();
    const poll = fetch(20_000, gone.signal);
    gone.abort();
    expect(await poll).toBeNull();
    park('a');
    expect([await fetch(0, gone.signal), await fetch()]).toEqual([null, 'a']);
  });

  it('1: hands out nothing that has ended', async () => {
    const { park, fetch, refused } = newQueue();
    const { ending, end } = park('a');
    end();
    expect([await ending, await fetch(), refused('a')]).toEqual(['too late', null, 'question-unknown']);
  });

  it('1: refuses a question that comes after its end', async () => {
    const { park, fetch } = newQueue();
    const deadline = new AbortController();
    deadline.abort(new Error('too late'));
    expect([await park('a', deadline).ending, await fetch()]).toEqual(['too late', null]);
  });

  it('1: knows no answer to what was not handed out', async () => {
    const { park, refused } = newQueue();
    park('a');
    expect([refused('a'), refused('b')]).toEqual(['question-unknown', 'question-unknown']);
  });

  it('1: takes an answer that is repeated like the first, and drops it', async () => {
    const { park, fetch, refused, late } = newQueue();
    const { ending } = park('a');
    await fetch();
    expect([refused('a', 200), refused('a', 500)]).toEqual(['taken', 'taken']);
    expect([await ending, late]).toEqual([200, []]);
  });

  it('1: lets a question that comes again under its id take the place of the first, which ends', async () => {
    const { park, fetch, refused } = newQueue();
    const first = park('a');
    await fetch();
    const second = park('a');
    await fetch();
    expect(await first.ending).toMatch(/asked again/);
    first.end();
    expect([refused('a', 201), await second.ending]).toEqual(['taken', 201]);
  });

  it('1: tells of a late answer once, and refuses it each time', async () => {
    const { park, fetch, refused, late } = newQueue();
    const { ending, end } = park('a');
    await fetch();
    end();
    expect(await ending).toBe('too late');
    expect([refused('a', 201), refused('a', 202)]).toEqual(['question-expired', 'question-expired']);
    expect(late).toEqual([['a', 201]]);
  });

  it('1: remembers the last thousand that ended', async () => {
    const { park, fetch, refused } = newQueue();
    for (let count = 0; count <= 1_000; count += 1) {
      park(`q${count}`);
      await fetch();
      refused(`q${count}`);
    }
    expect([refused('q0'), refused('q1'), refused('q1000')]).toEqual(['question-unknown', 'taken', 'taken']);
  });

  it('1: counts a puller as there for 10 s after its last request', async () => {
    const { queue, fetch, changes } = newQueue();
    expect(queue.isConnected).toBe(false);
    await fetch();
    await jest.advanceTimersByTimeAsync(LINGER_MS - 1);
    await fetch();
    await jest.advanceTimersByTimeAsync(LINGER_MS - 1);
    expect(queue.isConnected).toBe(true);
    await jest.advanceTimersByTimeAsync(1);
    expect([queue.isConnected, changes]).toEqual([false, [true, false]]);
  });

  it('1: counts a puller as there while it polls and while it holds a question', async () => {
    const { queue, park, fetch, refused, changes } = newQueue();
    const poll = fetch(60_000);
    await jest.advanceTimersByTimeAsync(3 * LINGER_MS);
    expect(queue.isConnected).toBe(true);
    park('a');
    expect(await poll).toBe('a');
    await jest.advanceTimersByTimeAsync(10 * LINGER_MS);
    expect(queue.isConnected).toBe(true);
    refused('a');
    await jest.advanceTimersByTimeAsync(LINGER_MS);
    expect([queue.isConnected, changes]).toEqual([false, [true, false]]);
  });

  it('1: counts a puller whose question has ended as there for 10 s more', async () => {
    const { queue, park, fetch } = newQueue();
    const { ending, end } = park('a');
    await fetch();
    await jest.advanceTimersByTimeAsync(6 * LINGER_MS);
    end();
    await ending;
    await jest.advanceTimersByTimeAsync(LINGER_MS - 1);
    expect(queue.isConnected).toBe(true);
    await jest.advanceTimersByTimeAsync(1);
    expect(queue.isConnected).toBe(false);
  });

  it('1: tells a puller of no question only when askers know that it is there', async () => {
    let tell: () => void = () => undefined;
    const { fetch } = newQueue(() => new Promise((resolve) => (tell = resolve)));
    let told = false;
    const poll = fetch().then(() => (told = true));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told).toBe(false);
    tell();
    expect(await poll).toBe(true);
  });

  it('1: gives a question to a puller before askers know of it', async () => {
    const { park, fetch } = newQueue(() => new Promise(() => undefined));
    park('a');
    expect(await fetch()).toBe('a');
  });

  it('1: ends every question when it stops, and leaves no timer', async () => {
    const { queue, park, fetch, changes } = newQueue();
    const asked = [park('a'), park('b')];
    await fetch();
    queue.stop(STOPPING);
    const ends = await Promise.all(asked.map(({ ending }) => ending));
    expect(ends).toEqual([STOPPING.message, STOPPING.message]);
    expect([queue.isConnected, changes, jest.getTimerCount()]).toEqual([false, [true, false], 0]);
  });

  it('1: ends every poll when it stops, and leaves no timer', async () => {
    const { queue, fetch, changes } = newQueue();
    const polls = [fetch(60_000), fetch(60_000)];
    queue.stop(STOPPING);
    expect(await Promise.all(polls)).toEqual([null, null]);
    expect([queue.isConnected, changes, jest.getTimerCount()]).toEqual([false, [true, false], 0]);
  });
});
