import { basename } from 'node:path';
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import type { InterfaceFiles } from '../interface-files.js';
import { jsonClosure } from './json-bundle.js';
import { YAML_READING } from './json-documents.js';
import { JsonReferences } from './json-references.js';
import type { PublishedDocument } from '../../model.js';
import { openApiOperations, type OpenApiOperation } from './open-api-operations.js';
import { OpenApiSchemas } from './open-api-schemas.js';

export interface OpenApi {
  readonly published: PublishedDocument;
  readonly operations: readonly OpenApiOperation[];
}

/** Reads an OpenAPI 3.0 or 3.1 description (YAML or JSON) with the files it refers to; null (and problems) where it cannot be read. */
export function readOpenApi(path: string, files: InterfaceFiles): OpenApi | null {
  const references = new JsonReferences(files);
  const root = references.document(path);
  if (!root) return null;
  const version = String(root['openapi'] ?? 'none');
  if (!/^3\.[01](\.|$)/.test(version)) {
    files.problem(`${basename(path)}: openapi: is ${version}`, 'name an OpenAPI 3.0 or 3.1 description');
    return null;
  }
  const schemas = new OpenApiSchemas(references, version.startsWith('3.0'));
  return {
    published: publishedDocument(path, files),
    operations: openApiOperations(root, path, { references, schemas, files }),
  };
}

/** The text as it was written, comments and order too, with every `$ref` to a file rewritten to a name. */
function publishedDocument(path: string, files: InterfaceFiles): PublishedDocument {
  const document = parseDocument(files.readText(path) ?? '', YAML_READING);
  const closure = jsonClosure(files);
  replaceReferences(document, (reference) => {
    const { $ref } = closure.relocated({ $ref: reference }, path) as { $ref: string };
    return $ref;
  });
  return { entry: 'openapi.yaml', documents: { ...closure.documents, 'openapi.yaml': document.toString() } };
}

/** Rewrites the value of every `$ref` in place; comments and order stay. */
export function replaceReferences(document: Document, rewrite: (reference: string) => string): void {
  visit(document, {
    Pair: (_, pair) => {
      const { key, value } = pair;
      if (!isScalar(key) || key.value !== '$ref' || !isScalar(value) || typeof value.value !== 'string')
        return undefined;
      value.value = rewrite(value.value);
      return visit.SKIP;
    },
  });
}
