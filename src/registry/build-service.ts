import { dirname, resolve } from 'node:path';
import type { SchemaBundle } from '../message/document.js';
import { buildOperations, requireCompiles } from './build-operations.js';
import { schemaBundle } from './document-names.js';
import type { ServiceDocument } from './document-types.js';
import type { Written } from './documents.js';
import type { Problem } from './environment.js';
import { interfaceFiles, type InterfaceFiles, type ReadFile } from './interface-files.js';
import { jsonSchemaBundle } from './json-bundle.js';
import { statusOf } from './lifecycle.js';
import type { Service } from './model.js';
import { readOpenApi } from './open-api.js';
import { xsdClosure } from './schema-bundle.js';
import { readWsdl } from './wsdl.js';

const MAX_BYTES = 20 * 1024 * 1024;

/** A service with its interface read, its schemas bundled and compiled once; every problem is noted. */
export function buildService(
  { value: document, absolute }: Written<ServiceDocument>,
  read: ReadFile,
  problem: Problem,
): Service {
  const directory = dirname(absolute);
  const filesFor = (path: readonly (string | number)[]) =>
    interfaceFiles({ directory, catalog: document.catalog ?? {}, read, problem: (...said) => problem(path, ...said) });
  const wsdl = given(document.wsdl, (path) => readWsdl(resolve(directory, path), filesFor(['wsdl'])));
  const xsd =
    given(document.xsd, (path) => plainXsd(resolve(directory, path), filesFor(['xsd']))) ?? wsdl?.schema ?? null;
  if (xsd)
    requireCompiles(xsd, (said) => problem([document.xsd === undefined ? 'wsdl' : 'xsd'], said, 'correct the schema'));
  const openapi = given(document.openapi, (path) => readOpenApi(resolve(directory, path), filesFor(['openapi'])));
  const interfaces = { wsdl, xsd, openapi };
  const operations = buildOperations(document, interfaces, problem, (path, index) => {
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
    openapi: openapi?.published ?? null,
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

const given = <T>(path: string | undefined, readAt: (path: string) => T | null): T | null =>
  path === undefined ? null : readAt(path);
