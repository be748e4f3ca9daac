import { scheduleOf } from './schedule.js';

const order = { seed: 7, faults: ['F1', 'F5', 'F10'], times: 3, every: 20, hold: [5, 15] } as const;

describe('scheduleOf', () => {
  it('is the same for one seed and another for another one', () => {
    expect(scheduleOf(order)).toEqual(scheduleOf(order));
    expect(scheduleOf({ ...order, seed: 8 })).not.toEqual(scheduleOf(order));
  });

  it('brings each fault as often as asked, one after the other', () => {
    const plan = scheduleOf(order);
    for (const fault of order.faults) expect(plan.filter((one) => one.fault === fault)).toHaveLength(3);
    expect(plan.map(({ at }) => at)).toEqual([20, 40, 60, 80, 100, 120, 140, 160, 180]);
    for (const { hold } of plan) expect(hold >= 5 && hold <= 15).toBe(true);
  });
});
