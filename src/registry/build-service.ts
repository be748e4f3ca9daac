import { dirname, resolve } from 'node:path';
import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { jsonSchemaOf } from '../protocol/json/schema.js';
import { xsdOf } from '../protocol/xml/schemas.js';
import { XsdError } from '../protocol/xml/xsd.js';
import type { OperationDocument, ServiceDocument } from './document-types.js';
import type { Written } from './documents.js';
import type { Problem } from './environment.js';
import { interfaceFiles, reason, type InterfaceFiles, type ReadFile } from './interface-files.js';
import { jsonSchemaBundle } from './json-bundle.js';
import type { Operation, Service } from './model.js';
import { readOpenApi } from './open-api.js';
import { readXsd, type ReadSchema } from './schema-merge.js';
import { declaredElements } from './schema-names.js';
import { readWsdl, type Wsdl } from './wsdl.js';
import type { WsdlOperation } from './wsdl-operations.js';

const MAX_BYTES = 20 * 1024 * 1024;
const ACKNOWLEDGEMENT = '{https://schemi.crocevia.example/gateway/1.0}presaInCarico';

type FilesFor = (path: readonly (string | number)[]) => InterfaceFiles;

/** A service with its interface read, its schemas bundled and compiled once; every problem is noted. */
export function buildService(
  { value: document, absolute }: Written<ServiceDocument>,
  read: ReadFile,
  problem: Problem,
): Service {
  const directory = dirname(absolute);
  const filesFor: FilesFor = (path) =>
    interfaceFiles({ directory, catalog: document.catalog ?? {}, read, problem: (...said) => problem(path, ...said) });
  const wsdl = document.wsdl === undefined ? null : readWsdl(resolve(directory, document.wsdl), filesFor(['wsdl']));
  const xsd = compiledXsd(document, directory, wsdl, filesFor);
  const operations = buildOperations(document, wsdl, xsd, problem, (path, index) => {
    const at = ['operations', index, 'jsonSchema'];
    const bundle = jsonSchemaBundle(resolve(directory, path), filesFor(at));
    if (bundle) requireJsonCompiles(bundle, (said) => problem(at, said, 'correct the schema'));
    return bundle;
  });
  return {
    id: document.id,
    version: document.version,
    title: document.title,
    operations,
    maxBytes: document.maxBytes ?? MAX_BYTES,
    senderPath: document.senderPath ?? null,
    receiverPath: document.receiverPath ?? null,
    wsdl: wsdl?.published ?? null,
    openapi:
      document.openapi === undefined ? null : readOpenApi(resolve(directory, document.openapi), filesFor(['openapi'])),
  };
}

/** Compiled at load, so that a wrong schema is a problem then and not at the first message. */
function requireJsonCompiles(bundle: SchemaBundle, refuse: (message: string) => void): void {
  try {
    jsonSchemaOf(bundle);
  } catch (error) {
    refuse(reason(error));
  }
}

/** The schema of the XML payloads: of the XSD where the document names one, else of the WSDL. */
function compiledXsd(
  { xsd: path }: ServiceDocument,
  directory: string,
  wsdl: Wsdl | null,
  filesFor: FilesFor,
): ReadSchema | null {
  const files = filesFor([path === undefined ? 'wsdl' : 'xsd']);
  const xsd = path === undefined ? (wsdl?.schema ?? null) : readXsd(resolve(directory, path), files);
  if (xsd?.isComplete) requireXsdCompiles(xsd, files);
  return xsd;
}

function requireXsdCompiles({ bundle, place }: ReadSchema, { problem }: InterfaceFiles): void {
  try {
    xsdOf(bundle);
  } catch (error) {
    if (!(error instanceof XsdError)) return problem(reason(error), 'correct the schema');
    for (const { document, line, message } of error.reasons)
      problem(`the schema does not compile: ${message}`, 'correct the schema', place(document, line));
    if (error.reasons.length === 0) problem(error.message, 'correct the schema', place(bundle.entry, 1));
  }
}

function buildOperations(
  document: ServiceDocument,
  wsdl: Wsdl | null,
  xsd: ReadSchema | null,
  problem: Problem,
  jsonSchema: (path: string, index: number) => SchemaBundle | null,
): readonly Operation[] {
  const described = wsdl?.operations ?? [];
  const listed: readonly OperationDocument[] = document.operations ?? described.map(({ name }) => ({ name }));
  const isRead = document.wsdl === undefined || wsdl !== null;
  if (listed.length === 0 && isRead)
    problem([], 'the service has no operation', 'list operations:, or give a WSDL that has some');
  const declared = xsd ? declaredElements(xsd.documents.map(({ root }) => root)) : null;
  return listed.map((operation, index) => {
    const known = described.find(({ name }) => name === operation.name);
    const built = merge(operation, known, xsd?.bundle ?? null);
    const json = operation.jsonSchema === undefined ? null : jsonSchema(operation.jsonSchema, index);
    const isChecked = operation.element !== undefined || document.xsd !== undefined;
    checkOperation(built, operation, known !== undefined, isChecked ? declared : null, (message, hint) =>
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
