/**
 * The honest denominator: the bare pipeline and nothing else. HTTP + parse + XSD + batched PostgreSQL + quorum confirm
 * + consume + HTTP POST + delivery row + ack. No identity, no duplicates, no trace, no retry. MODE=echo answers at once.
 */
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';
import pg from 'pg';
import { Pool } from 'undici';
import { serve, validate } from './bare-parts.js';

const { DATABASE_URL, AMQP_URL, RECEIVER_URL, MODE } = process.env;
const NOTHING = Buffer.alloc(0);

/** Gathers rows while a statement runs; up to four statements at once, 200 rows each. */
function batched<T>(write: (rows: T[]) => Promise<unknown>): (row: T) => Promise<void> {
  let waiting: { row: T; done: () => void; failed: (error: unknown) => void }[] = [];
  let running = 0;
  const flush = async () => {
    if (running >= 4 || waiting.length === 0) return;
    const batch = waiting.slice(0, 200);
    waiting = waiting.slice(200);
    running++;
    await write(batch.map(({ row }) => row)).then(
      () => batch.forEach(({ done }) => done()),
      (error) => batch.forEach(({ failed }) => failed(error)),
    );
    running--;
    void flush();
  };
  return (row) =>
    new Promise((done, failed) => (waiting.push({ row, done, failed }), setImmediate(() => void flush())));
}

async function pipeline(): Promise<(body: Buffer) => Promise<Buffer>> {
  const database = new pg.Pool({ connectionString: DATABASE_URL, max: 8 });
  await database.query(`CREATE TABLE IF NOT EXISTS bare_message (id uuid PRIMARY KEY, body bytea NOT NULL);
    CREATE TABLE IF NOT EXISTS bare_delivery (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`);
  const insert = batched<{ id: string; body: Buffer }>((rows) =>
    database.query('INSERT INTO bare_message SELECT * FROM unnest($1::uuid[], $2::bytea[])', [
      rows.map((r) => r.id),
      rows.map((r) => r.body),
    ]),
  );
  const delivered = batched<string>((ids) =>
    // What was not acknowledged when the last round ended comes again.
    database.query('INSERT INTO bare_delivery (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [ids]),
  );
  const connection = await amqp.connect(AMQP_URL as string, { noDelay: true });
  const publisher = await connection.createConfirmChannel();
  await publisher.assertQueue('bare', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const consumer = await connection.createChannel();
  await consumer.prefetch(64);
  const receiver = new Pool(new URL(RECEIVER_URL as string).origin, { connections: 32 });
  await consumer.consume('bare', async (item) => {
    if (!item) return;
    const reply = await receiver.request({
      method: 'POST',
      path: '/bare',
      headers: { 'content-type': 'text/xml' },
      body: item.content,
    });
    await reply.body.dump();
    await delivered(item.properties.messageId);
    consumer.ack(item);
  });
  return async (body) => {
    validate(body);
    const id = randomUUID();
    await insert({ id, body });
    await new Promise<void>((done, failed) =>
      publisher.sendToQueue('bare', body, { persistent: true, messageId: id }, (error) =>
        error ? failed(error) : done(),
      ),
    );
    return NOTHING;
  };
}

serve(MODE === 'echo' ? async () => NOTHING : await pipeline());
