import { readAccepted } from './missing.js';

const LINE = {
  level: 'info',
  time: '2026-11-28T14:00:00.123Z',
  node: 'g1',
  messageId: '019a0000-0000-7000-8000-000000000001',
  by: 'sulmona.tributi',
  event: 'message.accepted',
};

describe('10. what a log says was accepted', () => {
  it('10. is read, also behind what a collector has put before the line', () => {
    const told = { id: LINE.messageId, time: LINE.time, sender: LINE.by };
    expect(readAccepted(JSON.stringify(LINE))).toEqual(told);
    expect(readAccepted(`g1-1  | 2026-11-28 ${JSON.stringify(LINE)}`)).toEqual(told);
  });

  it.each([
    ['', ''],
    ['text', 'the gateway is ready'],
    ['another event', JSON.stringify({ ...LINE, event: 'delivery.delivered' })],
    ['another event that quotes it', JSON.stringify({ ...LINE, event: 'x', detail: '"message.accepted"' })],
    ['a line that is cut off', JSON.stringify(LINE).slice(0, -2)],
    ['no id', JSON.stringify({ ...LINE, messageId: undefined })],
  ])('10. tells nothing of %s', (_, line) => {
    expect(readAccepted(line)).toBeNull();
  });
});
