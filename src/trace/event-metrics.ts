import { timeOf } from '../new-id.js';
import type { EventName, JournalEvent } from './events.js';
import { MOST_SERVICES, type Instruments } from './metric-table.js';

type Count = (event: JournalEvent, service: string, to: Instruments) => void;

const ended =
  (outcome: 'delivered' | 'failed' | 'expired' | 'cancelled'): Count =>
  (event, service, { inc, observe }) => {
    inc('crocevia_deliveries_ended_total', { service, outcome });
    if (outcome === 'delivered')
      observe('crocevia_delivery_seconds', (event.at.getTime() - timeOf(event.messageId)) / 1000, { service });
  };

const asked =
  (outcome: 'answered' | 'failed'): Count =>
  ({ detail }, service, { inc, observe }) => {
    inc('crocevia_queries_total', { service, outcome });
    if (detail.stations) observe('crocevia_query_seconds', secondsOf(detail.stations), { service });
  };

/** What is counted of an event beside that it happened. */
const COUNTED: Partial<Record<EventName, Count>> = {
  'message.accepted': ({ detail }, service, { inc, observe }) => {
    inc('crocevia_accepted_total', { service });
    inc('crocevia_payload_bytes_total', { service }, detail.size ?? 0);
    observe('crocevia_message_bytes', detail.size ?? 0);
    observe('crocevia_acceptance_seconds', secondsOf(detail.stations ?? []));
  },
  'message.rejected': (_event, service, { inc }) => inc('crocevia_rejected_total', { service }),
  'delivery.delivered': ended('delivered'),
  'delivery.failed': ended('failed'),
  'delivery.expired': ended('expired'),
  'delivery.cancelled': ended('cancelled'),
  'query.answered': asked('answered'),
  'query.failed': asked('failed'),
};

/** Counts journal events as this process has written them. */
export function countEvents(
  to: Instruments,
  isService: (id: string) => boolean,
): (events: readonly JournalEvent[]) => void {
  const label = boundedLabel(isService);
  return (events) => {
    for (const event of events) {
      const { detail } = event;
      to.inc('crocevia_events_total', { event: event.event });
      if (detail.attempt) to.observe('crocevia_attempt_seconds', detail.attempt.duration / 1000);
      COUNTED[event.event]?.(event, label(detail.service), to);
    }
  };
}

/** A stranger may call a service anything, and each label is a series for as long as the process lives. */
export function boundedLabel(isService: (id: string) => boolean): (service: string | undefined) => string {
  const admitted = new Set<string>();
  return (service) => {
    if (service === undefined) return 'other';
    if (admitted.has(service)) return service;
    if (admitted.size >= MOST_SERVICES || !isService(service)) return 'other';
    admitted.add(service);
    return service;
  };
}

/** Stations within another one are named with a colon, and are not counted twice. */
const secondsOf = (stations: readonly { readonly station: string; readonly ms: number }[]): number =>
  stations.reduce((sum, { station, ms }) => sum + (station.includes(':') ? 0 : ms), 0) / 1000;
