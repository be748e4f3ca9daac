import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import soap from 'soap';
import { openInProcess } from '../../src/broker/in-process.js';
import { amqpQueueChannel } from '../../src/delivery/channels/amqp-queue.js';
import { boxChannel } from '../../src/delivery/channels/box.js';
import type { Receipt } from '../../src/message/receipt.js';
import {
  JSON_CONTENT,
  jobFor,
  messageIn,
  SOAP_ACTION,
  SOAP_CONTENT,
  systemAt,
  type Request,
} from './channels-exchange.js';
import { problem, push, fixed, onlyRequest, violationsOf, outgoing } from './channels-here.js';

describe('what goes out', () => {
  it('8: push SOAP sends the original envelope byte for byte, with its own headers', async () => {
    const receiver = await fixed(202);
    const job = jobFor(systemAt(receiver.url, { channel: 'push-soap' }), messageIn('soap11'), { attempt: 3 });
    const result = await push.deliver(job);
    const { body, headers, url } = onlyRequest(receiver);
    expect(result).toMatchObject({ outcome: 'delivered', attempt: { number: 3, status: 202, fault: null } });
    expect(body.equals(SOAP_CONTENT)).toBe(true);
    expect(url).toBe('/ricevi?token=segreto');
    expect(result.attempt.target).toBe(receiver.url.replace('?token=segreto', ''));
    expect(headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      soapaction: `"${SOAP_ACTION}"`,
      authorization: 'Bearer of-the-receiver',
      'idempotency-key': job.item.deliveryId,
      'x-correlation-id': 'pratica-45/2026',
      'x-message-id': 'urn:uuid:5f0c5a3e-6d0b-4a5e-9a3e-2f8d5f0b7a05',
      'x-gateway-id': job.item.message.id,
      'x-sender': 'c_i804',
      'x-attempt': '3',
    });
    expect(headers).not.toHaveProperty('accept-encoding');
  });

  it('6: push packs with gzip for a system that says it undoes it', async () => {
    const receiver = await fixed(200);
    const system = systemAt(receiver.url, { channel: 'push-rest' });
    const receives = { ...system.receives!, gzip: true };
    const result = await push.deliver(jobFor({ ...system, receives } as typeof system, messageIn('rest')));
    const { body, headers } = onlyRequest(receiver);
    expect(result.outcome).toBe('delivered');
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body).equals(JSON_CONTENT)).toBe(true);
  });

  it('8: push REST sends the original JSON byte for byte', async () => {
    const receiver = await fixed(200);
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest' }), messageIn('rest')));
    const { body, headers } = onlyRequest(receiver);
    expect(body.equals(JSON_CONTENT)).toBe(true);
    expect(headers['content-type']).toBe('application/json');
  });

  it('8: a JSON message reaches a SOAP system as SOAP 1.1, valid against the XSD', async () => {
    const receiver = await fixed(200);
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-soap' }), messageIn('rest')));
    const { body, headers } = onlyRequest(receiver);
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/xml/),
      soapaction: `"${SOAP_ACTION}"`,
    });
    expect(violationsOf(body)).toEqual([]);
  });

  it('8: a SOAP message reaches a JSON system as the published JSON', async () => {
    const receiver = await fixed(200);
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest', shape: 'json' }), messageIn('soap11')));
    const { body, headers } = onlyRequest(receiver);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(JSON_CONTENT.toString()));
  });

  it('8: a SOAP message reaches a REST system without a shape as its bare XML', async () => {
    const receiver = await fixed(200);
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest' }), messageIn('soap11')));
    const { body, headers } = onlyRequest(receiver);
    expect(headers['content-type']).toMatch(/^application\/xml/);
    expect(body.toString()).not.toContain('Envelope');
    expect(violationsOf(body)).toEqual([]);
  });

  it.each(['soap11', 'rest'] as const)('8: a %s message goes out as a CloudEvent', async (protocol) => {
    const receiver = await fixed(200);
    const message = messageIn(protocol);
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest', shape: 'cloudevents' }), message));
    const { headers } = onlyRequest(receiver);
    expect(headers).toMatchObject({
      'ce-id': message.id,
      'ce-type': 'it.crocevia.protocollo.inoltro',
      'ce-receiver': 'r_abruzz',
    });
  });

  it('8: the same delivery goes out the same at each attempt', async () => {
    const receiver = await fixed(503);
    const job = jobFor(systemAt(receiver.url, { channel: 'push-soap', shape: 'soap12' }), messageIn('rest'));
    await push.deliver(job);
    await push.deliver({ ...job, attempt: 2 });
    const [first, second] = receiver.requests as [Request, Request];
    expect(second.body.equals(first.body)).toBe(true);
    expect(second.headers['idempotency-key']).toBe(first.headers['idempotency-key']);
    expect([first.headers['x-attempt'], second.headers['x-attempt']]).toEqual(['1', '2']);
  });

  it('2: no value of a message can add a header or a line', async () => {
    const receiver = await fixed(200);
    const message = messageIn('rest', { messageId: 'a\r\nX-Admin: yes', correlationId: 'caffè €' });
    await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest' }), message));
    const { headers } = onlyRequest(receiver);
    expect(headers).toMatchObject({ 'x-message-id': 'a%0D%0AX-Admin: yes', 'x-correlation-id': 'caffè %E2%82%AC' });
    expect(headers).not.toHaveProperty('x-admin');
  });

  it('9: a receipt goes to the endpoint for receipts as JSON', async () => {
    const receiver = await fixed(204);
    const message = messageIn('soap11');
    const receipt: Receipt = {
      kind: 'delivered',
      id: message.id,
      messageId: message.messageId,
      correlationId: message.correlationId,
      receiver: 'r_abruzz',
      at: '2026-11-23T09:00:00.000Z',
      fault: null,
    };
    const sender = { ...systemAt(receiver.url, { channel: 'box' }) };
    const result = await push.deliver(jobFor(sender, message, { receipt }));
    const { body, headers } = onlyRequest(receiver);
    expect(result.outcome).toBe('delivered');
    expect(headers['content-type']).toBe('application/json');
    expect(headers).not.toHaveProperty('x-sender');
    expect(JSON.parse(body.toString())).toEqual(receipt);
  });

  it('8: content that cannot be converted is refused for good, and nothing is sent', async () => {
    const receiver = await fixed(200);
    const job = jobFor(systemAt(receiver.url, { channel: 'push-soap' }), messageIn('rest'));
    const result = await push.deliver({ ...job, content: Buffer.from('{"altro":1}') });
    expect(result).toMatchObject({
      outcome: 'refused',
      fault: { code: 'mediation-failed', place: '/altro', blame: 'gateway' },
    });
    expect(receiver.requests).toHaveLength(0);
  });
});

