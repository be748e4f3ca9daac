import type { Attempt } from '../message/delivery.js';
import { EVENTS, type EventName, type JournalDetail, type JournalEvent } from './events.js';

/** One line of a message's story. */
export interface TimelineEntry {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Milliseconds since the message was taken. */
  readonly after: number;
  readonly event: EventName;
  readonly explanation: string;
  readonly receiver: string | null;
  readonly by: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly stations?: readonly { readonly station: string; readonly ms: number }[];
  readonly attempt?: Omit<Attempt, 'startedAt'> & { readonly startedAt: string };
  readonly fault?: JournalEvent['detail']['fault'];
  readonly nextAttemptAt?: string;
  /** Why an operator has ordered it. */
  readonly reason?: string;
  /** What an operator has noted. */
  readonly note?: string;
  /** The job of which the order was a part. */
  readonly job?: string;
  /** The other system of the receiver to which an operator sends it anew. */
  readonly system?: string;
  /** To which an operator has set it. */
  readonly priority?: number;
  /** What the consumer of a query was given: HTTP status, bytes, lower-case hex SHA-256. */
  readonly answer?: { readonly status: number; readonly size: number; readonly digest: string };
}

/** The journal of one message as a story for people: times relative to its beginning, each event explained. */
export function timelineOf(events: readonly JournalEvent[]): readonly TimelineEntry[] {
  const start = events[0]?.at.getTime() ?? 0;
  return events.map((row) => ({
    at: row.at.toISOString(),
    after: row.at.getTime() - start,
    event: row.event,
    explanation: EVENTS[row.event],
    receiver: row.detail.receiver ?? null,
    by: row.by,
    from: row.from,
    to: row.to,
    ...(row.detail.stations && { stations: row.detail.stations }),
    ...(row.detail.attempt && {
      attempt: { ...row.detail.attempt, startedAt: new Date(row.detail.attempt.startedAt).toISOString() },
    }),
    ...(row.detail.fault && { fault: row.detail.fault }),
    ...(row.detail.nextAttemptAt && { nextAttemptAt: row.detail.nextAttemptAt }),
    ...(row.detail.reason && { reason: row.detail.reason }),
    ...(row.detail.note && { note: row.detail.note }),
    ...(row.detail.job && { job: row.detail.job }),
    ...(row.detail.system && { system: row.detail.system }),
    ...(row.detail.priority !== undefined && { priority: row.detail.priority }),
    ...answerIn(row.detail),
  }));
}

const answerIn = ({ status, size, digest }: JournalDetail) =>
  status === undefined || size === undefined || digest === undefined ? {} : { answer: { status, size, digest } };
