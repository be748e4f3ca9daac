import type { ServiceDocument } from '../../src/registry/documents/document-types.js';
import { checkInterface, type InterfaceReport } from '../../src/registry/publish/interface-check.js';

export const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
export const xsd = (namespace: string, body: string) =>
  `<xs:schema ${XS} xmlns="${namespace}" targetNamespace="${namespace}" elementFormDefault="qualified">${body}</xs:schema>`;
export const service = (parts: Partial<ServiceDocument>): ServiceDocument => ({
  kind: 'service',
  id: 'Prova',
  version: 1,
  title: 'Prova',
  ...parts,
});
export const checkXsd = (
  files: Readonly<Record<string, string>>,
  parts: Partial<ServiceDocument> = {},
  deadlineMs?: number,
) =>
  check(
    service({
      xsd: 'main.xsd',
      operations: [{ name: 'invia', profile: 'one-way', element: { namespace: 'urn:m', name: 'm' } }],
      ...parts,
    }),
    files,
    deadlineMs,
  );

export function check(document: ServiceDocument, files: Readonly<Record<string, string>>, deadlineMs?: number) {
  const bundle = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
  return checkInterface(document, bundle, deadlineMs);
}

export const said = ({ problems }: InterfaceReport) =>
  problems.map(({ severity, file, line, message }) => `${severity} ${file}:${line} ${message}`);

export const M = (body: string) => xsd('urn:m', `${body}<xs:element name="m" type="xs:string"/>`);
