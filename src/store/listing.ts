import type { Delivery } from '../message/delivery.js';
import type { Message } from '../message/message.js';
import { byDay, DayStatement, keysOf, type TableOf } from './day-statement.js';
import type { DeliveryRow } from './entities/delivery.js';
import type { MessageRow } from './entities/message.js';
import { deliveryOf, DELIVERY_COLUMNS, MESSAGE_JSON, messageOf } from './rows.js';
import type { Sql } from './sql.js';

/** $1 messages, $2 their deliveries, of one day. */
const listed = (tableOf: TableOf) => `
SELECT ${DELIVERY_COLUMNS}, ${MESSAGE_JSON} AS message FROM unnest($1::uuid[], $2::uuid[]) AS i(message_id, id)
JOIN ${tableOf('delivery')} d ON d.message_id = i.message_id AND d.id = i.id
JOIN ${tableOf('message')} m ON m.id = d.message_id`;

export type Listed = Delivery & { readonly message: Message };

/** Deliveries and their messages by their keys. */
export class Listing {
  private readonly statement: DayStatement;

  constructor(sql: Sql) {
    this.statement = new DayStatement(sql, listed);
  }

  /** By the ids of deliveries; what is not there is left out. Throws Fault store-unavailable. */
  async of(keys: readonly { readonly messageId: string; readonly id: string }[]): Promise<ReadonlyMap<string, Listed>> {
    const found = new Map<string, Listed>();
    for (const [day, ofDay] of byDay(keys)) {
      const rows = await this.statement.query<DeliveryRow & { message: MessageRow }>(day, keysOf(ofDay));
      for (const row of rows) found.set(row.id, { ...deliveryOf(row), message: messageOf(row.message) });
    }
    return found;
  }
}
