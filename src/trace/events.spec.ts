import { EVENTS, type EventName, type JournalEvent } from './events.js';
import { gatewayLog } from './log.js';
import { METRICS } from './metric-table.js';
import { createMetrics } from './metrics.js';

const NAMES = Object.keys(EVENTS) as EventName[];
const ID = '019a0000-0000-7000-8000-000000000001';

const eventOf = (event: EventName, seq: number): JournalEvent => ({
  seq,
  messageId: ID,
  deliveryId: null,
  event,
  at: new Date('2026-01-01T00:00:00Z'),
  by: 'gateway',
  from: null,
  to: null,
  detail: { receiver: 'c_h007', service: 'Anagrafe', size: 10 },
});

describe('8. one list of events', () => {
  it('8. each of them is counted under its name', async () => {
    const metrics = createMetrics(() => true);
    metrics.journal(NAMES.map(eventOf));
    const { body } = await metrics.text();
    const counted = [...body.matchAll(/^crocevia_events_total\{event="([^"]+)"\} 1$/gm)].map(([, name]) => name);
    expect(counted).toEqual(NAMES);
    expect(METRICS.crocevia_events_total.labels).toHaveProperty('event');
  });

  it('8. each of them is a line of the log, with the message id', () => {
    const lines: { event: string; messageId: string }[] = [];
    const log = gatewayLog('info', 'node-1', { write: (line) => void lines.push(JSON.parse(line)) });
    log.journal(NAMES.map(eventOf));
    expect(lines.map(({ event }) => event)).toEqual(NAMES);
    expect(new Set(lines.map(({ messageId }) => messageId))).toEqual(new Set([ID]));
  });

  it('8. what ends a message or a question is counted by service, and strangers’ services as one', async () => {
    const metrics = createMetrics((id) => id === 'Anagrafe');
    metrics.journal([eventOf('message.accepted', 1), eventOf('query.failed', 2), eventOf('delivery.expired', 3)]);
    const stranger = eventOf('message.rejected', 4);
    metrics.journal([
      { ...stranger, detail: { service: 'Invented' } },
      { ...stranger, detail: {} },
    ]);
    const { body } = await metrics.text();
    for (const line of [
      'crocevia_accepted_total{service="Anagrafe"} 1',
      'crocevia_payload_bytes_total{service="Anagrafe"} 10',
      'crocevia_queries_total{service="Anagrafe",outcome="failed"} 1',
      'crocevia_deliveries_ended_total{service="Anagrafe",outcome="expired"} 1',
      'crocevia_rejected_total{service="other"} 2',
    ])
      expect(body.split('\n')).toContain(line);
  });
});
