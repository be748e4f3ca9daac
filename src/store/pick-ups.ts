import type { PickUp, PickUps } from '../delivery/connectivity.js';
import type { Party } from '../message/message.js';
import type { Sql } from './sql.js';

const MOST_COUNTED = 10_000;
/** Deliveries whose story is read. */
const NEWEST = 50;

/** $1 system, $2 its body. */
const PICK_UP = `
SELECT (SELECT count(*) FROM (SELECT FROM delivery WHERE receiver_system = $1 AND state = 'AVAILABLE' LIMIT ${MOST_COUNTED}) few)::int AS waiting,
  (SELECT max(j.at) FROM (
    SELECT message_id, id FROM delivery WHERE receiver_participant = $2 AND kind = 'message' AND receiver_system = $1
    ORDER BY message_id DESC LIMIT ${NEWEST}
  ) d JOIN journal j ON j.message_id = d.message_id AND j.delivery_id = d.id
  WHERE j.event IN ('delivery.leased', 'delivery.released', 'delivery.delivered')) AS "lastTakenAt"`;

/** What systems that fetch have fetched. */
export class LedgerPickUps implements PickUps {
  constructor(private readonly sql: Sql) {}

  async of({ system, participant }: Party): Promise<PickUp> {
    const [row] = await this.sql.once<PickUp>(PICK_UP, [system, participant]);
    return { waiting: row?.waiting ?? 0, lastTakenAt: row?.lastTakenAt ?? null };
  }
}
