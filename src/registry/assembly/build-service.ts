import { dirname, resolve } from 'node:path';
import { buildOperations, requireJsonCompiles } from './build-operations.js';
import { buildKeys } from './build-keys.js';
import { xsdOf } from '../../protocol/xml/schemas.js';
import { XsdError } from '../../protocol/xml/xsd.js';
import type { ServiceDocument } from '../documents/document-types.js';
import type { Written } from '../documents/documents.js';
import type { Problem } from '../documents/environment.js';
import { interfaceFiles, reason, type InterfaceFiles, type ReadFile } from '../interface/interface-files.js';
import { jsonSchemaBundle } from '../interface/json/json-bundle.js';
import { statusOf } from '../lifecycle.js';
import type { Service } from '../model.js';
import { readOpenApi } from '../interface/json/open-api.js';
import { readXsd, type ReadSchema } from '../interface/xml/schema-merge.js';
import { readWsdl } from '../interface/xml/wsdl.js';

const MAX_BYTES = 20 * 1024 * 1024;

type FilesFor = (path: readonly (string | number)[]) => InterfaceFiles;

/** A service with its interface read, its schemas bundled and compiled once; every problem is noted. */
export function buildService(written: Written<ServiceDocument>, read: ReadFile, problem: Problem): Service {
  return build(written, read, problem, true);
}

/** The same of files whose schemas have been compiled before: compiling takes up to seconds. */
export function rebuildService(written: Written<ServiceDocument>, read: ReadFile, problem: Problem): Service {
  return build(written, read, problem, false);
}

function build(
  { value: document, absolute }: Written<ServiceDocument>,
  read: ReadFile,
  problem: Problem,
  compiles: boolean,
): Service {
  const directory = dirname(absolute);
  const filesFor: FilesFor = (path) =>
    interfaceFiles({ directory, catalog: document.catalog ?? {}, read, problem: (...said) => problem(path, ...said) });
  const wsdl = given(document.wsdl, (path) => readWsdl(resolve(directory, path), filesFor(['wsdl'])));
  const xsdFiles = filesFor([document.xsd === undefined ? 'wsdl' : 'xsd']);
  const own = given(document.xsd, (path) => readXsd(resolve(directory, path), xsdFiles));
  const xsd = document.xsd === undefined ? (wsdl?.schema ?? null) : own;
  if (compiles && xsd?.isComplete) requireXsdCompiles(xsd, xsdFiles);
  const openapi = given(document.openapi, (path) => readOpenApi(resolve(directory, path), filesFor(['openapi'])));
  const operations = buildOperations(document, { wsdl, xsd, openapi, compiles }, problem, (path, at) => {
    const bundle = jsonSchemaBundle(resolve(directory, path), filesFor(at));
    if (compiles && bundle) requireJsonCompiles(bundle, (said) => problem(at, said, 'correct the schema'));
    return bundle;
  });
  return {
    id: document.id,
    version: document.version,
    ...termsOf(document),
    businessKeys: buildKeys(document.businessKeys, problem),
    operations,
    wsdl: wsdl?.published ?? null,
    openapi: openapi?.published ?? null,
  };
}

const termsOf = ({
  title,
  deprecated,
  sunset,
  maxBytes,
  maxAttachmentBytes,
  limits,
  ...document
}: ServiceDocument) => ({
  title,
  status: statusOf(document),
  owner: document.owner ?? null,
  deprecated: dateOf(deprecated),
  sunset: dateOf(sunset),
  maxBytes: maxBytes ?? MAX_BYTES,
  maxAttachmentBytes: maxAttachmentBytes ?? null,
  ...(limits && { limits }),
  senderPath: document.senderPath ?? null,
  receiverPath: document.receiverPath ?? null,
});

const dateOf = (text: string | undefined) => (text === undefined ? null : new Date(text));

const given = <T>(path: string | undefined, readAt: (path: string) => T | null): T | null =>
  path === undefined ? null : readAt(path);

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
