import { createHmac } from 'node:crypto';
import type { Client } from 'pg';
import { dayRange } from '../../src/store/partitions.js';

const DAY_MS = 86_400_000;

/** The key of the hashes in a ledger that was filled so. */
const SEARCH_KEY = Buffer.alloc(32, 7);
export const hashed = (value: string): string => createHmac('sha256', SEARCH_KEY).update(value).digest('base64url');

/** Everybody beside the participants by number (`c_0` to `c_299`, the low ones busy): one with few messages, spread over all days. */
export const SMALL = 'c_small';
export const PARTICIPANTS = 300;
export const SERVICES = ['Anagrafe', 'Tributi', 'Protocollo', 'Suap', 'Tari', 'Scuola'] as const;
/** Each with about one message in 50,000. */
export const RARE = { service: 'Raro', protocol: 'cloudevents', fault: 'dtd-forbidden' } as const;
/** Of message `n` of a day; every third message of a day shares a correlation id. */
export const namesOf = (day: string, n: number) => ({
  messageId: `urn:m:${day}-${n}`,
  correlationId: `corr-${day}-${Math.floor(n / 3)}`,
  protocolNumber: `${day}/${n}`,
  /** Found as a hash only, where n divides by {@link HASHED_EVERY}. */
  dossier: `DOSSIER-${day}-${n}`,
});
export const HASHED_EVERY = 1_000;

export const dayName = (daysAgo: number): string => dayRange(new Date(Date.now() - daysAgo * DAY_MS)).name;

const MADE = (count: number, start: number, day: string) => `
  CREATE TEMP TABLE made AS
  SELECT n, (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid AS id,
    to_timestamp(ms / 1000.0) AS at,
    CASE WHEN n % 40000 = 7 THEN '${SMALL}' ELSE 'c_' || floor(${PARTICIPANTS} * power(random(), 3))::int END AS sender,
    CASE WHEN n % 40000 = 9007 THEN '${SMALL}' ELSE 'c_' || floor(${PARTICIPANTS} * power(random(), 3))::int END AS receiver,
    CASE WHEN n % 50000 = 11 THEN '${RARE.service}'
      ELSE (ARRAY[${SERVICES.map((one) => `'${one}'`).join(', ')}])[1 + floor(${SERVICES.length} * power(random(), 2))::int] END AS service,
    CASE WHEN n % 50000 = 13 THEN '${RARE.protocol}' WHEN random() < 0.6 THEN 'rest' WHEN random() < 0.9 THEN 'soap11' ELSE 'soap12' END AS protocol,
    CASE WHEN n % 50000 = 17 OR random() < 0.01 THEN 'REJECTED' WHEN random() < 0.005 THEN 'PARTIALLY_FAILED'
      WHEN random() < 0.001 THEN 'ACCEPTED' ELSE 'COMPLETED' END AS state
  FROM (SELECT n, md5('${day}' || n) AS h, (${start} + (n::float8 / ${count}) * ${DAY_MS - 1})::bigint AS ms
    FROM generate_series(0, ${count - 1}) n) numbered`;

const FAULT = `CASE WHEN n % 50000 = 17 THEN '{"code": "${RARE.fault}"}' WHEN n % 2 = 0 THEN '{"code": "schema-violation"}' ELSE '{"code": "not-authorised"}' END::jsonb
  || '{"blame": "sender", "retryable": false, "detail": "x", "place": null, "expected": null, "violations": [], "truncated": false}'`;

const tables = ['message', 'delivery', 'business_key'] as const;

