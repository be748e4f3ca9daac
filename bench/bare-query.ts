/**
 * The honest denominator of a query: HTTP + parse + XSD + request/reply over RabbitMQ + HTTP call + parse + XSD of the
 * answer, and nothing else. No identity, no agreement, no deadline, no trace, no circuit. The cheapest of each: direct
 * reply-to in place of a queue, nothing confirmed, nothing acknowledged.
 */
import { randomUUID } from 'node:crypto';
import amqp, { type Channel } from 'amqplib';
import { Pool } from 'undici';
import { serve, validate } from './bare-parts.js';
import { actionOf } from './message.js';

const QUEUE = 'bare-query';
const REPLY_TO = 'amq.rabbitmq.reply-to';
const HEADERS = { 'content-type': 'text/xml; charset=utf-8', soapaction: actionOf('interroga') };
const { AMQP_URL, PROVIDER_URL } = process.env;

async function answering(channel: Channel): Promise<void> {
  const provider = new Pool(PROVIDER_URL as string, { connections: 64 });
  await channel.assertQueue(QUEUE, { durable: false, exclusive: true });
  const call = async (body: Buffer) => {
    const answer = await provider.request({ method: 'POST', path: '/', headers: HEADERS, body });
    return Buffer.from(await answer.body.arrayBuffer());
  };
  const take = async (item: amqp.ConsumeMessage | null) => {
    if (!item) return;
    const { replyTo, correlationId } = item.properties;
    channel.sendToQueue(replyTo, await call(item.content), { correlationId });
  };
  await channel.consume(QUEUE, (item) => void take(item), { noAck: true });
}

async function asking(channel: Channel): Promise<(body: Buffer) => Promise<Buffer>> {
  const waiting = new Map<string, (answer: Buffer) => void>();
  const take = (item: amqp.ConsumeMessage | null) => {
    if (!item) return;
    waiting.get(item.properties.correlationId)?.(item.content);
    waiting.delete(item.properties.correlationId);
  };
  await channel.consume(REPLY_TO, take, { noAck: true });
  return (body) =>
    new Promise((resolve) => {
      const correlationId = randomUUID();
      waiting.set(correlationId, resolve);
      channel.sendToQueue(QUEUE, body, { correlationId, replyTo: REPLY_TO });
    });
}

const connection = await amqp.connect(AMQP_URL as string, { noDelay: true });
await answering(await connection.createChannel());
const ask = await asking(await connection.createChannel());
serve(async (body) => {
  validate(body);
  const answer = await ask(body);
  validate(answer);
  return answer;
});
