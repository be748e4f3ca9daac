import { isUuid, timeOf } from '../new-id.js';
import { DayStatement } from './day-statement.js';
import type { OpenFloor } from './open-floor.js';
import { dayOf, firstIdAt } from './partitions.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;
/** A delivery is made with its message, a receipt when the message has ended. */
const MOST_DAYS = 30;

/** $1 the delivery, $2 the system. */
const ownerOf = (table: string, since: string) =>
  `SELECT message_id FROM ${table} WHERE ${since} id = $1 AND receiver_system = $2`;

/** Finds the messages of systems' deliveries by the ids of these alone. */
export class DeliveryOwners {
  private readonly ofDay: DayStatement;

  constructor(
    sql: Sql,
    private readonly floor: OpenFloor,
  ) {
    this.ofDay = new DayStatement(sql, (tableOf) => ownerOf(tableOf('delivery'), ''));
  }

  /** Null where the system has no such delivery: none that is open, and none of a message of the days before its id was made. */
  async messageOf(system: string, deliveryId: string): Promise<string | null> {
    if (!isUuid(deliveryId)) return null;
    const values = [deliveryId, system];
    const open = (since: string) => ownerOf('delivery', `message_id >= ${since} AND`);
    const [found] = await this.floor.query<Owned>(open, values);
    if (found) return found.message_id;
    for (let back = 0; back <= MOST_DAYS; back++) {
      const day = dayOf(firstIdAt(Math.max(0, timeOf(deliveryId) - back * DAY_MS)));
      const ended = await this.ofDay.queryOnly<Owned>(day, values);
      if (ended === null) return null;
      if (ended[0]) return ended[0].message_id;
    }
    return null;
  }
}

interface Owned {
  readonly message_id: string;
}
