import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const notice = readFileSync('schemas/anagrafe/1.0/examples/notificaVariazioneAnagrafica.json', 'utf8');
const noticeXml = readFileSync('schemas/anagrafe/1.0/examples/notificaVariazioneAnagrafica.xml', 'utf8');

export const NOTICE_ACTION = 'https://schemi.crocevia.example/anagrafe/1.0/notificaVariazione';
export const NOTICE_TYPE = 'it.crocevia.anagrafe.variazione.v1';

type Json = Record<string, unknown>;

/** A valid residents' notice of Sulmona, without a named receiver unless one is given. */
export function noticeJson(receiver?: string, sender = 'c_i804'): Json {
  const value = JSON.parse(notice) as { testata: Json };
  delete value.testata['codiceIpaDestinatario'];
  return {
    ...value,
    testata: { ...value.testata, codiceIpaMittente: sender, ...(receiver && { codiceIpaDestinatario: receiver }) },
  };
}

/** The same notice as an XML element, without its declaration; it names no receiver. */
export function noticeElement(): string {
  return noticeXml
    .replace(/<\?xml[^>]*\?>\s*/, '')
    .replace(/<([a-z]+:)?codiceIpaDestinatario>[^<]*<\/([a-z]+:)?codiceIpaDestinatario>\s*/, '');
}

const NAMESPACES = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;

export interface EnvelopeOptions {
  readonly version?: keyof typeof NAMESPACES;
  readonly messageId?: string | null;
  readonly headers?: string;
  readonly body?: string;
}

/** A SOAP envelope around the notice, with a new wsa:MessageID unless told otherwise. */
export function envelope({
  version = '1.1',
  messageId = `urn:uuid:${randomUUID()}`,
  headers = '',
  body = noticeElement(),
}: EnvelopeOptions = {}): string {
  const id =
    messageId === null
      ? ''
      : `<wsa:MessageID xmlns:wsa="http://www.w3.org/2005/08/addressing">${messageId}</wsa:MessageID>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="${NAMESPACES[version]}"><soap:Header>${id}${headers}</soap:Header>\n<soap:Body>\n${body}\n</soap:Body></soap:Envelope>`;
}

export const SOAP11_HEADERS = { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${NOTICE_ACTION}"` };
export const SOAP12_HEADERS = { 'content-type': `application/soap+xml; charset=utf-8; action="${NOTICE_ACTION}"` };
