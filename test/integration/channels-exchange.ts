import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { QueueItem } from '../../src/acceptance/ports.js';
import type { DeliveryJob } from '../../src/delivery/channel.js';
import { PUSH_CONNECTIONS } from '../../src/delivery/channels/push.js';
import { directoryPayloads } from '../../src/payloads/directory.js';
import { createOutgoing } from '../../src/delivery/outgoing.js';
import { createWriteAnswer } from '../../src/exchange/write-answer.js';
import { outboundAgent } from '../../src/outbound/agent.js';
import { forbiddenBut } from '../../src/outbound/networks.js';
import { createMediator } from '../../src/mediation/mediator.js';
import type { Message } from '../../src/message/message.js';
import type { Receipt } from '../../src/message/receipt.js';
import { composeCloudEvent } from '../../src/protocol/cloudevents/compose.js';
import { createCloudEvents } from '../../src/protocol/cloudevents/cloudevents.js';
import { createDocuments, DEFAULT_LIMITS } from '../../src/protocol/documents.js';
import { composeRest } from '../../src/protocol/rest/compose.js';
import { createRest } from '../../src/protocol/rest/rest.js';
import { composeSoap11, composeSoap12 } from '../../src/protocol/soap/compose.js';
import { createSoap } from '../../src/protocol/soap/soap.js';
import { diskFiles } from '../../src/registry/interface/disk-files.js';
import { interfaceFiles } from '../../src/registry/interface/interface-files.js';
import type { BodyShape, Operation, OutcomeRule, Receives, Service, System } from '../../src/registry/model.js';
import { readXsd, type ReadSchema } from '../../src/registry/interface/xml/schema-merge.js';

/** Calls what listens on this machine. */
export const agentToHere = () =>
  outboundAgent({ ...PUSH_CONNECTIONS, forbidden: forbiddenBut(['127.0.0.0/8']), refused: () => undefined });

const FOLDER = resolve('schemas/protocollo/1.0');
const NAMESPACE = 'https://schemi.crocevia.example/protocollo/1.0';
const example = (name: string) => readFileSync(join(FOLDER, 'examples', name));

/** The published example as it comes over REST, and the same in a SOAP 1.1 envelope. */
export const JSON_CONTENT = example('inoltroProtocollo.json');
export const XML_PAYLOAD = example('inoltroProtocollo.xml');
export const SOAP_ACTION = `${NAMESPACE}/inoltroProtocollo`;
export const SOAP_CONTENT = Buffer.from(
  `<?xml version="1.0"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>\n` +
    `${XML_PAYLOAD.toString().replace(/^<\?xml.*\?>\s*/, '')}</soapenv:Body></soapenv:Envelope>`,
);

export const xsd = () => {
  const problem = (message: string) => {
    throw new Error(message);
  };
  const files = interfaceFiles({ directory: FOLDER, catalog: {}, read: diskFiles().read, problem });
  return (readXsd(join(FOLDER, 'protocollo.xsd'), files) as ReadSchema).bundle;
};

const operation: Operation = {
  name: 'inoltroProtocollo',
  profile: 'async-receipt',
  soapAction: SOAP_ACTION,
  element: { namespace: NAMESPACE, name: 'inoltroProtocollo' },
  rest: { method: 'POST', path: '/inoltri' },
  eventType: 'it.crocevia.protocollo.inoltro',
  xsd: xsd(),
  jsonSchema: null,
  answerSchema: null,
  safe: false,
  acknowledged: true,
  promised: false,
  acceptedAs: null,
  follows: null,
  output: null,
};

const service: Service = {
  id: 'InoltroProtocollo',
  version: 1,
  title: 'Inoltro di un documento protocollato',
  operations: [operation],
  maxBytes: 20_971_520,
  maxAttachmentBytes: null,
  owner: null,
  status: 'published',
  deprecated: null,
  sunset: null,
  senderPath: null,
  receiverPath: null,
  wsdl: null,
  openapi: null,
};

