import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { HttpCall } from '../support/client.js';
import { envelope, noticeElement, noticeJson, type EnvelopeOptions } from '../support/messages.js';
import { KEYS } from '../support/registry.js';

/** One request; `headers` lie over those of a good one, `key: null` sends no API key. */
export interface Bad {
  readonly path?: string;
  readonly method?: 'POST' | 'PUT';
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: HttpCall['body'];
}

export interface BadCase {
  readonly name: string;
  readonly code: FaultCode;
  /** Status over REST; what the SOAP dialects make of it is the protocols' rule. */
  readonly status: number;
  readonly rest?: readonly Bad[];
  readonly soap?: (version: '1.1' | '1.2') => readonly Bad[];
}

export const REST = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';
export const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';
const XML = { 'content-type': 'application/xml' };

const example = (path: string) => readFileSync(`schemas/${path}`, 'utf8').replace(/<\?xml[^>]*\?>\s*/, '');
const inoltro = example('protocollo/1.0/examples/inoltroProtocollo.xml');
const conferma = example('protocollo/1.0/examples/confermaProtocollazione.xml');
const suap = example('suap/1.0/examples/inoltroPraticaSuap.xml');
const tributi = example('tributi/1.0/examples/richiestaPosizioneTributaria.xml');
const TRIBUTI_ACTION = 'https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria';
const INOLTRO_ACTION = 'https://schemi.crocevia.example/protocollo/1.0/inoltroProtocollo';

