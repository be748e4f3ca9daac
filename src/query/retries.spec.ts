import { jest } from '@jest/globals';
import type { HttpAnswer } from '../delivery/http-exchange.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault } from '../message/fault.js';
import { isUnavailable, withRetries, type RetryBounds } from './retries.js';

type Turn = HttpAnswer | Error;

const answer = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers,
  body: Buffer.alloc(0),
});
const fault = (code: FaultCode) => new Fault(code, { detail: 'x' });
const FOUND = answer(200);
const BUSY = answer(503);
const UNREACHABLE = fault('receiver-unreachable');
const BROKEN = fault('receiver-error');

/** A provider that takes its turns one after the other, and when each call came, milliseconds from now. */
function taking(...turns: readonly Turn[]) {
  const start = Date.now();
  const calls: number[] = [];
  const call = () => {
    const turn = turns[calls.push(Date.now() - start) - 1];
    if (turn === undefined) throw new Error('it was called too often');
    return turn instanceof Error ? Promise.reject(turn) : Promise.resolve(turn);
  };
  return { calls, call };
}

/** What came of it once all timers have run, within ten minutes. */
async function retried(turns: readonly Turn[], bounds: Partial<RetryBounds> = {}) {
  const { calls, call } = taking(...turns);
  const all = {
    deadline: new Date(Date.now() + 60_000),
    signal: new AbortController().signal,
    isUnanswered: () => true,
  };
  const ending = Promise.allSettled([withRetries(call, { ...all, ...bounds })]);
  await jest.advanceTimersByTimeAsync(600_000);
  const [end] = await ending;
  return { calls, end: end.status === 'fulfilled' ? end.value : (end.reason as unknown) };
}

describe('asking a provider again', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['no connection', UNREACHABLE],
    ['a connection that broke before an answer', BROKEN],
    ['502', answer(502)],
    ['503', BUSY],
    ['504', answer(504)],
  ])('6: asks again after %s', async (_name, first) => {
    const { calls, end } = await retried([first, FOUND]);
    expect([calls.length, end]).toEqual([2, FOUND]);
  });

  it.each([
    ['an answer', FOUND],
    ['a refusal', answer(409)],
    ['a failure of its own', answer(500)],
    ['silence until the deadline', fault('receiver-timeout')],
    ['a failure of the gateway', new Error('no fault')],
  ])('6: asks once after %s', async (_name, first) => {
    const { calls, end } = await retried([first, FOUND]);
    expect([calls.length, end]).toEqual([1, first]);
  });

  it('6: asks once where a part of the answer had come, however the connection ends', async () => {
    const { calls, end } = await retried([BROKEN, FOUND], { isUnanswered: () => false });
    expect([calls.length, end]).toEqual([1, BROKEN]);
  });

  it('6: asks three times at most and ends with what came last', async () => {
    expect(await retried([UNREACHABLE, BUSY, BROKEN, FOUND])).toMatchObject({ calls: { length: 3 }, end: BROKEN });
    expect(await retried([UNREACHABLE, BROKEN, BUSY, FOUND])).toMatchObject({ calls: { length: 3 }, end: BUSY });
  });

  it('6: pauses for 100 ms and then 200 ms, half of it by lot', async () => {
    const { calls } = await retried([BUSY, BUSY, FOUND]);
    const [first, second, third] = calls as [number, number, number];
    expect([first, second - first >= 50, second - first <= 100]).toEqual([0, true, true]);
    expect([third - second >= 100, third - second <= 200]).toEqual([true, true]);
  });

  it('6: pauses as long as Retry-After says', async () => {
    expect((await retried([answer(503, { 'retry-after': '7' }), FOUND])).calls).toEqual([0, 7_000]);
  });

  it('6: asks nothing again where the pause would end at the deadline or after it', async () => {
    const busy = answer(503, { 'retry-after': '2' });
    const within = (ms: number) => retried([busy, FOUND], { deadline: new Date(Date.now() + ms) });
    expect(await within(2_000)).toEqual({ calls: [0], end: busy });
    expect(await within(2_001)).toEqual({ calls: [0, 2_000], end: FOUND });
  });

  it('6: ends its pause when the consumer hangs up, and leaves no timer', async () => {
    const { calls, call } = taking(BUSY, FOUND);
    const gone = new AbortController();
    const bounds = { deadline: new Date(Date.now() + 60_000), signal: gone.signal, isUnanswered: () => true };
    const ending = expect(withRetries(call, bounds)).rejects.toThrow('hung up');
    await jest.advanceTimersByTimeAsync(10);
    gone.abort(new Error('hung up'));
    await ending;
    expect([calls, jest.getTimerCount()]).toEqual([[0], 0]);
  });

  it('6: does not begin a pause for who has hung up already', async () => {
    const gone = new AbortController();
    const call = () => {
      gone.abort(new Error('hung up'));
      return Promise.resolve(BUSY);
    };
    const bounds = { deadline: new Date(Date.now() + 60_000), signal: gone.signal, isUnanswered: () => true };
    await expect(withRetries(call, bounds)).rejects.toThrow('hung up');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    [200, false],
    [500, false],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
    [505, false],
  ])('6: %s means that the provider is unavailable: %s', (status, is) => expect(isUnavailable({ status })).toBe(is));
});