/** The parts that a channel is built from, as the gateway wires them. */
export function exchangeParts() {
  const documents = createDocuments(DEFAULT_LIMITS);
  const protocols = {
    soap: createSoap(documents),
    rest: createRest(documents),
    cloudevents: createCloudEvents(documents),
  };
  const written = {
    protocols,
    compose: {
      soap11: composeSoap11,
      soap12: composeSoap12,
      xml: composeRest,
      json: composeRest,
      rest: composeRest,
      cloudevents: composeCloudEvent,
    },
    mediator: createMediator(),
    registry: () => ({
      service: (id: string, version: number) => (id === service.id && version === 1 ? service : undefined),
    }),
    publicUrl: 'https://gateway.example',
  };
  const outgoing = createOutgoing({
    ...written,
    writeAnswer: createWriteAnswer(written),
    payloads: directoryPayloads('/nowhere'),
  });
  return { documents, protocols, outgoing };
}

export function messageIn(protocol: Message['protocol'], more: Partial<Message> = {}): Message {
  const isSoap = protocol === 'soap11' || protocol === 'soap12';
  return {
    id: randomUUID(),
    messageId: 'urn:uuid:5f0c5a3e-6d0b-4a5e-9a3e-2f8d5f0b7a05',
    correlationId: 'pratica-45/2026',
    relatesTo: null,
    replyTo: null,
    sender: { participant: 'c_i804', system: 'sulmona-protocollo' },
    service: service.id,
    version: 1,
    operation: operation.name,
    profile: 'async-receipt',
    protocol,
    format: isSoap ? 'xml' : 'json',
    headers: isSoap
      ? { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${SOAP_ACTION}"` }
      : { 'content-type': 'application/json' },
    digest: '',
    size: 0,
    acceptedAt: new Date(),
    ...more,
  };
}

export interface Way {
  readonly channel: Receives['channel'];
  readonly shape?: BodyShape;
  readonly timeoutMs?: number;
  readonly outcomes?: readonly OutcomeRule[];
}

/** A receiving system at an address. */
export function systemAt(url: string, { channel, shape = 'original', timeoutMs = 5_000, outcomes = [] }: Way): System {
  const common = { shape, concurrency: 8, retry: { attempts: 5, firstDelayMs: 100, maxDelayMs: 1_000 } };
  const endpoint = { url, timeoutMs, headers: { Authorization: 'Bearer of-the-receiver' } };
  return {
    id: 'regione-protocollo',
    participant: 'r_abruzz',
    credentials: [],
    provides: [],
    answers: { concurrency: 1, waiting: 1 },
    receives:
      channel === 'push-soap' || channel === 'push-rest'
        ? { ...common, channel, outcomes, ...endpoint }
        : { ...common, channel },
    receiptsTo: endpoint,
    callbacks: [],
    paused: false,
  };
}

export function jobFor(
  receiver: System,
  message: Message,
  more: { receipt?: Receipt; attempt?: number } = {},
): DeliveryJob {
  const content = message.format === 'xml' ? SOAP_CONTENT : JSON_CONTENT;
  const item: QueueItem = {
    deliveryId: randomUUID(),
    messageId: message.id,
    epoch: 1,
    delivery: {
      kind: more.receipt ? 'receipt' : 'message',
      receiver: { participant: receiver.participant, system: receiver.id },
      agreement: 'a1',
      attempts: 0,
      expiresAt: new Date(Date.now() + 60_000),
      receipt: more.receipt ?? null,
    },
    message,
    content,
  };
  return { item, attempt: more.attempt ?? 1, content, receiver, trace: {} };
}

export interface Request {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Site {
  readonly url: string;
  readonly requests: Request[];
  /** Ports that requests came from: as many as there were connections. */
  readonly callers: Set<number>;
  stop(): Promise<void>;
}

/** A real HTTP server that notes each request and then answers as told. */
export async function site(answer: (reply: ServerResponse, request: IncomingMessage) => void): Promise<Site> {
  const requests: Request[] = [];
  const callers = new Set<number>();
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    callers.add(request.socket.remotePort as number);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      answer(reply, request);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ricevi?token=segreto`,
    requests,
    callers,
    stop: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
