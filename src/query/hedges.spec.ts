import { jest } from '@jest/globals';
import type { HttpAnswer } from '../delivery/http-exchange.js';
import { Fault } from '../message/fault.js';
import { createHedges } from './hedges.js';

const answer = (status: number): HttpAnswer => ({ status, headers: {}, body: Buffer.alloc(0) });
const FOUND = answer(200);
const BROKEN = new Fault('receiver-error', { detail: 'x' });
const AFTER_MS = 50;
const live = () => new AbortController().signal;

/** A provider whose calls end when told, or when they are aborted. */
function provider() {
  const calls: { end: (answer: HttpAnswer) => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const call = (signal: AbortSignal) =>
    new Promise<HttpAnswer>((end, fail) => {
      calls.push({ end, fail, signal });
      signal.addEventListener('abort', () => fail(signal.reason as Error));
    });
  return { calls, call };
}

describe('hedging', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Nine questions to the system were asked since the last hedge. */
  function hedgesWith({ isClosed = true, questions = 9 } = {}) {
    const told = jest.fn();
    const sent = jest.fn();
    const hedges = createHedges({ isClosed: () => isClosed, sent: told });
    const question = (system = 'sulmona') => hedges.question(system, AFTER_MS, sent);
    for (let count = 0; count < questions; count += 1) question();
    return { question, told, sent };
  }

  const turn = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('6: calls again after the time that the first call has for itself, and tells so', async () => {
    const { question, told, sent } = hedgesWith();
    const { calls, call } = provider();
    const asking = question()(call, live());
    await turn(AFTER_MS - 1);
    expect(calls).toHaveLength(1);
    await turn(1);
    expect([calls.length, told.mock.calls.length, sent.mock.calls]).toEqual([2, 1, [[AFTER_MS]]]);
    calls[1]!.end(FOUND);
    expect(await asking).toBe(FOUND);
  });

  it.each([
    ['first', 0, 1],
    ['second', 1, 0],
  ])('6: gives the answer of the %s call and aborts the other', async (_name, winner, loser) => {
    const { calls, call } = provider();
    const asking = hedgesWith().question()(call, live());
    await turn(AFTER_MS);
    expect(calls[loser]!.signal.aborted).toBe(false);
    calls[winner]!.end(FOUND);
    expect([await asking, calls[loser]!.signal.aborted]).toEqual([FOUND, true]);
  });

  it.each([
    ['fails', (one: { fail: (error: Error) => void }) => one.fail(BROKEN)],
    ['is unavailable', (one: { end: (answer: HttpAnswer) => void }) => one.end(answer(503))],
  ])('6: waits for the other call where one %s', async (_name, end) => {
    for (const [failed, good] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const { calls, call } = provider();
      const asking = hedgesWith().question()(call, live());
      await turn(AFTER_MS);
      end(calls[failed]!);
      await turn(1_000);
      calls[good]!.end(FOUND);
      expect(await asking).toBe(FOUND);
    }
  });

  it('6: ends as the first call does where neither is of use', async () => {
    const { calls, call } = provider();
    const asking = expect(hedgesWith().question()(call, live())).rejects.toBe(BROKEN);
    await turn(AFTER_MS);
    calls[1]!.end(answer(503));
    calls[0]!.fail(BROKEN);
    await asking;
  });

  it('6: calls once where the first call ends in its time, and leaves no timer', async () => {
    const { question, told } = hedgesWith();
    const { calls, call } = provider();
    const asking = question()(call, live());
    calls[0]!.end(FOUND);
    expect(await asking).toBe(FOUND);
    expect([jest.getTimerCount(), told.mock.calls.length]).toEqual([0, 0]);
  });

  it('6: ends both calls when the consumer hangs up', async () => {
    const { calls, call } = provider();
    const gone = new AbortController();
    const asking = expect(hedgesWith().question()(call, gone.signal)).rejects.toThrow('hung up');
    await turn(AFTER_MS);
    gone.abort(new Error('hung up'));
    await asking;
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('6: sends none while the circuit is not closed', async () => {
    const { calls, call } = provider();
    const asking = hedgesWith({ isClosed: false }).question()(call, live());
    await turn(AFTER_MS * 2);
    calls[0]!.end(FOUND);
    expect([await asking, calls.length]).toEqual([FOUND, 1]);
  });

  it('6: hedges one attempt of a question', async () => {
    const attempt = hedgesWith({ questions: 30 }).question();
    const { calls, call } = provider();
    const first = attempt(call, live());
    await turn(AFTER_MS);
    calls[1]!.end(FOUND);
    await first;
    const second = attempt(call, live());
    await turn(AFTER_MS * 2);
    calls[2]!.end(FOUND);
    await second;
    expect(calls).toHaveLength(3);
  });

  it('6: hedges one question in ten of a system at most, however many are slow at once', async () => {
    const { question, told } = hedgesWith({ questions: 0 });
    const { calls, call } = provider();
    const asking = Array.from({ length: 100 }, () => question()(call, live()));
    await turn(AFTER_MS);
    expect(told).toHaveBeenCalledTimes(1);
    for (const { end } of calls) end(FOUND);
    await Promise.all(asking);
    for (let slow = 0; slow < 100; slow += 1) {
      const next = question()(call, live());
      await turn(AFTER_MS);
      calls.at(-1)!.end(FOUND);
      await next;
    }
    expect(told).toHaveBeenCalledTimes(11);
  });

  it('6: counts each system by itself', async () => {
    const { calls, call } = provider();
    const asking = hedgesWith({ questions: 100 }).question('pratola')(call, live());
    await turn(AFTER_MS);
    calls[0]!.end(FOUND);
    expect([await asking, calls.length]).toEqual([FOUND, 1]);
  });
});
