import { isUuid, timeOf } from '../new-id.js';
import { DayStatement } from './day-statement.js';
import type { OpenFloor } from './open-floor.js';
import { dayOf, firstIdAt } from './partitions.js';
import type { Sql } from './sql.js';

const DAY_MS = 86_400_000;

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

  /** Null where the system has no such delivery: none that is open, and none whose message came when its id was made, or the day before. */
  async messageOf(system: string, deliveryId: string): Promise<string | null> {
    if (!isUuid(deliveryId)) return null;
    const values = [deliveryId, system];
    const open = (since: string) => ownerOf('delivery', `message_id >= ${since} AND`);
    const [found] = await this.floor.query<Owned>(open, values);
    if (found) return found.message_id;
    for (const day of [dayOf(deliveryId), dayOf(firstIdAt(Math.max(0, timeOf(deliveryId) - DAY_MS)))]) {
      const [ended] = await this.ofDay.queryOnly<Owned>(day, values);
      if (ended) return ended.message_id;
    }
    return null;
  }
}

interface Owned {
  readonly message_id: string;
}
