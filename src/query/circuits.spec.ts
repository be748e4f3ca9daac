import { jest } from '@jest/globals';
import type { HttpAnswer } from '../delivery/http-exchange.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault } from '../message/fault.js';
import { createCircuits, type CircuitChange } from './circuits.js';

const answer = (status: number): HttpAnswer => ({ status, headers: {}, body: Buffer.alloc(0) });
const fault = (code: FaultCode, cause?: Error) => new Fault(code, { detail: 'x', ...(cause && { cause }) });
const SULMONA = { participant: 'c_i804', system: 'sulmona' };
const PRATOLA = { participant: 'c_h007', system: 'pratola' };
const UNREACHABLE = fault('receiver-unreachable');
const works = () => Promise.resolve(answer(200));
const fails = (): Promise<HttpAnswer> => Promise.reject(UNREACHABLE);

/** A call that ends when it is told to. */
function held() {
  const settle = {} as { end: (answer: HttpAnswer) => void; fail: (error: unknown) => void };
  const ending = new Promise<HttpAnswer>((end, fail) => Object.assign(settle, { end, fail }));
  return { call: () => ending, ...settle };
}

describe('the circuit of a system', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const circuitsWith = () => {
    const changes: CircuitChange[] = [];
    const circuits = createCircuits((change) => changes.push(change));
    /** `circuit-open`, another fault's code, an error's text, or the status. */
    const told = (call: () => Promise<HttpAnswer>, receiver = SULMONA): Promise<unknown> =>
      circuits.through(receiver, call).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof Fault ? error.code : (error as Error).message),
      );
    const failed = async (times: number, call = fails) => {
      const each: unknown[] = [];
      for (let count = 0; count < times; count += 1) each.push(await told(call));
      return each;
    };
    return { circuits, told, failed, states: () => changes.map(({ state }) => state), changes };
  };

  it('6: opens at the fifth failure in a row, and calls nobody then', async () => {
    const { circuits, told, failed, changes } = circuitsWith();
    expect(await failed(5)).toEqual(Array.from({ length: 5 }, () => 'receiver-unreachable'));
    expect([circuits.open(), changes]).toEqual([1, [{ system: 'sulmona', state: 'open' }]]);
    const call = jest.fn(works);
    expect(await told(call)).toBe('circuit-open');
    expect(call).not.toHaveBeenCalled();
  });

  it('6: tells the refused whose system it is and when to come back', async () => {
    const { circuits, failed } = circuitsWith();
    await failed(5);
    await expect(circuits.through(SULMONA, works)).rejects.toMatchObject({
      code: 'circuit-open',
      info: { place: 'c_i804', retryAfterSeconds: 5 },
    });
  });

  it('6: stays closed where an answer comes between the failures', async () => {
    const { circuits, told, failed } = circuitsWith();
    await failed(4);
    expect(await told(works)).toBe(200);
    await failed(4);
    expect(circuits.open()).toBe(0);
  });

  it.each([
    ['the end of the consumer’s own time', fault('query-timeout')],
    ['a hang-up', fault('consumer-gone')],
    ['a failure of the gateway', new Error('x')],
  ])(
    '6: opens at the fifth failure where %s comes between, which is none and no answer either',
    async (_name, error) => {
      const { circuits, told, failed } = circuitsWith();
      await failed(4);
      await told(() => Promise.reject(error));
      expect(circuits.open()).toBe(0);
      await failed(1);
      expect(circuits.open()).toBe(1);
    },
  );

  it('6: stays closed where an answer that is too long comes between the failures', async () => {
    const { circuits, told, failed } = circuitsWith();
    await failed(4);
    expect(await told(() => Promise.reject(fault('receiver-error')))).toBe('receiver-error');
    await failed(4);
    expect(circuits.open()).toBe(0);
  });

  it('6: knows one system from another', async () => {
    const { told, failed } = circuitsWith();
    await failed(5);
    expect([await told(works), await told(works, PRATOLA)]).toEqual(['circuit-open', 200]);
  });

  it.each([
    ['no connection', fails],
    ['silence', () => Promise.reject(fault('receiver-timeout'))],
    ['a connection that broke', () => Promise.reject(fault('receiver-error', new Error('ECONNRESET')))],
    ['502', () => Promise.resolve(answer(502))],
    ['503', () => Promise.resolve(answer(503))],
    ['504', () => Promise.resolve(answer(504))],
  ])('6: counts %s as a failure', async (_name, call) => {
    const { circuits, failed } = circuitsWith();
    await failed(5, call);
    expect(circuits.open()).toBe(1);
  });

  it.each([
    ['a failure of one question', () => Promise.resolve(answer(500))],
    ['a refusal', () => Promise.resolve(answer(404))],
    ['an answer that is too long', () => Promise.reject(fault('receiver-error'))],
    ['the end of the consumer’s own time', () => Promise.reject(fault('query-timeout'))],
    ['a failure of the gateway', () => Promise.reject(new Error('x'))],
  ])('6: does not count %s', async (_name, call) => {
    const { circuits, failed } = circuitsWith();
    await failed(10, call);
    expect(circuits.open()).toBe(0);
  });

  it('6: lets one probe through after 5 s; its answer closes the circuit', async () => {
    const { circuits, told, failed, states } = circuitsWith();
    await failed(5);
    jest.advanceTimersByTime(4_999);
    expect(await told(works)).toBe('circuit-open');
    jest.advanceTimersByTime(1);
    const probe = held();
    const probing = told(probe.call);
    expect([await told(works), await told(works)]).toEqual(['circuit-open', 'circuit-open']);
    probe.end(answer(200));
    expect([await probing, circuits.open()]).toEqual([200, 0]);
    expect(states()).toEqual(['open', 'half-open', 'closed']);
    expect(await failed(4)).not.toContain('circuit-open');
    expect(await told(works)).toBe(200);
  });

  it('6: waits twice as long after each probe that fails, at most a minute', async () => {
    const { told, failed } = circuitsWith();
    await failed(5);
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      jest.advanceTimersByTime(seconds * 1000 - 1);
      expect(await told(fails)).toBe('circuit-open');
      jest.advanceTimersByTime(1);
      expect(await told(fails)).toBe('receiver-unreachable');
    }
  });

  it.each([
    ['its consumer hung up', new Error('hung up')],
    ['its consumer’s time was over', fault('query-timeout')],
  ])('6: a probe that tells nothing because %s leaves it open', async (_name, error) => {
    const { told, failed, states } = circuitsWith();
    await failed(5);
    jest.advanceTimersByTime(5_000);
    await told(() => Promise.reject(error));
    expect(await told(works)).toBe('circuit-open');
    expect(states()).toEqual(['open', 'half-open', 'open']);
  });

  it.each([
    ['a failure', UNREACHABLE],
    ['a hang-up', new Error('hung up')],
  ])('6: %s of a call from before the circuit opened takes nothing from the probe', async (_name, error) => {
    const { circuits, told, failed, states } = circuitsWith();
    const old = held();
    const asking = told(old.call);
    await failed(5);
    jest.advanceTimersByTime(5_000);
    const probe = held();
    const probing = told(probe.call);
    old.fail(error);
    await asking;
    probe.end(answer(200));
    expect([await probing, circuits.open()]).toEqual([200, 0]);
    expect(states()).toEqual(['open', 'half-open', 'closed']);
  });

  it('6: an old answer does not close it', async () => {
    const { circuits, told, failed } = circuitsWith();
    const old = held();
    const asking = told(old.call);
    await failed(5);
    old.end(answer(200));
    expect([await asking, circuits.open()]).toEqual([200, 1]);
  });
});
