import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEXES = {
  message_by_sender: `message (sender_participant, id)`,
  message_by_receiver: `message (receiver, id) WHERE receiver IS NOT NULL`,
  message_by_service: `message (service, id)`,
  message_by_protocol: `message (protocol, id)`,
  message_by_state: `message (state, id) WHERE state <> 'COMPLETED'`,
  message_by_fault: `message ((fault ->> 'code'), id) WHERE fault IS NOT NULL`,
  message_by_relation: `message (relates_to) WHERE relates_to IS NOT NULL`,
  delivery_by_receiver: `delivery (receiver_participant, message_id) WHERE kind = 'message'`,
  delivery_by_fault: `delivery ((last_fault ->> 'code'), message_id) WHERE last_fault IS NOT NULL`,
  delivery_tried_again: `delivery (message_id, attempts) WHERE attempts > 1`,
} as const;

/** Days that have partitions already, with their bounds as they are written. */
const DAYS = `SELECT right(c.relname, 8) AS day, pg_get_expr(c.relpartbound, c.oid) AS bounds
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'message'::regclass AND c.relname ~ '^message_[0-9]{8}$'`;

/** What operators search messages by: business keys, and an index for each filter in the order of ids. */
export class Search1795810000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE business_key (message_id uuid NOT NULL, name text NOT NULL, lookup text NOT NULL, hashed boolean NOT NULL,
         CONSTRAINT business_key_pkey PRIMARY KEY (message_id, name, lookup)) PARTITION BY RANGE (message_id)`,
    );
    await runner.query(`CREATE INDEX business_key_by_lookup ON business_key (lookup, message_id)`);
    await runner.query(`CREATE TABLE business_key_default PARTITION OF business_key DEFAULT`);
    const days = (await runner.query(DAYS)) as { day: string; bounds: string }[];
    for (const { day, bounds } of days)
      await runner.query(`CREATE TABLE business_key_${day} PARTITION OF business_key ${bounds}`);
    await runner.query(`CREATE TABLE search_key (id int NOT NULL, wrapped text NOT NULL,
      CONSTRAINT search_key_pkey PRIMARY KEY (id))`);
    for (const [name, on] of Object.entries(INDEXES)) await runner.query(`CREATE INDEX ${name} ON ${on}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await runner.query(`DROP INDEX ${name}`);
    await runner.query(`DROP TABLE search_key`);
    await runner.query(`DROP TABLE business_key`);
  }
}
