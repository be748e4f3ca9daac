import type { Fault } from '../fault.js';

const FIVE_MINUTES_MS = 300_000;
/** Every `Date` of the process is off; its timers and the clocks of the servers are not. */
const shiftedBy = (ms: number) => `globalThis.Date = new Proxy(Date, {
  construct: (date, given, as) => Reflect.construct(date, given.length > 0 ? given : [date.now() + ${ms}], as),
  get: (date, key) => (key === 'now' ? () => date.now() + ${ms} : Reflect.get(date, key)),
});`;

export const clocks: Fault = {
  id: 'F20',
  says: 'the clocks of a gateway and a dispatcher are five minutes off, one early and one late',
  limits: { accept: 1_000, deliver: 30_000 },
  begin: async ({ nodes, random }) => {
    const early = random.pick([-FIVE_MINUTES_MS, FIVE_MINUTES_MS]);
    await nodes.restartWith('g1', shiftedBy(early));
    await nodes.restartWith('d1', shiftedBy(-early));
  },
  end: async ({ nodes }) => {
    await nodes.kill('g1', 'd1');
    await nodes.start('g1', 'd1');
  },
};
