/**
 * The honest denominator: the bare pipeline and nothing else. HTTP + parse + XSD + batched PostgreSQL + quorum confirm
 * + consume + HTTP POST + delivery row + ack. No identity, no duplicates, no trace, no retry. MODE=echo answers at once.
 */
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';
import { ParseOption, XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm';
import pg from 'pg';
import { Pool } from 'undici';
import { ENVELOPE_XSD, XSD } from './message.js';

const { DATABASE_URL, AMQP_URL, RECEIVER_URL, PORT, MODE } = process.env;

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

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function pipeline(): Promise<(body: Buffer) => Promise<boolean>> {
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
  xmlRegisterInputProvider(new XmlBufferInputProvider({ 'payload.xsd': Buffer.from(XSD) }));
  const validator = XsdValidator.fromDoc(XmlDocument.fromString(ENVELOPE_XSD));
  return async (body) => {
    using document = XmlDocument.fromBuffer(body, {
      option: ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE,
    });
    validator.validate(document);
    const id = randomUUID();
    await insert({ id, body });
    await new Promise<void>((done, failed) =>
      publisher.sendToQueue('bare', body, { persistent: true, messageId: id }, (error) =>
        error ? failed(error) : done(),
      ),
    );
    return true;
  };
}

const take = MODE === 'echo' ? async () => true : await pipeline();
createServer((request, reply) => {
  void readAll(request)
    .then(take)
    .then(
      () => reply.writeHead(202).end(),
      (error) => reply.writeHead(500).end(String(error)),
    );
}).listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'));
