import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../schemas/standard/', import.meta.url));
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-';

/** Schemas that every interface leans on and few bring: file under schemas/standard -> its namespace and where it is published. */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  'xmldsig.xsd': [
    'http://www.w3.org/2000/09/xmldsig#',
    'www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd',
    'www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd',
    'www.w3.org/TR/2008/REC-xmldsig-core-20080610/xmldsig-core-schema.xsd',
  ],
  'wsse.xsd': [`${OASIS}secext-1.0.xsd`],
  'wsu.xsd': [`${OASIS}utility-1.0.xsd`],
  'wsa.xsd': ['http://www.w3.org/2005/08/addressing', 'www.w3.org/2006/03/addressing/ws-addr.xsd'],
  'xml.xsd': [
    'http://www.w3.org/XML/1998/namespace',
    'www.w3.org/2001/xml.xsd',
    'www.w3.org/2001/03/xml.xsd',
    'www.w3.org/2009/01/xml.xsd',
    'www.w3.org/XML/1998/namespace.xsd',
  ],
  'soap11-envelope.xsd': ['http://schemas.xmlsoap.org/soap/envelope/'],
  'soap12-envelope.xsd': ['http://www.w3.org/2003/05/soap-envelope'],
  'xmime.xsd': ['http://www.w3.org/2005/05/xmlmime'],
};

/** http and https, with and without a slash at the end, are the same place. */
const plain = (location: string) => location.replace(/^https?:\/\//, '').replace(/\/$/, '');

const files = new Map(
  Object.entries(STANDARD).flatMap(([file, names]) => names.map((name) => [plain(name), DIRECTORY + file] as const)),
);
const texts = new Map<string, Buffer>();

/** The path of the schema that the gateway itself brings for a namespace or a remote location; null where it has none. */
export const standardSchema = (name: string): string | null =>
  /^https?:\/\//.test(name) ? (files.get(plain(name)) ?? null) : null;

/** The bytes of a schema that the gateway brings, by its path; null for every other path. */
export function readStandard(path: string): Buffer | null {
  if (!isStandard(path)) return null;
  const known = texts.get(path) ?? readFileSync(path);
  texts.set(path, known);
  return known;
}

const paths = new Set(files.values());
export const isStandard = (path: string): boolean => paths.has(path);
