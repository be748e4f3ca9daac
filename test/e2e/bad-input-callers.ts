import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { envelope, noticeElement, noticeJson } from '../support/messages.js';
import { KEYS } from '../support/registry.js';
import { action, anywhere, REST, SOAP, soapWith, XML, type BadCase } from './bad-input-cases.js';

const example = (path: string) => readFileSync(`schemas/${path}`, 'utf8').replace(/<\?xml[^>]*\?>\s*/, '');
const inoltro = example('protocollo/1.0/examples/inoltroProtocollo.xml');
const conferma = example('protocollo/1.0/examples/confermaProtocollazione.xml');
const suap = example('suap/1.0/examples/inoltroPraticaSuap.xml');
const tributi = example('tributi/1.0/examples/richiestaPosizioneTributaria.xml');
const TRIBUTI_ACTION = 'https://schemi.crocevia.example/tributi/1.0/consultaPosizioneTributaria';
const INOLTRO_ACTION = 'https://schemi.crocevia.example/protocollo/1.0/inoltroProtocollo';
const at = (participant: string, version: number, service: string) => ({
  rest: [{ path: `/rest/${participant}/v${version}/${service}/notifiche` }],
  soap: () => [{ path: `/soap/${participant}/v${version}/${service}` }],
});
const spoofed = noticeElement().replace('>c_i804<', '>c_h166<');
const towardsRegione = noticeElement().replace(
  '</c:codiceIpaMittente>',
  '</c:codiceIpaMittente><c:codiceIpaDestinatario>r_abruzz</c:codiceIpaDestinatario>',
);
export const sentTwice = randomUUID();

/** What can be wrong with where it is sent, by whom and under what agreement and id. */
export const CALLER_CASES: readonly BadCase[] = [
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
  { name: 'no credential', code: 'credentials-missing', status: 401, ...anywhere({ key: null }) },
  {
    name: 'no credential before a large body',
    code: 'credentials-missing',
    status: 401,
    ...anywhere({ key: null, body: ' '.repeat(4_000_000) }),
  },
  { name: 'wrong credential', code: 'credentials-wrong', status: 401, ...anywhere({ key: 'sulmona.guess' }) },
  {
    name: 'a token of nobody',
    code: 'token-wrong',
    status: 401,
    ...anywhere({ key: null, headers: { authorization: 'Bearer a.b.c' } }),
  },
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
    name: 'agreement whose intake is paused',
    code: 'intake-paused',
    status: 503,
    rest: [{ key: KEYS.raiano, path: REST.replace('c_h007', 'r_abruzz') }],
    soap: () => [{ key: KEYS.raiano, path: SOAP.replace('c_h007', 'r_abruzz') }],
  },
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
];
