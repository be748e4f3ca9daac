import { readFileSync } from 'node:fs';
import { http, type HttpAnswer, type HttpCall } from './client.js';
import { writeExchangeRegistry } from './exchange-registry.js';
import { asker, queryStage, type Asked, type QueryStage } from './query-stage.js';
import type { Received } from './receiver.js';
import { KEYS } from './registry.js';
import type { Ground } from './shapes.js';
import { envelope } from './tax-query.js';

export const PUBLIC_URL = 'https://porta.example';
export const ISTANZE = '/rest/c_h007/v1/Istanze/istanze/7';

const example = (name: string) => readFileSync(`schemas/protocollo/1.0/examples/${name}`, 'utf8');
export const NS = 'https://schemi.crocevia.example/protocollo/1.0';
export const SOAP = { 'content-type': 'text/xml', soapaction: `"${NS}/inoltroProtocollo"` };
/** The example that is answered later, with an id of its own that ends as told. */
export const inoltro = (end: string, header = '', receiver = 'c_h007'): string =>
  envelope(example('inoltroProtocollo.xml').replaceAll('7a04', end).replaceAll('c_h007', receiver), { header });
export const inoltroJson = (end: string): object =>
  JSON.parse(example('inoltroProtocollo.json').replaceAll('7a04', end)) as object;
/** The answer to it. */
export const conferma = (header = ''): string => envelope(example('confermaProtocollazione.xml'), { header });
export const CONFERMA_JSON = JSON.parse(example('confermaProtocollazione.json')) as object;
export const xReplyTo = (url: string) => `<m:X-ReplyTo xmlns:m="${NS}">${url}</m:X-ReplyTo>`;

/** What came to the provider of the message with this id, or to its sender as the answer. */
export const to = (id: string) => (received: Received) => received.headers['x-gateway-id'] === id;
export const answering = (correlationId: string) => (received: Received) =>
  received.path.includes('/risposte') && received.headers['x-correlation-id'] === correlationId;
export const correlationIdOf = ({ headers }: HttpAnswer) => headers['x-correlation-id'] as string;

export const exchangeRegistry = ({ sulmona, pratola }: Asked) =>
  writeExchangeRegistry({ pratola: pratola.url, sulmona: sulmona.url });

/** The query stage where Sulmona sends to Pratola, which answers later. */
export interface ExchangeStage {
  readonly stage: QueryStage;
  ask(path: string, call?: HttpCall): Promise<HttpAnswer>;
  /** What the provider answers, at the address that came with the delivery. */
  answer(
    delivery: Received,
    body: HttpCall['body'],
    headers?: Record<string, string>,
    key?: string,
  ): Promise<HttpAnswer>;
  /** The header that has the answer sent below Sulmona's registered address. */
  callback(path?: string): { readonly 'x-replyto': string };
}

export function exchangeStage(lay: () => Promise<Ground>): ExchangeStage {
  const stage = queryStage(lay, exchangeRegistry, { PUBLIC_URL });
  return {
    stage,
    ask: asker(stage, KEYS.sulmona),
    answer: ({ headers: { 'x-replyto': address } }, body, headers = {}, key = KEYS.pratola) =>
      http(String(address).replace(PUBLIC_URL, stage.gateway.url), {
        key,
        method: 'POST',
        headers,
        ...(body !== undefined && { body }),
      }),
    callback: (path = '') => ({ 'x-replyto': `${stage.sulmona.url}/risposte${path}` }),
  };
}
