const FILLER = 'x'.repeat(560);

const envelope = (element: string) => `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing">
  <soap:Header><wsa:MessageID>urn:bench:[<id>]</wsa:MessageID></soap:Header>
  <soap:Body>
    <n:${element} xmlns:n="urn:crocevia:bench">
      <n:mittente>c_i804</n:mittente><n:destinatario>r_abruzz</n:destinatario>
      <n:tipo>CAMBIO_RESIDENZA</n:tipo><n:data>2026-11-01</n:data>
      ${Array.from({ length: 8 }, (_, at) => `<n:voce numero="${at + 1}"><n:nome>Via Mazara</n:nome><n:civico>${at}</n:civico></n:voce>`).join('\n      ')}
      <n:nota>${FILLER}</n:nota>
    </n:${element}>
  </soap:Body>
</soap:Envelope>`;

/** The 2 KiB SOAP 1.1 message of the bench; `[<id>]` is replaced by the load generator, a new id a request. */
export const SOAP_MESSAGE = envelope('notifica');
/** The same as a question, and what is answered to it. */
export const SOAP_QUESTION = envelope('interroga');
export const SOAP_ANSWER = envelope('risposta').replace('[<id>]', 'risposta');

export const actionOf = (operation: string) => `"urn:crocevia:bench:${operation}"`;

export const XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:crocevia:bench" targetNamespace="urn:crocevia:bench" elementFormDefault="qualified">
  <xs:element name="notifica" type="contenuto"/><xs:element name="interroga" type="contenuto"/><xs:element name="risposta" type="contenuto"/>
  <xs:complexType name="contenuto"><xs:sequence>
    <xs:element name="mittente"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[a-z0-9_]{2,16}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="destinatario" type="xs:string"/>
    <xs:element name="tipo"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="CAMBIO_RESIDENZA"/><xs:enumeration value="DECESSO"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="data" type="xs:date"/>
    <xs:element name="voce" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="nome" type="xs:string"/><xs:element name="civico" type="xs:integer"/></xs:sequence><xs:attribute name="numero" type="xs:positiveInteger" use="required"/></xs:complexType></xs:element>
    <xs:element name="nota" type="xs:string"/>
  </xs:sequence></xs:complexType>
</xs:schema>`;

/** SOAP 1.1 envelope whose body must be the payload: one parse, one validation. */
export const ENVELOPE_XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.xmlsoap.org/soap/envelope/" elementFormDefault="qualified">
  <xs:import namespace="urn:crocevia:bench" schemaLocation="payload.xsd"/>
  <xs:element name="Envelope"><xs:complexType><xs:sequence>
    <xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence><xs:any namespace="##any" processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Body"><xs:complexType><xs:sequence><xs:any namespace="##other" processContents="strict"/></xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;
