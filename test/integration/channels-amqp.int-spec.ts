import { connect } from 'amqplib';
import type { Broker } from '../../src/broker/broker.js';
import { outQueue } from '../../src/broker/rabbit/topology.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import { amqpQueueChannel } from '../../src/delivery/channels/amqp-queue.js';
import { ownPlace, type Place } from '../support/services.js';
import { exchangeParts, JSON_CONTENT, jobFor, messageIn, SOAP_CONTENT, systemAt } from './channels-exchange.js';

describe('the system’s own AMQP queue', () => {
  const { outgoing, documents } = exchangeParts();
  const problem = (error: unknown) => {
    throw error;
  };
  let place: Place;
  let broker: Broker;

  beforeAll(async () => {
    place = await ownPlace();
    broker = await openRabbit({ urls: [place.amqpUrl], owner: 'channels-test' });
  }, 120_000);

  afterAll(async () => {
    await broker.close();
    await documents.stop();
    await place.leave();
  }, 60_000);

  it.each([
    ['the original', 'original', SOAP_CONTENT],
    ['a mediated', 'json', JSON.stringify(JSON.parse(JSON_CONTENT.toString()))],
  ] as const)('8: holds %s message once the channel says available', async (_, shape, expected) => {
    const job = jobFor(systemAt('http://127.0.0.1:9/', { channel: 'amqp-queue', shape }), messageIn('soap11'));
    const result = await amqpQueueChannel({
      outgoing,
      queue: broker.systemQueue,
      publicUrl: 'https://gateway.example',
      problem,
    }).deliver(job);
    expect(result).toMatchObject({ outcome: 'available', attempt: { target: 'amqp:regione-protocollo', fault: null } });
    const taken = await takeOne();
    expect(taken.content.toString()).toBe(expected.toString());
    expect(taken.properties).toMatchObject({ messageId: job.item.deliveryId, correlationId: 'pratica-45/2026' });
    expect(taken.properties.headers).toMatchObject({ 'x-sender': 'c_i804', 'x-gateway-id': job.item.message.id });
  });

  async function takeOne() {
    const connection = await connect(place.amqpUrl);
    try {
      const channel = await connection.createChannel();
      const taken = await channel.get(outQueue('regione-protocollo'), { noAck: true });
      if (!taken) throw new Error('the queue is empty');
      return taken;
    } finally {
      await connection.close();
    }
  }
});
