import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arrival, Identified } from '../../src/message/stages.js';
import { startClock } from '../../src/ingress/clock.js';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
export const schemaText = (path: string) => readFileSync(join(SCHEMAS, path), 'utf8');
const example = (name: string) => schemaText(`anagrafe/1.0/examples/notificaVariazioneAnagrafica${name}`);

export const PAYLOADS = {
  xml: { valid: example('.xml'), invalid: example('.cap-corto.xml') },
  json: { valid: example('.json'), invalid: example('.cap-corto.json') },
} as const;

export const NAMESPACES = {
  soap11: 'http://schemas.xmlsoap.org/soap/envelope/',
  soap12: 'http://www.w3.org/2003/05/soap-envelope',
} as const;

/** A request as bytes; header names in lower case. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The ids that a form writes where its protocol has them. */
export interface Ids {
  readonly messageId: string;
  readonly correlationId: string;
  readonly relatesTo: string;
}

/** One way of writing a message, and what it can do. */
export interface Form {
  readonly name: string;
  readonly binding: Arrival['binding'];
  readonly protocol: 'soap11' | 'soap12' | 'rest' | 'cloudevents';
  readonly format: 'xml' | 'json';
  /** True where the payload is text or base64 inside JSON, so that its markup is hidden from byte edits. */
  readonly wrapped: boolean;
  readonly write: (payload: string, ids: Partial<Ids>) => Sent;
}

const bare = (payload: string) => payload.replace(/^<\?xml[^]*?\?>\s*/, '');
const block = (name: string, text: string | undefined) =>
  text === undefined ? '' : `<a:${name} xmlns:a="http://www.w3.org/2005/08/addressing">${text}</a:${name}>`;

export function envelope(version: 'soap11' | 'soap12', payload: string, ids: Partial<Ids>, more = ''): string {
  const { messageId, correlationId, relatesTo } = ids;
  const correlation =
    correlationId === undefined ? '' : `<X-Correlation-ID xmlns="urn:modi">${correlationId}</X-Correlation-ID>`;
  const header = block('MessageID', messageId) + block('RelatesTo', relatesTo) + correlation + more;
  return `<e:Envelope xmlns:e="${NAMESPACES[version]}"><e:Header>${header}</e:Header><e:Body>${bare(payload)}</e:Body></e:Envelope>`;
}

const SOAP_TYPE = { soap11: 'text/xml; charset=utf-8', soap12: 'application/soap+xml; charset=utf-8' };

const soap = (version: 'soap11' | 'soap12'): Form => ({
  name: `SOAP 1.${version.at(-1)}`,
  binding: 'soap',
  protocol: version,
  format: 'xml',
  wrapped: false,
  write: (payload, ids) => ({
    headers: { 'content-type': SOAP_TYPE[version], ...(version === 'soap11' && { soapaction: '""' }) },
    body: Buffer.from(envelope(version, payload, ids)),
  }),
});

/** Parts as header block and content. */
export const multipart = (...parts: readonly (readonly [string, string | Buffer])[]) =>
  Buffer.concat([
    ...parts.flatMap(([head, content]) => [
      Buffer.from(`--frontiera\r\n${head}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--frontiera--\r\n'),
  ]);

export const PICTURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x2d, 0x2d, 0x00, 0xff]);

const attachments: Form = {
  ...soap('soap11'),
  name: 'SOAP 1.1 with attachments',
  write: (payload, ids) => ({
    headers: {
      'content-type': 'multipart/related; type="text/xml"; start="<busta>"; boundary=frontiera',
      soapaction: '""',
    },
    body: multipart(
      ['Content-Type: image/png\r\nContent-ID: <allegato@comune>', PICTURE],
      ['Content-Type: text/xml; charset=utf-8\r\nContent-ID: <busta>', envelope('soap11', payload, ids)],
    ),
  }),
};

const mtom: Form = {
  ...soap('soap12'),
  name: 'SOAP 1.2 as MTOM',
  write: (payload, ids) => ({
    headers: {
      'content-type':
        'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; start="<busta>"; boundary=frontiera',
    },
    body: multipart(
      [
        'Content-Type: application/xop+xml; charset=utf-8; type="application/soap+xml"\r\nContent-ID: <busta>',
        envelope('soap12', payload, ids),
      ],
      ['Content-Type: image/png\r\nContent-ID: <allegato@comune>', PICTURE],
    ),
  }),
};

const rest = (format: 'xml' | 'json'): Form => ({
  name: `REST ${format.toUpperCase()}`,
  binding: 'rest',
  protocol: 'rest',
  format,
  wrapped: false,
  write: (payload, { messageId, correlationId, relatesTo }) => ({
    headers: {
      'content-type': `application/${format}`,
      ...(messageId !== undefined && { 'idempotency-key': `"${messageId}"` }),
      ...(correlationId !== undefined && { 'x-correlation-id': correlationId }),
      ...(relatesTo !== undefined && { 'x-relates-to': relatesTo }),
    },
    body: Buffer.from(payload),
  }),
});

/** Attributes of an event; values that need it are percent-encoded as a header wants it. */
const attributes = ({ messageId = 'evento-1', correlationId, relatesTo }: Partial<Ids>) => ({
  specversion: '1.0',
  id: messageId,
  source: '/comuni/sulmona',
  type: 'it.anagrafe.variazione',
  receiver: 'c_g878, r_abruzz',
  sender: 'c_i804',
  ...(correlationId !== undefined && { correlationid: correlationId }),
  ...(relatesTo !== undefined && { relatesto: relatesTo }),
});

const binary = (format: 'xml' | 'json'): Form => ({
  name: `CloudEvents binary ${format.toUpperCase()}`,
  binding: 'cloudevents',
  protocol: 'cloudevents',
  format,
  wrapped: false,
  write: (payload, ids) => ({
    headers: {
      'content-type': `application/${format}`,
      ...Object.fromEntries(
        Object.entries(attributes(ids)).map(([name, value]) => [`ce-${name}`, value.replaceAll(' ', '%20')]),
      ),
    },
    body: Buffer.from(payload),
  }),
});

type Write = (payload: string) => string;

const structured = (name: string, format: 'xml' | 'json', wrapped: boolean, data: Write): Form => ({
  name: `CloudEvents structured ${name}`,
  binding: 'cloudevents',
  protocol: 'cloudevents',
  format,
  wrapped,
  write: (payload, ids) => {
    const head = JSON.stringify({ ...attributes(ids), datacontenttype: `application/${format}` }).slice(0, -1);
    return {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: Buffer.from(`${head},${data(payload)}}`),
    };
  },
});

export const FORMS: readonly Form[] = [
  soap('soap11'),
  soap('soap12'),
  attachments,
  mtom,
  rest('json'),
  rest('xml'),
  binary('json'),
  binary('xml'),
  structured('JSON', 'json', false, (payload) => `"data":${payload}`),
  structured('XML', 'xml', true, (payload) => `"data":${JSON.stringify(payload)}`),
  structured('base64', 'xml', true, (payload) => `"data_base64":"${Buffer.from(payload).toString('base64')}"`),
];

export function arrivalOf(binding: Arrival['binding'], headers: Arrival['headers']): Identified {
  return {
    door: 'http',
    binding,
    address: {
      participant: 'c_g878',
      version: 1,
      service: 'VariazioneAnagrafica',
      path: '',
      query: '',
      method: 'POST',
    },
    headers,
    arrivedAt: new Date('2026-11-23T08:15:00Z'),
    clock: startClock(),
    caller: { participant: 'c_i804', system: 'sulmona-anagrafe' },
  };
}
