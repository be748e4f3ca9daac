import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import { interfaceFiles } from '../../src/registry/interface/interface-files.js';
import { readXsd } from '../../src/registry/interface/xml/schema-merge.js';

const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

interface Case {
  readonly namespace: string;
  readonly location: string;
  readonly valid: string;
  /** Replaced in the valid example: what makes it wrong, and where that is found. */
  readonly wrong: readonly [from: string, to: string, path: string];
}

const SIGNATURE = `<ds:Signature xmlns:ds="${DS}" Id="firma"><ds:SignedInfo>
  <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
  <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
  <ds:Reference URI="#corpo"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
    <ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>
  <ds:SignatureValue>AAAA</ds:SignatureValue>
  <ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=Prova</ds:X509IssuerName>
    <ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature>`;

const CASES: Readonly<Record<string, Case>> = {
  xmldsig: {
    namespace: DS,
    location: 'https://www.w3.org/TR/2008/REC-xmldsig-core-20080610/xmldsig-core-schema.xsd',
    valid: SIGNATURE,
    wrong: ['<ds:SignatureValue>AAAA</ds:SignatureValue>', '', '/Signature/KeyInfo'],
  },
  wsse: {
    namespace: `${OASIS}secext-1.0.xsd`,
    location: `${OASIS}secext-1.0.xsd`,
    valid: `<wsse:Security xmlns:wsse="${OASIS}secext-1.0.xsd" xmlns:wsu="${OASIS}utility-1.0.xsd">
      <wsu:Timestamp wsu:Id="t"><wsu:Created>2026-03-02T09:15:00Z</wsu:Created></wsu:Timestamp>
      <wsse:UsernameToken wsu:Id="u"><wsse:Username>comune</wsse:Username>
        <wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">x</wsse:Password>
      </wsse:UsernameToken>${SIGNATURE}</wsse:Security>`,
    wrong: ['<wsse:Username>comune</wsse:Username>', '', '/Security/UsernameToken/Password'],
  },
  wsu: {
    namespace: `${OASIS}utility-1.0.xsd`,
    location: `${OASIS}utility-1.0.xsd`,
    valid: `<wsu:Timestamp xmlns:wsu="${OASIS}utility-1.0.xsd" wsu:Id="t"><wsu:Created>2026-03-02T09:15:00Z</wsu:Created>
      <wsu:Expires>2026-03-02T09:20:00Z</wsu:Expires></wsu:Timestamp>`,
    wrong: ['<wsu:Created>', '<wsu:Expires/><wsu:Created>', '/Timestamp/Created'],
  },
  wsa: {
    namespace: 'http://www.w3.org/2005/08/addressing',
    location: 'http://www.w3.org/2006/03/addressing/ws-addr.xsd',
    valid: `<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>urn:comune</a:Address>
      <a:ReferenceParameters><p xmlns="urn:p">1</p></a:ReferenceParameters></a:ReplyTo>`,
    wrong: ['a:Address>', 'a:Adress>', '/ReplyTo/Adress'],
  },
  xml: {
    namespace: 'http://www.w3.org/XML/1998/namespace',
    location: 'http://www.w3.org/2001/xml.xsd',
    valid: '<prova xml:lang="it" xml:space="preserve"/>',
    wrong: ['preserve', 'keep', '/prova/@space'],
  },
  'soap 1.1': {
    namespace: 'http://schemas.xmlsoap.org/soap/envelope/',
    location: 'http://schemas.xmlsoap.org/soap/envelope/',
    valid: `<e:Fault xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>e:Client</faultcode>
      <faultstring>no</faultstring><detail><x xmlns="urn:x"/></detail></e:Fault>`,
    wrong: ['<faultcode>e:Client</faultcode>', '', '/Fault/faultstring'],
  },
  'soap 1.2': {
    namespace: 'http://www.w3.org/2003/05/soap-envelope',
    location: 'http://www.w3.org/2003/05/soap-envelope/',
    valid: `<e:Fault xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Code><e:Value>e:Sender</e:Value></e:Code>
      <e:Reason><e:Text xml:lang="it">no</e:Text></e:Reason></e:Fault>`,
    wrong: ['e:Sender', 'e:Client', '/Fault/Code/Value'],
  },
  xmime: {
    namespace: 'http://www.w3.org/2005/05/xmlmime',
    location: 'http://www.w3.org/2005/05/xmlmime',
    valid: '<prova xmlns:m="http://www.w3.org/2005/05/xmlmime" m:contentType="application/pdf"/>',
    wrong: ['application/pdf', 'a', '/prova/@contentType'],
  },
};

