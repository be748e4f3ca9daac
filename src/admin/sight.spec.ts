import type { JournalEvent } from '../trace/events.js';
import type { MessageStatus } from '../trace/ports.js';
import type { ActingOperator } from './permissions.js';
import { eventInSight, inSight } from './sight.js';

const operator = (...codes: string[]): ActingOperator => ({
  id: 'x',
  name: 'x',
  role: 'participant',
  participants: codes.length === 0 ? null : new Set(codes),
});
const message = {
  sender: { participant: 'a', system: 'a.s' },
  deliveries: ['b', 'c'].map((participant) => ({ receiver: { participant, system: `${participant}.s` } })),
} as unknown as MessageStatus;
const events = [
  { deliveryId: null, detail: {} },
  { deliveryId: '1', detail: { receiver: 'b' } },
  { deliveryId: '2', detail: { receiver: 'c' } },
  { deliveryId: '3', detail: { receiver: 'a' } },
  { deliveryId: '4', detail: {} },
] as JournalEvent[];

describe('a message to several receivers', () => {
  it.each([
    ['the platform', operator(), ['b', 'c'], 5],
    ['its sender', operator('a'), ['b', 'c'], 5],
    ['one receiver', operator('b'), ['b'], 2],
    ['both receivers', operator('b', 'c'), ['b', 'c'], 3],
  ] as const)('6: for %s', (_who, who, receivers, count) => {
    expect(inSight(message, who).deliveries.map(({ receiver }) => receiver.participant)).toEqual(receivers);
    expect(events.filter((event) => eventInSight(event, 'a', who))).toHaveLength(count);
  });
});