const MESSAGE = (
  day: string,
) => `INSERT INTO message_${day} (id, message_id, correlation_id, sender_participant, sender_system,
    receiver, service, version, operation, profile, protocol, format, headers, digest, size, accepted_at, state, open, failed, fault)
  SELECT id, 'urn:m:${day}-' || n, 'corr-${day}-' || n / 3, sender, sender || '.main',
    CASE WHEN state = 'REJECTED' THEN receiver END, service, 1, 'invia', 'one-way', protocol, 'json',
    '{"content-type": "application/json"}', md5(n::text), 2048, at, state,
    CASE WHEN state = 'ACCEPTED' THEN 1 ELSE 0 END, CASE WHEN state = 'PARTIALLY_FAILED' THEN 1 ELSE 0 END,
    CASE WHEN state = 'REJECTED' THEN ${FAULT} END FROM made`;

const DELIVERY = (
  day: string,
) => `INSERT INTO delivery_${day} (message_id, id, kind, receiver_participant, receiver_system, agreement,
    state, epoch, attempts, expires_at, queued_at, ended_at, last_fault, sender_system)
  SELECT id, id, 'message', receiver, receiver || '.main', 'a',
    CASE state WHEN 'ACCEPTED' THEN 'AVAILABLE' WHEN 'COMPLETED' THEN 'DELIVERED' ELSE 'FAILED' END, 1,
    CASE WHEN state = 'PARTIALLY_FAILED' THEN 5 WHEN n % 50 = 0 THEN 2 + n % 3 ELSE 1 END, at + interval '60 days', at,
    CASE WHEN state <> 'ACCEPTED' THEN at + interval '1 second' END,
    CASE WHEN state = 'PARTIALLY_FAILED' THEN '{"code": "receiver-refused", "blame": "receiver", "retryable": false, "detail": "x", "place": null,
      "expected": null, "violations": [], "truncated": false}'::jsonb END, sender || '.main'
  FROM made WHERE state <> 'REJECTED'`;

const KEY = (day: string) => `INSERT INTO business_key_${day} (message_id, name, lookup, hashed)
  SELECT id, 'codiceFiscale', 'CF' || floor(2000000 * random())::int, false FROM made WHERE n % 10 < 7 AND state <> 'REJECTED'
  UNION ALL SELECT id, 'numero', '${day}/' || n, false FROM made WHERE n % 10 >= 7 AND state <> 'REJECTED'`;

/** Fills one day with messages, their deliveries and their keys; its partitions must not be there yet. */
export async function fillDay(client: Client, daysAgo: number, count: number): Promise<void> {
  const { name, from, to } = dayRange(new Date(Date.now() - daysAgo * DAY_MS));
  const start = Math.floor(Date.now() / DAY_MS - daysAgo) * DAY_MS;
  await client.query(MADE(count, start, name));
  for (const table of tables)
    await client.query(`CREATE TABLE ${table}_${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  for (const insert of [MESSAGE, DELIVERY, KEY]) await client.query(insert(name));
  const real = await client.query<{ id: string; n: number }>(`SELECT id, n FROM made WHERE n % ${HASHED_EVERY} = 0`);
  const rows = real.rows.map(({ id, n }) => ({ id, lookup: hashed(namesOf(name, n).dossier) }));
  await client.query(
    `INSERT INTO business_key_${name} SELECT id, 'dossier', lookup, true FROM json_to_recordset($1) AS k(id uuid, lookup text)`,
    [JSON.stringify(rows)],
  );
  for (const table of tables) {
    const column = table === 'message' ? 'id' : 'message_id';
    await client.query(
      `ALTER TABLE ${table}_${name} ADD CONSTRAINT inside CHECK (${column} >= '${from}' AND ${column} < '${to}')`,
    );
    await client.query(
      `ALTER TABLE ${table} ATTACH PARTITION ${table}_${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
    await client.query(`ALTER TABLE ${table}_${name} DROP CONSTRAINT inside`);
    await client.query(`ANALYZE ${table}_${name}`);
  }
  await client.query(`DROP TABLE made`);
}

/** To be called before anything is searched. */
export async function fillSearchKey(client: Client): Promise<void> {
  await client.query(`INSERT INTO search_key (id, wrapped) VALUES (1, $1)`, [SEARCH_KEY.toString('base64')]);
}
