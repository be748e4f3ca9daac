import type { Fault } from './fault.js';
import type { Got, Sent } from './ledger.js';
import { atLeast, spared, waysOf, type Way } from './others.js';
import { recoveries } from './recovery.js';
import { boundOf } from './report.js';

const request = (id: string, more: Partial<Sent> = {}) =>
  ({ id, intent: 'message', receiver: 'e01', isOrdered: false, at: 0, ms: 10, status: 202, ...more }) as Sent;

describe('report of the fault bench', () => {
  it('bounds what was not seen by the rule of three', () => {
    expect(boundOf(0, 270_000)).toMatch(/fewer than 1\.1e-5 of all/);
    expect(boundOf(2, 10)).toBe('2 of 10 lost');
    expect(boundOf(0, 0)).toMatch(/says nothing/);
  });

  it('measures the longest gaps around a fault, and holds them to its limits', () => {
    const fault = { id: 'F', says: '', limits: { accept: 500, deliver: 1_000, stops: true } } as Fault;
    const sent = [0, 900, 2_400, 3_000].map((at) => request(String(at), { at }));
    const got = [0, 1_000, 2_900].map((at) => ({ at, taken: true }) as Got);
    const happened = [{ fault: 'F', began: 800, ended: 2_000 }];
    const faults = new Map([['F', fault]]);
    const gaps = { acceptGapMs: 1_500, deliverGapMs: 1_900, acceptP99Ms: 10 };
    expect(recoveries({ sent, got }, happened, faults)).toEqual([
      { fault: 'F', heldMs: 1_200, ...gaps, spared: null, over: [] },
    ]);
    expect(recoveries({ sent: sent.toSpliced(2, 1), got }, happened, faults)[0]?.over).toEqual(['gap of acceptance']);
  });
});

