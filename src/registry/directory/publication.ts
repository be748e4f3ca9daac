import { parseDocument } from 'yaml';
import { YAML_READING } from '../interface/json/json-documents.js';
import { replaceReferences } from '../interface/json/open-api.js';
import { attributeText, descendants, edited, readMarkup, type Edit, type Markup } from '../interface/xml/markup.js';
import type { PublishedDocument, Service } from '../model.js';

/** Which interface at which door: every address in what is served begins with it. */
interface Place {
  readonly service: Service;
  readonly participantId: string;
  /** `PUBLIC_URL` of the gateway without a slash at its end; never what a Host header says. */
  readonly publicUrl: string;
}

export interface ServedDocument {
  readonly contentType: string;
  readonly text: string;
}

const ADDRESSES = ['http://schemas.xmlsoap.org/wsdl/soap/', 'http://schemas.xmlsoap.org/wsdl/soap12/'];
const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const XSD = 'http://www.w3.org/2001/XMLSchema';

/** Where a service version of a participant is served by this gateway. */
export interface PublishedAddresses {
  readonly endpoints: { readonly soap?: string; readonly rest?: string };
  /** `documents`: what the WSDL and the OpenAPI description refer to. */
  readonly interfaces: { readonly wsdl?: string; readonly openapi?: string; readonly documents: readonly string[] };
}

export function publishedAddresses(service: Service, participantId: string, publicUrl: string): PublishedAddresses {
  const place = { service, participantId, publicUrl };
  const [soap, rest] = [address('soap', place), address('rest', place)];
  const { wsdl, openapi, operations } = service;
  return {
    endpoints: {
      ...(operations.some(({ element }) => element !== null) && { soap }),
      ...(operations.some((operation) => operation.rest !== null) && { rest }),
    },
    interfaces: {
      ...(wsdl && { wsdl: `${soap}?wsdl` }),
      ...(openapi && { openapi: `${rest}/openapi.yaml` }),
      documents: [
        ...referredTo(wsdl).map((name) => xsdAddress(name, place)),
        ...referredTo(openapi).map((name) => `${rest}/${name}`),
      ],
    },
  };
}

const referredTo = (published: PublishedDocument | null): readonly string[] =>
  published === null ? [] : Object.keys(published.documents).filter((name) => name !== published.entry);

/** The WSDL with this gateway's address in every port and every import at an address that it serves. */
export function publishedWsdl(service: Service, participantId: string, publicUrl: string): string {
  const wsdl = service.wsdl ?? refuse(service, 'WSDL');
  return servedXml(wsdl, wsdl.entry, { service, participantId, publicUrl });
}

/** The OpenAPI description (YAML) with this gateway as its only server and every $ref at an address that it serves. */
export function publishedOpenApi(service: Service, participantId: string, publicUrl: string): string {
  const openapi = service.openapi ?? refuse(service, 'OpenAPI description');
  return servedOpenApi(openapi, { service, participantId, publicUrl });
}

/** A document that the WSDL or the OpenAPI description refers to, by the name in its address; null where there is none. */
export function publishedDocument(
  service: Service,
  participantId: string,
  publicUrl: string,
  name: string,
): ServedDocument | null {
  const place = { service, participantId, publicUrl };
  if (holds(service.wsdl, name))
    return { contentType: 'text/xml; charset=utf-8', text: servedXml(service.wsdl, name, place) };
  if (!holds(service.openapi, name)) return null;
  if (name === service.openapi.entry)
    return { contentType: 'application/yaml; charset=utf-8', text: servedOpenApi(service.openapi, place) };
  return { contentType: 'application/schema+json', text: servedJson(service.openapi, name, place) };
}

const holds = (document: PublishedDocument | null, name: string): document is PublishedDocument =>
  document !== null && Object.hasOwn(document.documents, name);

function refuse(service: Service, what: string): never {
  throw new Error(`${service.id} v${service.version} publishes no ${what}`);
}

const address = (door: 'soap' | 'rest', { service, participantId, publicUrl }: Place) =>
  `${publicUrl}/${door}/${participantId}/v${service.version}/${service.id}`;

const xsdAddress = (name: string, place: Place) => `${address('soap', place)}?xsd=${encodeURIComponent(name)}`;

function servedXml({ documents }: PublishedDocument, name: string, place: Place): string {
  const text = documents[name] ?? '';
  return edited(
    text,
    [...descendants(readMarkup(text))].flatMap((element) => moved(element, documents, place)),
  );
}

function moved(element: Markup, documents: PublishedDocument['documents'], place: Place): readonly Edit[] {
  const attribute = element.attributes.find(({ name }) => name === locationAttribute(element));
  if (!attribute) return [];
  const isPort = ADDRESSES.includes(element.namespace);
  if (!isPort && !Object.hasOwn(documents, attribute.value)) return [];
  const url = isPort ? address('soap', place) : xsdAddress(attribute.value, place);
  return [{ start: attribute.start, end: attribute.end, text: attributeText(url) }];
}

function locationAttribute({ namespace, name }: Markup): string | null {
  if (namespace === XSD && ['include', 'import', 'redefine', 'override'].includes(name)) return 'schemaLocation';
  if (namespace === WSDL && name === 'import') return 'location';
  return ADDRESSES.includes(namespace) && name === 'address' ? 'location' : null;
}

function servedOpenApi({ documents, entry }: PublishedDocument, place: Place): string {
  const document = parseDocument(documents[entry] ?? '', YAML_READING);
  document.set('servers', [{ url: address('rest', place) }]);
  replaceReferences(document, (reference) => servedReference(reference, documents, place));
  return document.toString();
}

function servedJson({ documents }: PublishedDocument, name: string, place: Place): string {
  const schema = parseDocument(documents[name] ?? '', YAML_READING);
  replaceReferences(schema, (reference) => servedReference(reference, documents, place));
  return `${JSON.stringify(schema.toJS(), null, 2)}\n`;
}

function servedReference(reference: string, documents: PublishedDocument['documents'], place: Place): string {
  const [name = '', fragment] = reference.split('#', 2);
  if (!Object.hasOwn(documents, name)) return reference;
  return `${address('rest', place)}/${name}${fragment === undefined ? '' : `#${fragment}`}`;
}
