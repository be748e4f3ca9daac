import { dirname, resolve } from 'node:path';
import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { jsonSchemaOf } from '../protocol/json/schema.js';
import { xsdOf } from '../protocol/xml/schemas.js';
import { schemaBundle } from './document-names.js';
import type { OperationDocument, ServiceDocument } from './document-types.js';
import type { Written } from './documents.js';
import type { Problem } from './environment.js';
import { interfaceFiles, reason, type InterfaceFiles, type ReadFile } from './interface-files.js';
import { jsonSchemaBundle } from './json-bundle.js';
import type { Operation, Service } from './model.js';
import { statusOf } from './lifecycle.js';
import { readOpenApi } from './open-api.js';
import { declaredElements, xsdClosure } from './schema-bundle.js';
import { readWsdl, type Wsdl } from './wsdl.js';
import type { WsdlOperation } from './wsdl-operations.js';

const MAX_BYTES = 20 * 1024 * 1024;
const ACKNOWLEDGEMENT = '{https://schemi.crocevia.example/gateway/1.0}presaInCarico';

/** A service with its interface read, its schemas bundled and compiled once; every problem is noted. */
export function buildService(
  { value: document, absolute }: Written<ServiceDocument>,
  read: ReadFile,
  problem: Problem,
): Service {
  const directory = dirname(absolute);
  const filesFor = (path: readonly (string | number)[]) =>
    interfaceFiles({ directory, catalog: document.catalog ?? {}, read, problem: (...said) => problem(path, ...said) });
  const wsdl = document.wsdl === undefined ? null : readWsdl(resolve(directory, document.wsdl), filesFor(['wsdl']));
  const xsd =
    document.xsd === undefined ? (wsdl?.schema ?? null) : plainXsd(resolve(directory, document.xsd), filesFor(['xsd']));
  if (xsd)
    requireCompiles(xsd, (said) => problem([document.xsd === undefined ? 'wsdl' : 'xsd'], said, 'correct the schema'));
  const operations = buildOperations(document, wsdl, xsd, problem, (path, index) => {
    const at = ['operations', index, 'jsonSchema'];
    const bundle = jsonSchemaBundle(resolve(directory, path), filesFor(at));
    if (bundle) requireCompiles(bundle, (said) => problem(at, said, 'correct the schema'));
    return bundle;
  });
  return {
    id: document.id,
    version: document.version,
    ...termsOf(document),
    operations,
    wsdl: wsdl?.published ?? null,
    openapi:
      document.openapi === undefined ? null : readOpenApi(resolve(directory, document.openapi), filesFor(['openapi'])),
  };
}

const termsOf = ({ title, deprecated, sunset, maxBytes, senderPath, receiverPath, ...document }: ServiceDocument) => ({
  title,
  status: statusOf(document),
  deprecated: dateOf(deprecated),
  sunset: dateOf(sunset),
  maxBytes: maxBytes ?? MAX_BYTES,
  senderPath: senderPath ?? null,
  receiverPath: receiverPath ?? null,
});

const dateOf = (text: string | undefined) => (text === undefined ? null : new Date(text));

function plainXsd(path: string, files: InterfaceFiles): SchemaBundle | null {
  const closure = xsdClosure(files, new Map());
  const entry = closure.add(path);
  return entry === null ? null : schemaBundle('xsd', entry, closure.documents);
}

/** Compiled at load, so that a wrong schema is a problem then and not at the first message. */
function requireCompiles(bundle: SchemaBundle, refuse: (message: string) => void): void {
  try {
    if (bundle.kind === 'xsd') xsdOf(bundle);
    else jsonSchemaOf(bundle);
  } catch (error) {
    refuse(reason(error));
  }
}

function buildOperations(
  document: ServiceDocument,
  wsdl: Wsdl | null,
  xsd: SchemaBundle | null,
  problem: Problem,
  jsonSchema: (path: string, index: number) => SchemaBundle | null,
): readonly Operation[] {
  const described = wsdl?.operations ?? [];
  const listed: readonly OperationDocument[] = document.operations ?? described.map(({ name }) => ({ name }));
  if (listed.length === 0)
    problem([], 'the service has no operation', 'list operations:, or give a WSDL that has some');
  const declared = xsd ? declaredElements(xsd.documents) : null;
  return listed.map((operation, index) => {
    const known = described.find(({ name }) => name === operation.name);
    const built = merge(operation, known, xsd);
    const json = operation.jsonSchema === undefined ? null : jsonSchema(operation.jsonSchema, index);
    checkOperation(built, operation, known !== undefined, declared, (message, hint) =>
      problem(['operations', index], message, hint),
    );
    return { ...built, jsonSchema: json };
  });
}

/** What the document says comes before what the WSDL says. */
function merge(operation: OperationDocument, known: WsdlOperation | undefined, xsd: SchemaBundle | null): Operation {
  const { name, rest = null, eventType = null } = operation;
  const { soapAction = known?.soapAction ?? null, element = known?.element ?? null } = operation;
  const profile = operation.profile ?? profileOf(known);
  const acknowledged = isAcknowledged(known);
  return { name, profile, soapAction, element, rest, eventType, xsd: element && xsd, jsonSchema: null, acknowledged };
}

/** WSDL tells only whether something comes back: an answer of its own makes a query. */
const profileOf = (known: WsdlOperation | undefined) => (!known?.output || isAcknowledged(known) ? 'one-way' : 'query');

const isAcknowledged = (known: WsdlOperation | undefined) =>
  known?.output ? clark(known.output) === ACKNOWLEDGEMENT : false;

const clark = ({ namespace, name }: QName) => `{${namespace}}${name}`;

function checkOperation(
  { name, element }: Operation,
  { profile, jsonSchema }: OperationDocument,
  described: boolean,
  declared: ReadonlySet<string> | null,
  problem: (message: string, hint: string) => void,
): void {
  if (!element && jsonSchema === undefined)
    problem(`operation ${name} has neither a payload element nor a JSON Schema`, 'give element: or jsonSchema:');
  if (profile === undefined && !described) problem(`operation ${name} has no profile`, 'give profile:');
  if (element && declared && !declared.has(clark(element)) && !declared.has(`{*}${element.name}`))
    problem(`the schemas declare no element ${clark(element)}`, 'check namespace and name');
}
