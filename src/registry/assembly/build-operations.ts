import type { SchemaBundle } from '../../message/document.js';
import type { QName } from '../../message/message.js';
import { jsonSchemaOf } from '../../protocol/json/schema.js';
import type { OperationDocument, ServiceDocument } from '../documents/document-types.js';
import type { Path } from '../documents/documents.js';
import type { Problem } from '../documents/environment.js';
import { reason } from '../interface/interface-files.js';
import type { InterfacePlace } from '../interface/interface-problem.js';
import type { Operation } from '../model.js';
import type { RestBinding } from '../rest-binding.js';
import type { OpenApi } from '../interface/json/open-api.js';
import type { DescribedOperation, OpenApiOperation } from '../interface/json/open-api-operations.js';
import type { ReadSchema } from '../interface/xml/schema-merge.js';
import { declaredElements } from '../interface/xml/schema-names.js';
import type { Wsdl } from '../interface/xml/wsdl.js';
import type { WsdlOperation } from '../interface/xml/wsdl-operations.js';
import { unlisted, withPollings } from './polled-operations.js';

/** Answered by the gateway at every SOAP address, so no operation of a provider. */
const ECHO = '{https://schemi.crocevia.example/gateway/1.0}echo';
const ACKNOWLEDGEMENT = '{https://schemi.crocevia.example/gateway/1.0}presaInCarico';

/** Compiled at load, so that a wrong schema is a problem then and not at the first message. */
export function requireJsonCompiles(bundle: SchemaBundle, refuse: (message: string) => void): void {
  try {
    jsonSchemaOf(bundle);
  } catch (error) {
    refuse(reason(error));
  }
}

/** What a service document names, as far as it could be read. */
export interface Interfaces {
  readonly wsdl: Wsdl | null;
  readonly xsd: ReadSchema | null;
  readonly openapi: OpenApi | null;
  /** False where the schemas have been compiled before. */
  readonly compiles: boolean;
}

/** Operations that the document lists, and those by which they are polled; else those of the WSDL; else those of the OpenAPI description. */
export function buildOperations(
  document: ServiceDocument,
  { wsdl, xsd, openapi, compiles }: Interfaces,
  problem: Problem,
  jsonSchema: (path: string, at: Path) => SchemaBundle | null,
): readonly Operation[] {
  const inWsdl = (wsdl?.operations ?? []).filter(({ element }) => !element || clark(element) !== ECHO);
  const inOpenApi = openapi?.operations ?? [];
  const listed = listedIn(document, inWsdl, inOpenApi);
  if (listed.length === 0) requireRead(document, { wsdl, openapi }, problem);
  const declared = xsd?.isRead ? declaredElements(xsd.documents.map(({ root }) => root)) : null;
  const offered = [...inWsdl, ...inOpenApi].map(({ name }) => name);
  const isRead = isEachRead(document, { wsdl, openapi });
  const operations = listed.map((operation, index) => {
    const known = inWsdl.find(({ name }) => name === operation.name);
    const described = describedBy(inOpenApi, operation, compiles, (where, said, at) =>
      problem(document.operations ? ['operations', index] : ['openapi'], `${where}: ${said}`, 'correct the schema', at),
    );
    const isNamed = operation.element !== undefined || operation.answer?.element !== undefined;
    const isChecked = isNamed || document.xsd !== undefined;
    const built = merge(operation, known, described, xsd?.bundle ?? null);
    const given = (file: string | undefined, member: Path, otherwise: SchemaBundle | null) =>
      file === undefined ? otherwise : jsonSchema(file, ['operations', index, ...member]);
    const schemas = {
      jsonSchema: given(operation.jsonSchema, ['jsonSchema'], built.jsonSchema),
      answerSchema: given(operation.answer?.jsonSchema, ['answer', 'jsonSchema'], built.answerSchema),
    };
    if (isRead)
      checkOperation(built, operation, known !== undefined || described !== null, {
        declared: isChecked ? declared : null,
        offered,
        problem: (message, hint) => problem(['operations', index], message, hint),
      });
    return { ...built, ...schemas };
  });
  const isCompiled = compiles && xsd?.isComplete === true;
  return isRead ? withPollings(operations, { document, inWsdl, isCompiled, problem }) : operations;
}

function listedIn(
  { operations }: ServiceDocument,
  inWsdl: readonly WsdlOperation[],
  inOpenApi: readonly OpenApiOperation[],
): readonly OperationDocument[] {
  if (operations) return [...operations, ...unlisted(operations, inWsdl)];
  return (inWsdl.length > 0 ? inWsdl : inOpenApi).map(({ name }) => ({ name }));
}

/** A service without operations is one problem; that its interface cannot be read was told already. */
function requireRead(
  document: ServiceDocument,
  { wsdl, openapi }: Pick<Interfaces, 'wsdl' | 'openapi'>,
  problem: Problem,
) {
  if (!isEachRead(document, { wsdl, openapi })) return;
  problem([], 'the service has no operation', 'list operations:, or give a WSDL or OpenAPI description that has some');
}

