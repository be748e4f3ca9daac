import { recoveries } from './recovery.js';
import { boundOf } from './report.js';
import type { Fault } from './fault.js';
import type { Got, Sent } from './ledger.js';

describe('report of the fault bench', () => {
  it('bounds what was not seen by the rule of three', () => {
    expect(boundOf(0, 270_000)).toMatch(/fewer than 1\.1e-5 of all/);
    expect(boundOf(2, 10)).toBe('2 of 10 lost');
    expect(boundOf(0, 0)).toMatch(/says nothing/);
  });

  it('measures the longest gaps around a fault, and holds them to its limits', () => {
    const fault = { id: 'F', says: '', limits: { accept: 500, deliver: 1_000, stops: true } } as Fault;
    const sent = [0, 900, 2_400, 3_000].map((at) => ({ at, ms: 10, status: 202 }) as Sent);
    const got = [0, 1_000, 2_900].map((at) => ({ at, taken: true }) as Got);
    const happened = [{ fault: 'F', began: 800, ended: 2_000 }];
    const faults = new Map([['F', fault]]);
    expect(recoveries({ sent, got }, happened, faults)).toEqual([
      { fault: 'F', heldMs: 1_200, acceptGapMs: 1_500, deliverGapMs: 1_900, acceptP99Ms: 10, isWithin: true },
    ]);
    expect(recoveries({ sent: sent.toSpliced(2, 1), got }, happened, faults)[0]?.isWithin).toBe(false);
  });
});