const XML = 'http://www.w3.org/XML/1998/namespace';

/** What `prova` carries of a namespace that declares no element, and of the envelopes. */
const CARRIED: Readonly<Record<string, string>> = {
  [XML]: '<xs:attribute ref="xml:lang"/><xs:attribute ref="xml:space"/>',
  'http://www.w3.org/2005/05/xmlmime': '<xs:attribute ref="m:contentType"/>',
  'http://schemas.xmlsoap.org/soap/envelope/': '<xs:sequence><xs:element ref="m:Envelope"/></xs:sequence>',
  'http://www.w3.org/2003/05/soap-envelope': '<xs:sequence><xs:element ref="m:Envelope"/></xs:sequence>',
};

/** A schema of ours that leans on the standard one. */
function leaningOn(namespace: string, location: string | null) {
  const at = location === null ? '' : ` schemaLocation="${location}"`;
  const prefix = namespace === XML ? '' : ` xmlns:m="${namespace}"`;
  const text = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"${prefix}>
    <xs:import namespace="${namespace}"${at}/>
    <xs:element name="prova"><xs:complexType>${CARRIED[namespace] ?? ''}</xs:complexType></xs:element>
  </xs:schema>`;
  const problem = (message: string) => {
    throw new Error(message);
  };
  const read = (path: string) => (path === '/b/prova.xsd' ? Buffer.from(text) : null);
  const schema = readXsd('/b/prova.xsd', interfaceFiles({ directory: '/b', catalog: {}, read, problem }));
  if (!schema) throw new Error('no schema');
  return schema.bundle;
}

/** The envelope of a payload is left out by the gateway, so what is examined is the element itself. */
function violations(xml: string, namespace: string, location: string | null) {
  const document = openXmlInThread(Buffer.from(xml), null, XML_LIMITS);
  try {
    return document.examine({ schema: leaningOn(namespace, location), extract: {} }).violations;
  } finally {
    document.close();
  }
}

describe.each(Object.entries(CASES))('the schema of %s that the gateway brings', (_, one) => {
  const { namespace, location, valid, wrong } = one;
  const [from, to, path] = wrong;
  const invalid = valid.replaceAll(from, to);

  it.each([
    ['its namespace', null],
    ['where it is published', location],
    ['a file that the interface forgot', 'mancante.xsd'],
  ])('2: answers for %s and accepts a real example', (_name, place) => {
    expect(violations(valid, namespace, place)).toEqual([]);
  });

  it('2: refuses a wrong example where it is wrong', () => {
    expect(invalid).not.toBe(valid);
    const [first] = violations(invalid, namespace, null);
    expect(first?.path.replace(/\/@\w+:/, '/@')).toBe(path);
  });
});

describe.each(['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'])(
  'the envelope of %s',
  (namespace) => {
    const envelope = (body: string) =>
      `<prova><e:Envelope xmlns:e="${namespace}"><e:Header><a xmlns="urn:a" e:mustUnderstand="1"/></e:Header>${body}</e:Envelope></prova>`;

    it('2: is described as a whole', () => {
      expect(violations(envelope('<e:Body><x xmlns="urn:x"/></e:Body>'), namespace, null)).toEqual([]);
      expect(violations(envelope(''), namespace, null)).toMatchObject([{ path: '/prova/Envelope' }]);
      expect(violations(envelope('<e:Body/>').replace('"1"', '"2"'), namespace, null)).toMatchObject([
        { path: expect.stringMatching(/^\/prova\/Envelope\/Header\/a\/@(?:\w+:)?mustUnderstand$/) as string },
      ]);
    });
  },
);
