import { jest } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { Fault } from '../message/fault.js';
import { exchange, type HttpOrder } from './http-exchange.js';

/** One connection, which is made when the test says so. */
function connection() {
  const handlers: Dispatcher.DispatchHandler[] = [];
  const dispatch = (_options: unknown, handler: Dispatcher.DispatchHandler) => handlers.push(handler) > 0;
  const abort = jest.fn();
  const connect = () => handlers[0]!.onConnect!(abort);
  const answer = (...chunks: readonly Buffer[]) => {
    handlers[0]!.onHeaders!(200, [], () => undefined, 'OK');
    for (const chunk of chunks) handlers[0]!.onData!(chunk);
    handlers[0]!.onComplete!([]);
  };
  const fail = (error: Error) => handlers[0]!.onError!(error);
  return { dispatcher: { dispatch } as unknown as Dispatcher, handlers, connect, abort, answer, fail };
}

const ORDER: HttpOrder = {
  method: 'GET',
  url: 'http://provider.example/',
  headers: {},
  body: Buffer.alloc(0),
  timeoutMs: 5_000,
  receiver: 'c_h007',
  maxBytes: 100,
  longer: 'refuse',
};

const GONE = new Fault('consumer-gone', { detail: 'x' });
const ended = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: Fault) => error.code,
  );

describe('an exchange over HTTP', () => {
  afterEach(() => void jest.useRealTimers());

  it('6: ends at its time while there is no connection, and asks nothing once there is one', async () => {
    jest.useFakeTimers();
    const { dispatcher, connect, abort, fail } = connection();
    const asked = ended(exchange(dispatcher, ORDER));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await Promise.race([asked, 'waits'])).toBe('receiver-timeout');
    connect();
    expect(abort).toHaveBeenCalledTimes(1);
    fail(new Error('aborted'));
    await jest.advanceTimersByTimeAsync(0);
  });

  it('6: ends when its consumer hangs up while there is no connection', async () => {
    const { dispatcher } = connection();
    const consumer = new AbortController();
    const asked = ended(exchange(dispatcher, { ...ORDER, signal: consumer.signal }));
    consumer.abort(GONE);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.race([asked, 'waits'])).toBe('consumer-gone');
  });

  it('6: asks nothing of who has hung up already', async () => {
    const { dispatcher, handlers } = connection();
    const asked = ended(exchange(dispatcher, { ...ORDER, signal: AbortSignal.abort(GONE) }));
    expect([await Promise.race([asked, new Promise(setImmediate)]), handlers]).toEqual(['consumer-gone', []]);
  });

  it('6: an answer that comes after the end is dropped', async () => {
    const { dispatcher, connect, answer } = connection();
    const consumer = new AbortController();
    const asked = ended(exchange(dispatcher, { ...ORDER, signal: consumer.signal }));
    connect();
    answer(Buffer.from('Anna'));
    consumer.abort(GONE);
    expect(await asked).toBe('consumer-gone');
  });

  it('2: an answer that comes at once is not copied, and cut where its start is enough', async () => {
    const body = Buffer.from('Anna');
    const taken = async (more: Partial<HttpOrder>) => {
      const { dispatcher, connect, answer } = connection();
      const asked = exchange(dispatcher, { ...ORDER, ...more });
      connect();
      answer(body);
      return (await asked).body;
    };
    expect(await taken({})).toBe(body);
    expect(await taken({ maxBytes: 2, longer: 'cut' })).toEqual(Buffer.from('An'));
  });

  it('6: takes an answer, and the fault of a connection that fails', async () => {
    const working = connection();
    const asked = exchange(working.dispatcher, ORDER);
    working.connect();
    working.answer(Buffer.from('An'), Buffer.from('na'));
    expect(await asked).toEqual({ status: 200, headers: {}, body: Buffer.from('Anna') });
    const failing = connection();
    const failed = ended(exchange(failing.dispatcher, ORDER));
    failing.fail(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
    expect(await failed).toBe('receiver-unreachable');
  });
});