const isEachRead = (document: ServiceDocument, { wsdl, openapi }: Pick<Interfaces, 'wsdl' | 'openapi'>) =>
  (document.openapi === undefined || openapi !== null) && (document.wsdl === undefined || wsdl !== null);

/** What the OpenAPI description says of an operation, by its name or its address; null where it says nothing. */
function describedBy(
  operations: readonly OpenApiOperation[],
  { name, rest }: OperationDocument,
  compiles: boolean,
  refuse: (where: string, message: string, at: InterfacePlace | undefined) => void,
): DescribedOperation | null {
  const found =
    operations.find((one) => rest && one.method === rest.method && one.path === rest.path) ??
    operations.find((one) => one.name === name);
  if (!found) return null;
  const described = found.describe();
  if (!compiles) return described;
  const { responses = {}, parameters = [] } = described.rest;
  const schemas = [
    ['the request', described.jsonSchema] as const,
    ['the later answer', described.answerSchema] as const,
    ...Object.entries(responses).map(([status, schema]) => [`answer ${status}`, schema] as const),
    ...parameters.map((one) => [`parameter ${one.name}`, one.schema] as const),
  ];
  for (const [what, schema] of schemas)
    if (schema)
      requireJsonCompiles(schema, (said) =>
        refuse(`${found.method} ${found.path}, ${what}`, said, found.placeOf(schema)),
      );
  return described;
}

/** What the document says comes before what WSDL and OpenAPI description say. */
function merge(
  operation: OperationDocument,
  known: WsdlOperation | undefined,
  described: DescribedOperation | null,
  xsd: SchemaBundle | null,
): Operation {
  const { name, eventType = null, safe = false, priority } = operation;
  const { soapAction = null, element = null } = { ...known, ...operation };
  return {
    name,
    profile: operation.profile ?? profileOf(known, described),
    soapAction,
    element,
    rest: restOf(operation, described),
    eventType,
    xsd: element && xsd,
    output: answerOf(operation, known),
    jsonSchema: described && described.jsonSchema,
    answerSchema: described && described.answerSchema,
    safe,
    ...(priority !== undefined && { priority }),
    acknowledged: isAcknowledged(known),
    promised: known?.output != null && !isAcknowledged(known),
    acceptedAs: null,
    follows: null,
  };
}

/** The acknowledgement is the gateway's own answer. */
const answerOf = ({ answer }: OperationDocument, known: WsdlOperation | undefined) =>
  answer?.element ?? (!known || isAcknowledged(known) ? null : known.output);

function restOf({ rest }: OperationDocument, described: DescribedOperation | null): RestBinding | null {
  if (!described) return rest ?? null;
  return { ...described.rest, ...rest };
}

/** WSDL tells only whether something comes back: an answer of its own makes a query. */
function profileOf(known: WsdlOperation | undefined, described: DescribedOperation | null): Operation['profile'] {
  if (known) return !known.output || isAcknowledged(known) ? 'one-way' : 'query';
  return described?.profile ?? 'one-way';
}

const isAcknowledged = (known: WsdlOperation | undefined) =>
  known?.output ? clark(known.output) === ACKNOWLEDGEMENT : false;

const clark = ({ namespace, name }: QName) => `{${namespace}}${name}`;

interface OperationChecks {
  /** Elements of the schemas; null where they are not all known. */
  readonly declared: ReadonlySet<string> | null;
  /** Operations of the WSDL and the OpenAPI description. */
  readonly offered: readonly string[];
  readonly problem: (message: string, hint: string) => void;
}

function checkOperation(
  { name, element }: Operation,
  { profile, jsonSchema, answer }: OperationDocument,
  described: boolean,
  { declared, offered, problem }: OperationChecks,
): void {
  const isUndefined = !described && !element && jsonSchema === undefined;
  if (isUndefined && offered.length > 0)
    return problem(
      `the interface has no operation ${name}`,
      `it has: ${offered.slice(0, 12).join(', ')}; one of its own needs profile: and element: or jsonSchema:`,
    );
  if (isUndefined)
    problem(`operation ${name} has neither a payload element nor a JSON Schema`, 'give element: or jsonSchema:');
  if (profile === undefined && !described) problem(`operation ${name} has no profile`, 'give profile:');
  if (declared) requireDeclared([element, answer?.element], declared, problem);
}

function requireDeclared(
  elements: readonly (QName | null | undefined)[],
  declared: ReadonlySet<string>,
  problem: OperationChecks['problem'],
): void {
  for (const element of elements)
    if (element && !declares(declared, element))
      problem(`the schemas declare no element ${clark(element)}`, 'check namespace and name');
}

const declares = (declared: ReadonlySet<string>, element: QName) =>
  declared.has(clark(element)) || declared.has(`{*}${element.name}`);
