import { envelope, noticeElement, noticeJson } from '../support/messages.js';
import { anywhere, soapWith, XML, type Bad, type BadCase } from './bad-input-cases.js';

const latin1 = (text: string) => Buffer.from(text.replace('Rossi', 'Rossì'), 'latin1');
const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const doctype = (text: string) => `<!DOCTYPE a [<!ENTITY e "x">]>${text}`;
const pdf: Bad = { headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.7' };

/** What can be wrong with what is sent. */
export const DOCUMENT_CASES: readonly BadCase[] = [
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
    ...anywhere({ headers: { 'content-encoding': 'br' } }),
  },
  {
    name: 'digest of another content',
    code: 'digest-mismatch',
    status: 400,
    ...anywhere({ headers: { 'content-digest': `sha-256=:${'A'.repeat(43)}=:` } }),
  },
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