describe('the other ways', () => {
  it('8: the box sends nothing', async () => {
    const result = await boxChannel().deliver(
      jobFor(systemAt('http://127.0.0.1:9/', { channel: 'box' }), messageIn('rest')),
    );
    expect(result).toMatchObject({ outcome: 'available', attempt: { target: 'box', status: null, fault: null } });
  });

  it('8: a queue of a gateway without RabbitMQ is a destination that is missing, and waits', async () => {
    const broker = openInProcess();
    const channel = amqpQueueChannel({
      outgoing,
      queue: broker.systemQueue,
      publicUrl: 'https://gateway.example',
      problem,
    });
    const result = await channel.deliver(
      jobFor(systemAt('http://127.0.0.1:9/', { channel: 'amqp-queue' }), messageIn('rest')),
    );
    expect(result).toMatchObject({ outcome: 'retry', fault: { code: 'destination-missing' } });
    await broker.close();
  });
});

describe('a receiver built with the soap package', () => {
  const folder = resolve('schemas/protocollo/1.0');
  type Inoltro = { readonly oggetto: string; readonly documentoPrimario: { readonly impronta: string } };

  /** Takes what it is sent through its own WSDL, and refuses by a fault what has no subject. */
  async function listen(taken: Inoltro[]) {
    const server = createServer((_, reply) => void reply.writeHead(404).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const inoltroProtocollo = async (inoltro: Inoltro) => {
      taken.push(inoltro);
      if (inoltro.oggetto === 'doppio')
        throw { Fault: { faultcode: 'soap:Client', faultstring: 'già registrato', statusCode: 500 } };
      return { idMessaggio: 'protocollo-1' };
    };
    const port = { inoltroProtocollo };
    const wsdl = join(folder, 'InoltroProtocollo.wsdl');
    const ready = new Promise<void>((done, failed) => {
      soap.listen(server, {
        path: '/ricevi',
        services: { InoltroProtocollo: { InoltroProtocolloSoap11: port, InoltroProtocolloSoap12: port } },
        xml: readFileSync(wsdl, 'utf8'),
        uri: wsdl,
        callback: (error) => (error ? failed(error) : done()),
      });
    });
    await ready;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ricevi`;
    const stop = () => new Promise<void>((closed) => (server.closeAllConnections(), server.close(() => closed())));
    return { url, stop };
  }

  it.each(['soap11', 'rest'] as const)('8: takes a message that came as %s', async (protocol) => {
    const taken: Inoltro[] = [];
    const { url, stop } = await listen(taken);
    const result = await push.deliver(jobFor(systemAt(url, { channel: 'push-soap' }), messageIn(protocol)));
    await stop();
    expect(result).toMatchObject({ outcome: 'delivered', attempt: { status: 200 } });
    expect(result.attempt.response).toContain('presaInCarico');
    const sent = JSON.parse(JSON_CONTENT.toString()) as Inoltro;
    expect(taken.map(({ oggetto }) => oggetto)).toEqual([sent.oggetto]);
    expect(taken[0]?.documentoPrimario.impronta).toBe(sent.documentoPrimario.impronta);
  });

  it('8: refuses by a SOAP fault of its own', async () => {
    const { url, stop } = await listen([]);
    const job = jobFor(systemAt(url, { channel: 'push-soap' }), messageIn('rest'));
    const content = Buffer.from(JSON.stringify({ ...JSON.parse(JSON_CONTENT.toString()), oggetto: 'doppio' }));
    const result = await push.deliver({ ...job, content });
    await stop();
    expect(result).toMatchObject({
      outcome: 'refused',
      fault: { code: 'receiver-refused', detail: 'The receiver answered 500: già registrato' },
    });
  });
});