describe('I10 of the fault bench', () => {
  const happened = [{ fault: 'F', began: 0, ended: 2_000 }];
  const overOf = (sent: readonly Sent[], acceptP99 = 1_000) => {
    const fault = { id: 'F', says: '', limits: { accept: 1e6, deliver: 1e6, acceptP99 } } as Fault;
    return recoveries({ sent, got: [] }, happened, new Map([['F', fault]]))[0]!.over;
  };
  const quick = Array.from({ length: 98 }, (_, n) => request(`m${n}`, { at: n * 10 }));

  it('holds the p99 of acceptance to the limit of the fault', () => {
    const slow = (id: string, ms: number) => request(id, { at: 500, ms });
    expect(overOf([...quick, slow('a', 999), slow('b', 5_000)])).toEqual([]);
    expect(overOf([...quick, slow('a', 1_000), slow('b', 5_000)])).toEqual(['I10: p99 of acceptance']);
    expect(overOf([...quick, slow('a', 1_000), slow('b', 5_000)], 1_001)).toEqual([]);
  });

  it('counts the refusals before an acceptance, and no repetition after it', () => {
    const late = (id: string) => [request(id, { status: 503 }), request(id, { at: 1_500 })];
    expect(overOf([...quick, ...late('a'), ...late('b')])).toEqual(['I10: p99 of acceptance']);
    const again = (id: string) => [
      request(id),
      request(id, { at: 1_500 }),
      request(id, { intent: 'repeat', ms: 4_000 }),
    ];
    expect(overOf([...quick, ...again('a'), ...again('b')])).toEqual([]);
  });

  it('follows each message without an order to its first arrival', () => {
    const sent = [
      request('a', { at: 5 }),
      request('b', { isOrdered: true }),
      request('c', { status: 503 }),
      request('d'),
    ];
    const got = [90, 35].map((at) => ({ id: 'a', at, taken: false }) as Got);
    expect(waysOf(sent, got)).toEqual([
      { receiver: 'e01', at: 5, ms: 30 },
      { receiver: 'e01', at: 0, ms: Infinity },
    ]);
  });

  /** One each 10 ms for 41 s: in each hundred 98 take 100 ms and two 200; from 25 s to 30 s as `inFault` says. */
  const run = (inFault: (n: number) => number, receiver = 'e02'): readonly Way[] =>
    Array.from({ length: 4_100 }, (_, n) => ({ n, at: n * 10, usual: n % 100 < 2 ? 200 : 100 })).map(
      ({ n, at, usual }) => ({ receiver, at, ms: at >= 25_000 && at < 30_000 ? inFault(n) : usual }),
    );
  const fault = { from: 25_000, until: 30_000 };
  const judged = (ways: readonly Way[]) => spared(ways, fault, [fault], ['e01']);

  it('lets a fault raise the p99 of the others by a fifth, or by what is noise', () => {
    expect(judged(run(() => 249))).toEqual({
      p99Ms: 249,
      calmP99Ms: 200,
      limitMs: 250,
      messages: 500,
      tooSlow: 0,
      isKept: true,
    });
    const slower = run(() => 1_000).map((way) => ({ ...way, ms: way.ms * 5 }));
    expect(judged(slower)).toMatchObject({ calmP99Ms: 1_000, limitMs: 1_200, isKept: false });
  });

  it('takes no more for chance than chance brings', () => {
    expect(judged(run((n) => (n % 100 < 2 ? 300 : 100)))).toMatchObject({ tooSlow: 10, isKept: true });
    expect(judged(run((n) => (n % 100 < 4 ? 300 : 100)))).toMatchObject({ tooSlow: 20, isKept: false });
    expect(atLeast(1, 1, 0.01)).toBeCloseTo(0.01);
    expect(atLeast(2, 3, 0.5)).toBeCloseTo(0.5);
    expect(atLeast(0, 3, 0.5)).toBe(1);
  });

  it('does not hold against a fault what the one before has left', () => {
    const before = { from: 15_000, until: 25_000 };
    const backlog = (at: number) => 28_000 - at;
    const ways = run((n) => (n < 2_800 ? backlog(n * 10) : 100)).map((way) =>
      way.at >= before.from && way.at < before.until ? { ...way, ms: backlog(way.at) } : way,
    );
    const calm = Array.from({ length: 3_000 }, (_, n) => ({ receiver: 'e02', at: 41_000 + n * 10, ms: 200 }));
    const judgedAfter = (all: readonly Way[]) => spared(all, fault, [before, fault], ['e01']);
    expect(judgedAfter([...ways, ...calm])).toMatchObject({ messages: 0, limitMs: null, isKept: true });
    const later = { from: 25_000, until: 36_000 };
    const slow = ways.map((way) => (way.at >= 31_000 && way.at < 36_000 ? { ...way, ms: 900 } : way));
    const told = (all: readonly Way[]) => spared(all, later, [before, later], ['e01']);
    expect(told([...ways, ...calm])).toMatchObject({ messages: 600, tooSlow: 0, isKept: true });
    expect(told([...slow, ...calm])).toMatchObject({ messages: 600, tooSlow: 500, isKept: false });
  });

  it('asks nothing for those that the fault harms, and what never arrives is too slow', () => {
    expect(judged(run(() => Infinity, 'e01'))).toMatchObject({ messages: 0, limitMs: null, isKept: true });
    expect(judged(run(() => Infinity))).toMatchObject({ tooSlow: 500, isKept: false });
  });

  it('does not measure its calm by what never arrived', () => {
    const holed = run(() => 249).map((way) => (way.at % 500 === 0 && way.at < 25_000 ? { ...way, ms: Infinity } : way));
    expect(judged(holed)).toMatchObject({ calmP99Ms: 200, limitMs: 250 });
  });

  it('does not judge where there is too little calm, or too few messages', () => {
    const all = { from: 0, until: 25_000 };
    expect(
      spared(
        run(() => 9_000),
        fault,
        [all, fault],
        [],
      ),
    ).toMatchObject({ limitMs: null, isKept: true });
    const few = run(() => 9_000).filter(({ at }) => at < 25_000 || at >= 30_000 || at % 200 === 0);
    expect(judged(few)).toMatchObject({ messages: 25, limitMs: null, isKept: true });
  });
});
