import type { EventName, JournalDetail, JournalEvent } from '../trace/events.js';
import type { DeliveryState } from '../message/delivery.js';
import type { JournalFeed } from '../trace/ports.js';

/** A journal row as the write statements return it, through JSON. */
export interface JournalJson {
  readonly seq: number;
  readonly messageId: string;
  readonly deliveryId: string | null;
  readonly event: EventName;
  readonly at: string;
  readonly by: string;
  readonly from: DeliveryState | null;
  readonly to: DeliveryState | null;
  readonly detail: JournalDetail;
}

/** The columns of {@link JournalJson}, for RETURNING and for the read model. */
export const JOURNAL_COLUMNS = `seq, message_id AS "messageId", delivery_id AS "deliveryId", event, at, by,
  from_state AS "from", to_state AS "to", detail`;

/** Tells this process what was committed, in the order in which the commits came back. */
export class LedgerFeed implements JournalFeed {
  private readonly listeners = new Set<(events: readonly JournalEvent[]) => void>();

  subscribe(listener: (events: readonly JournalEvent[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  emit(rows: readonly JournalJson[] | null): void {
    if (rows === null || rows.length === 0 || this.listeners.size === 0) return;
    const events = rows.map((row): JournalEvent => ({ ...row, at: new Date(row.at) }));
    for (const listener of this.listeners) listener(events);
  }
}
