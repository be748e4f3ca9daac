import { load, directoryWith, SERVICE, xsd } from './registry-files.js';

describe('the published schemas that a service names', () => {
  it('2: follows include and import through ../ and blanks, and takes remote locations from the catalog', async () => {
    const directory = await directoryWith({
      'services.yaml': `${SERVICE}catalog: { 'https://a.example/tipi.xsd': tipi.xsd }\n`,
      'nota.xsd': xsd(
        `<xs:include schemaLocation=" ./parte due.xsd "/><xs:import namespace="urn:t" schemaLocation="https://a.example/tipi.xsd"/>
         <xs:element name="nota" type="n:Nota"/>`,
      ),
      'parte due.xsd': xsd(
        '<xs:include schemaLocation="nota.xsd"/><xs:include schemaLocation="parte%20tre.xsd"/><xs:complexType name="Nota"/>',
      ),
      'parte tre.xsd': xsd(''),
      'tipi.xsd': '<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"/>',
    });
    const bundle = (await load(directory)).service('Nota', 1)?.operations[0]?.xsd;
    expect(Object.keys(bundle?.documents ?? {}).sort()).toEqual([
      'nota.xsd',
      'parte_due.xsd',
      'parte_tre.xsd',
      'tipi.xsd',
    ]);
    expect(bundle?.documents['nota.xsd']).toContain('schemaLocation="parte_due.xsd"');
    expect(bundle?.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('2: joins several schemas inside a WSDL that lean on its prefixes and on each other', async () => {
    const directory = await directoryWith({
      'services.yaml': 'kind: service\nid: Nota\nversion: 1\ntitle: Nota\nwsdl: nota.wsdl\n',
      'nota.wsdl': `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema"
          xmlns:n="urn:nota" xmlns:t="urn:t" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" targetNamespace="urn:nota">
        <types>
          <x:schema targetNamespace="urn:nota"><x:import namespace="urn:t"/><x:element name="nota" type="t:Testo"/></x:schema>
          <x:schema targetNamespace="urn:t"><x:simpleType name="Testo"><x:restriction base="x:string"/></x:simpleType></x:schema>
        </types>
        <message name="In"><part name="testata" element="n:altro"/><part name="corpo" element="n:nota"/></message>
        <portType name="P"><operation name="invia"><input message="n:In"/></operation></portType>
        <binding name="B" type="n:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
          <operation name="invia"><s:operation soapAction=""/><input><s:header part="testata" message="n:In" use="literal"/><s:body use="literal"/></input></operation>
        </binding>
      </definitions>`,
    });
    expect((await load(directory)).service('Nota', 1)?.operations).toMatchObject([
      {
        name: 'invia',
        profile: 'one-way',
        soapAction: null,
        element: { namespace: 'urn:nota', name: 'nota' },
        acknowledged: false,
      },
    ]);
  });
});