/** Headers that name a SOAP action in either version. */
export const action = (version: '1.1' | '1.2', uri: string): Record<string, string> =>
  version === '1.1'
    ? { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${uri}"` }
    : { 'content-type': `application/soap+xml; charset=utf-8; action="${uri}"` };

const soapWith =
  (options: EnvelopeOptions, more: Omit<Bad, 'body'> = {}) =>
  (version: '1.1' | '1.2') => [{ ...more, body: envelope({ version, ...options }) }];
const anywhere = (bad: Bad) => ({ rest: [bad], soap: () => [bad] });
const at = (participant: string, version: number, service: string) => ({
  rest: [{ path: `/rest/${participant}/v${version}/${service}/notifiche` }],
  soap: () => [{ path: `/soap/${participant}/v${version}/${service}` }],
});
const latin1 = (text: string) => Buffer.from(text.replace('Rossi', 'Rossì'), 'latin1');
const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const doctype = (text: string) => `<!DOCTYPE a [<!ENTITY e "x">]>${text}`;
const pdf: Bad = { headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.7' };
const spoofed = noticeElement().replace('>c_i804<', '>c_h166<');
const towardsRegione = noticeElement().replace(
  '</c:codiceIpaMittente>',
  '</c:codiceIpaMittente><c:codiceIpaDestinatario>r_abruzz</c:codiceIpaDestinatario>',
);
export const sentTwice = randomUUID();

/** Every line of "Bad input", and what else a sender can do wrong at the doors for messages. */
export const CASES: readonly BadCase[] = [
  {
    name: 'not well-formed',
    code: 'not-well-formed',
    status: 400,
    rest: [{ body: '{"testata": ' }, { body: '' }, { body: '{"a":1,"a":2}' }, { headers: XML, body: '<a><b></a>' }],
    soap: (version) => [{ body: envelope({ version }).slice(0, -8) }, { body: '' }, { body: 'hello' }],
  },
  {
    name: 'bytes in another encoding than said',
    code: 'encoding-wrong',
    status: 400,
    rest: [
      { body: latin1(JSON.stringify(noticeJson())) },
      { headers: XML, body: latin1(noticeElement()) },
      { headers: { 'content-type': 'application/json; charset=utf-16' } },
    ],
    soap: (version) => [{ body: latin1(envelope({ version })) }],
  },
  {
    name: 'media type',
    code: 'media-type-unsupported',
    status: 415,
    rest: [pdf],
    soap: (version) => (version === '1.1' ? [pdf] : []),
  },
  {
    name: 'content coding',
    code: 'media-type-unsupported',
    status: 415,
    ...anywhere({ headers: { 'content-encoding': 'gzip' } }),
  },
  { name: 'unknown participant', code: 'participant-unknown', status: 404, ...at('c_x999', 1, 'VariazioneAnagrafica') },
  { name: 'unknown service', code: 'service-unknown', status: 404, ...at('c_h007', 1, 'Nulla') },
  { name: 'service of another', code: 'service-unknown', status: 404, ...at('c_h007', 1, 'Piccolo') },
  { name: 'unknown version', code: 'version-unknown', status: 404, ...at('c_h007', 2, 'VariazioneAnagrafica') },
  {
    name: 'no such path',
    code: 'route-unknown',
    status: 404,
    rest: [{ path: REST + 'x' }, { path: '/rest/x' }],
    soap: () => [{ path: '/soap/x' }],
  },
  {
    name: 'unknown operation',
    code: 'operation-unknown',
    status: 400,
    soap: (version) => [
      { headers: action(version, 'urn:nulla') },
      {
        headers: { 'content-type': action(version, '')['content-type'] ?? '', soapaction: '' },
        body: envelope({ version, body: '<a xmlns="urn:x"/>' }),
      },
    ],
  },
  {
    name: 'operations that disagree',
    code: 'operation-ambiguous',
    status: 400,
    soap: (version) => [
      { body: envelope({ version, body: '<a xmlns="urn:x"/>' }) },
      {
        path: '/soap/c_h007/v1/InoltroProtocollo',
        headers: action(version, INOLTRO_ACTION),
        body: envelope({ version, body: conferma }),
      },
    ],
  },
  { name: 'another method', code: 'method-not-allowed', status: 405, ...anywhere({ method: 'PUT' }) },
  {
    name: 'too large',
    code: 'too-large',
    status: 413,
    rest: [{ path: '/rest/c_h166/v1/Piccolo/notifiche', body: ' '.repeat(4097) }, { body: ' '.repeat(5_000_001) }],
    soap: () => [{ path: '/soap/c_h166/v1/Piccolo', body: ' '.repeat(4097) }, { body: ' '.repeat(5_000_001) }],
  },
  {
    name: 'too deep',
    code: 'too-deep',
    status: 400,
    rest: [
      { headers: XML, body: nested(200) },
      { body: '['.repeat(200) + ']'.repeat(200) },
      { headers: XML, body: nested(50_000) },
    ],
    soap: (version) => [
      { body: envelope({ version, body: nested(200) }) },
      { body: envelope({ version, body: nested(50_000) }) },
    ],
  },
  {
    name: 'too many nodes',
    code: 'too-complex',
    status: 400,
    rest: [{ headers: XML, body: `<a>${'<b/>'.repeat(400_001)}</a>` }, { body: `[${'0,'.repeat(400_001)}0]` }],
    soap: (version) => [{ body: envelope({ version, body: `<a>${'<b/>'.repeat(400_001)}</a>` }) }],
  },
  {
    name: 'DTD',
    code: 'dtd-forbidden',
    status: 400,
    rest: [{ headers: XML, body: doctype(noticeElement()) }],
    soap: (version) => [{ body: doctype(envelope({ version }).replace(/<\?xml[^>]*\?>\s*/, '')) }],
  },
  {
    name: 'SOAP version',
    code: 'soap-version-mismatch',
    status: 400,
    soap: (version) => [{ body: envelope({ version: version === '1.1' ? '1.2' : '1.1' }) }],
  },
  {
    name: 'mandatory header that nobody knows',
    code: 'header-not-understood',
    status: 400,
    soap: soapWith({ headers: '<x:sicura xmlns:x="urn:x" soap:mustUnderstand="1"/>' }),
  },
  {
    name: 'envelope',
    code: 'envelope-malformed',
    status: 400,
    rest: [{ headers: XML, body: envelope() }],
    soap: (version) => [
      { body: '<a/>' },
      { body: envelope({ version, body: '<a/><b/>' }) },
      { body: envelope({ version, body: '' }) },
    ],
  },
  {
    name: 'MIME',
    code: 'mime-malformed',
    status: 400,
    soap: (version) => [
      {
        headers: {
          'content-type': `multipart/related; type="${version === '1.1' ? 'text/xml' : 'application/soap+xml'}"; boundary=b`,
        },
        body: 'no part',
      },
    ],
  },
  { name: 'no credential', code: 'credentials-missing', status: 401, ...anywhere({ key: null }) },
  {
    name: 'no credential before a large body',
    code: 'credentials-missing',
    status: 401,
    ...anywhere({ key: null, body: ' '.repeat(4_000_000) }),
  },
  { name: 'wrong credential', code: 'credentials-wrong', status: 401, ...anywhere({ key: 'sulmona.guess' }) },
  {
    name: 'two credentials',
    code: 'credentials-repeated',
    status: 400,
    ...anywhere({
      headers: { authorization: `Basic ${Buffer.from('sulmona-user:secret-sulmona').toString('base64')}` },
    }),
  },
  {
    name: 'sender that is not the caller',
    code: 'sender-mismatch',
    status: 403,
    rest: [
      { headers: XML, body: spoofed },
      { body: { ...noticeJson(), testata: { ...(noticeJson()['testata'] as object), codiceIpaMittente: 'c_h166' } } },
    ],
    soap: (version) => [
      { body: envelope({ version, body: spoofed }) },
      {
        body: envelope({
          version,
          headers:
            '<w:From xmlns:w="http://www.w3.org/2005/08/addressing"><w:Address>urn:crocevia:participant:c_h166</w:Address></w:From>',
        }),
      },
    ],
  },
  {
    name: 'receiver that is not the one addressed',
    code: 'receiver-mismatch',
    status: 400,
    rest: [{ body: noticeJson('r_abruzz') }],
    soap: soapWith({ body: towardsRegione }),
  },
  {
    name: 'no agreement',
    code: 'not-authorised',
    status: 403,
    rest: [{ key: KEYS.pratola, path: REST.replace('c_h007', 'r_abruzz') }],
    soap: () => [{ key: KEYS.pratola, path: SOAP.replace('c_h007', 'r_abruzz') }],
  },
  { name: 'agreement that is over', code: 'agreement-not-in-force', status: 403, ...anywhere({ key: KEYS.raiano }) },
  {
    name: 'suspended agreement',
    code: 'agreement-suspended',
    status: 403,
    rest: [{ path: '/rest/r_abruzz/v1/PraticaSuap/pratiche', headers: XML, body: suap }],
    soap: (version) => [
      {
        path: '/soap/r_abruzz/v1/PraticaSuap',
        headers: action(version, 'https://schemi.crocevia.example/suap/1.0/inoltroPratica'),
        body: envelope({ version, body: suap }),
      },
    ],
  },
  {
    name: 'no message id under an agreement that filters duplicates',
    code: 'message-id-missing',
    status: 400,
    rest: [{ path: '/rest/c_h007/v1/InoltroProtocollo/inoltri', headers: XML, body: inoltro }],
    soap: (version) => [
      {
        path: '/soap/c_h007/v1/InoltroProtocollo',
        headers: action(version, INOLTRO_ACTION),
        body: envelope({ version, body: inoltro, messageId: null }),
      },
    ],
  },
  {
    name: 'message id',
    code: 'message-id-malformed',
    status: 400,
    rest: [{ headers: { 'idempotency-key': 'a b' } }, { headers: { 'idempotency-key': 'x'.repeat(256) } }],
    soap: (version) => [
      { body: envelope({ version, messageId: 'a b' }) },
      { headers: { 'idempotency-key': 'another' } },
    ],
  },
  {
    name: 'id already used with another body',
    code: 'duplicate-conflict',
    status: 409,
    rest: [{ headers: { 'idempotency-key': sentTwice }, body: { ...noticeJson(), tipoVariazione: 'DECESSO' } }],
    soap: soapWith({ messageId: sentTwice, body: noticeElement().replace('CAMBIO_RESIDENZA', 'DECESSO') }),
  },
  {
    name: 'query to a system without an endpoint',
    code: 'destination-missing',
    status: 502,
    rest: [
      {
        key: KEYS.regione,
        path: '/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta',
        headers: XML,
        body: tributi,
      },
    ],
    soap: (version) => [
      {
        key: KEYS.regione,
        path: '/soap/c_i804/v1/PosizioneTributaria',
        headers: action(version, TRIBUTI_ACTION),
        body: envelope({ version, body: tributi }),
      },
    ],
  },
  {
    name: 'header value',
    code: 'parameter-wrong',
    status: 400,
    ...anywhere({ headers: { 'x-correlation-id': 'a b' } }),
  },
  {
    name: 'schema',
    code: 'schema-violation',
    status: 400,
    rest: [{ body: {} }, { headers: XML, body: noticeElement().replace('CAMBIO_RESIDENZA', 'TRASLOCO') }],
    soap: soapWith({ body: noticeElement().replace('CAMBIO_RESIDENZA', 'TRASLOCO') }),
  },
];
