import { readFileSync } from 'node:fs';

/** A file of the published tax query's examples. */
export const example = (name: string): string => readFileSync(`schemas/tributi/1.0/examples/${name}`, 'utf8');

/** The question to Sulmona and its answer, as SOAP body and in JSON. */
export const ASKED = example('richiestaPosizioneTributaria.xml');
export const ASKED_JSON = JSON.parse(example('richiestaPosizioneTributaria.json')) as { readonly testata: object };
export const ANSWERED = example('rispostaPosizioneTributaria.xml');
export const ANSWERED_JSON = JSON.parse(example('rispostaPosizioneTributaria.json')) as object;

/** The same question to another participant. */
export const askedOf = (participant: string): string => ASKED.replaceAll('c_i804', participant);
export const askedJsonOf = (participant: string): object =>
  JSON.parse(JSON.stringify(ASKED_JSON).replaceAll('c_i804', participant)) as object;

export const ACTION = '"https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria"';
export const SOAP_HEADERS = { 'content-type': 'text/xml', soapaction: ACTION };

export const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A SOAP envelope around a document, whose XML declaration is left out. */
export function envelope(body: string, { namespace = SOAP11, header }: { namespace?: string; header?: string } = {}) {
  const before = header === undefined ? '' : `<e:Header>${header}</e:Header>`;
  const inside = body.replace(/<\?xml[^>]*\?>\s*/, '');
  return `<e:Envelope xmlns:e="${namespace}">${before}<e:Body>${inside}</e:Body></e:Envelope>`;
}
