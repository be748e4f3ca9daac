import type { SchemaBundle } from '../message/document.js';
import { Fault } from '../message/fault.js';
import { createMediator } from './mediator.js';
import { PROCESSING, writeProcessingStatus } from './processing-status.js';

const NS = 'urn:stato';
const STATUS = '<xs:element name="status" type="xs:string"/><xs:element name="message" type="xs:string"/>';
const complex = (body: string) => `<xs:complexType><xs:sequence>${body}</xs:sequence></xs:complexType>`;
const around = (name: string, body: string) => `<xs:element name="${name}">${complex(body)}</xs:element>`;

function written(body: string, form = 'qualified'): string {
  const text = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NS}" elementFormDefault="${form}">
    ${around('risposta', body)}</xs:schema>`;
  const xsd: SchemaBundle = { key: text, kind: 'xsd', entry: 'm.xsd', documents: { 'm.xsd': text } };
  const element = { namespace: NS, name: 'risposta' };
  return writeProcessingStatus(PROCESSING.done, { xsd, element }, createMediator()).bytes.toString();
}

describe('a processing status', () => {
  it.each([
    ['directly', STATUS, 'qualified', /<risposta xmlns="urn:stato"><status>done<\/status><message>[^<]+<\/message><\//],
    ['without namespaces', STATUS, 'unqualified', /:risposta [^>]*><status>done<\/status><message>[^<]+<\/message><\//],
    [
      'in one member',
      around('return', STATUS),
      'unqualified',
      /:risposta [^>]*><return><status>done<\/status><message>/,
    ],
    [
      'beside what may be left out',
      `<xs:element name="note" minOccurs="0"/>${STATUS}`,
      'unqualified',
      /><status>done</,
    ],
    ['in the order of the schema', STATUS.replace(/(.*\/>)(.*\/>)/, '$2$1'), 'unqualified', /<\/message><status>done</],
  ])('4: is written %s', (_how, body, form, expected) => {
    expect(written(body.replace('name="note"', 'name="note" type="xs:string"'), form)).toMatch(expected);
  });

  it.each([
    ['no status', '<xs:element name="stato" type="xs:string"/>'],
    ['no message', '<xs:element name="status" type="xs:string"/>'],
    ['more that is required', `<xs:element name="esito" type="xs:string"/>${STATUS}`],
    ['a list of them', around('return', STATUS).replace('<xs:element', '<xs:element maxOccurs="2"')],
    ['them two levels below', around('a', around('b', STATUS))],
  ])('4: does not fit an element with %s', (_what, body) => {
    expect(() => written(body)).toThrow(Fault);
  });
});
