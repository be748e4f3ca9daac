import type { Service } from '../model.js';
import { publishedDocument, publishedOpenApi, publishedWsdl } from './publication.js';

const service: Service = {
  id: 'Prova',
  version: 2,
  title: 'Prova',
  status: 'published',
  deprecated: null,
  sunset: null,
  operations: [],
  maxBytes: 1024,
  maxAttachmentBytes: null,
  owner: null,
  senderPath: null,
  receiverPath: null,
  wsdl: {
    entry: 'Prova.wsdl',
    documents: {
      'Prova.wsdl': `<d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema">
  <d:import namespace="urn:m" location="altro.wsdl"/>
  <d:types><x:schema><x:import namespace="urn:a" schemaLocation="a.xsd"/></x:schema></d:types>
  <d:service name="Prova">
    <d:port name="a"><a:address xmlns:a="http://schemas.xmlsoap.org/wsdl/soap/" location="http://vecchio/"/></d:port>
    <d:port name="b"><a:address xmlns:a="http://schemas.xmlsoap.org/wsdl/soap12/" location='http://vecchio/'/></d:port>
  </d:service>
</d:definitions>`,
      'altro.wsdl': '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>',
      'a.xsd': `<schema xmlns="http://www.w3.org/2001/XMLSchema"><include schemaLocation="b.xsd"/><include schemaLocation="http://altrove/c.xsd"/></schema>`,
    },
  },
  openapi: {
    entry: 'openapi.yaml',
    documents: {
      'openapi.yaml':
        "openapi: 3.1.0 # commento\nservers: [{ url: 'http://vecchio' }]\nx: { $ref: 'a.schema.json#/$defs/b' }\ny: { $ref: '#/x' }\n",
      'a.schema.json': '{"$defs":{"b":{"$ref":"b.schema.json"}}}',
    },
  },
};
const PUBLIC = 'https://gateway.regione.example/base';
const SOAP = `${PUBLIC}/soap/c_i804/v2/Prova`;
const REST = `${PUBLIC}/rest/c_i804/v2/Prova`;

describe('publication', () => {
  it('4: puts the public address into every port and import of the WSDL', () => {
    const text = publishedWsdl(service, 'c_i804', PUBLIC);
    const locations = [...text.matchAll(/[lL]ocation=["']([^"']*)/g)].map(([, url]) => url);
    expect(locations).toEqual([`${SOAP}?xsd=altro.wsdl`, `${SOAP}?xsd=a.xsd`, SOAP, SOAP]);
    expect(text).not.toContain('vecchio');
  });

  it('4: serves what the WSDL imports, with addresses that it serves too', () => {
    const served = publishedDocument(service, 'c_i804', PUBLIC, 'a.xsd');
    expect(served?.contentType).toBe('text/xml; charset=utf-8');
    expect(served?.text).toContain('schemaLocation="http://altrove/c.xsd"');
    expect(publishedDocument(service, 'c_i804', PUBLIC, 'Prova.wsdl')?.text).toBe(
      publishedWsdl(service, 'c_i804', PUBLIC),
    );
  });

  it('4: names itself as the only server of the OpenAPI description and keeps the rest', () => {
    const text = publishedOpenApi(service, 'c_i804', PUBLIC);
    expect(text).toContain(`- url: ${REST}\n`);
    expect(text).toContain(`$ref: '${REST}/a.schema.json#/$defs/b'`);
    expect(text).toContain("$ref: '#/x'");
    expect(text).toContain('# commento');
    expect(text).not.toContain('vecchio');
    expect(publishedDocument(service, 'c_i804', PUBLIC, 'a.schema.json')).toEqual({
      contentType: 'application/schema+json',
      text: expect.stringContaining('"$ref": "b.schema.json"') as string,
    });
  });

  it.each(['../a.xsd', 'constructor', '__proto__', ''])('4: serves nothing under the name %j', (name) => {
    expect(publishedDocument(service, 'c_i804', PUBLIC, name)).toBeNull();
  });
});
