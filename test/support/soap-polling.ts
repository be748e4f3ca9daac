import { type HttpAnswer } from './client.js';
import { CERTIFICATI_NS } from './polling-registry.js';
import { type Received } from './receiver.js';

export const VERSIONS = {
  '1.1': {
    namespace: 'http://schemas.xmlsoap.org/soap/envelope/',
    type: 'text/xml',
    ofSender: 500,
    code: 'soap:Client',
  },
  '1.2': {
    namespace: 'http://www.w3.org/2003/05/soap-envelope',
    type: 'application/soap+xml',
    ofSender: 400,
    code: 'env:Sender',
  },
} as const;
export type Version = keyof typeof VERSIONS;

export const WSA = 'http://www.w3.org/2005/08/addressing';
export const envelope = (version: Version, body: string, header = '') =>
  `<e:Envelope xmlns:e="${VERSIONS[version].namespace}"><e:Header>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`;
export const element = (name: string, inner = '') => `<c:${name} xmlns:c="${CERTIFICATI_NS}">${inner}</c:${name}>`;
export const correlation = (id: string) => element('X-Correlation-ID', id);
export const relatesTo = (id: string) => `<w:RelatesTo xmlns:w="${WSA}">${id}</w:RelatesTo>`;
export const messageId = (id: string) => `<w:MessageID xmlns:w="${WSA}">${id}</w:MessageID>`;

export const ASKED = element('CertificatoRequest', '<codiceFiscale>RSSMRA80A01I804K</codiceFiscale>');
export const STATUS = element('CertificatoProcessingStatus');
export const RESULT = element('CertificatoResponse');
export const CERTIFICATE = element(
  'CertificatoResponseResponse',
  '<numero>7</numero><testo>Certificato di residenza</testo>',
);

export const idOf = ({ headers }: HttpAnswer) => headers['x-gateway-id'] as string;
export const to = (id: string) => (received: Received) => received.headers['x-gateway-id'] === id;
/** Status and message, wherever they stand. */
export const told = ({ text }: HttpAnswer) => /<status>(.*)<\/status><message>(.*)<\/message>/.exec(text)?.slice(1);
export const faultIn = ({ status, text }: HttpAnswer) => [
  status,
  /<(?:faultcode|env:Value)>([^<]*)</.exec(text)?.[1],
  /<g:codice>([^<]*)</.exec(text)?.[1],
];
