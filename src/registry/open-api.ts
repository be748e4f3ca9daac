import { basename } from 'node:path';
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import { reason, type InterfaceFiles } from './interface-files.js';
import { jsonClosure } from './json-bundle.js';
import type { PublishedDocument } from './model.js';

/** Reads an OpenAPI description (YAML or JSON) with the files it refers to; null (and problems) where it cannot be read. */
export function readOpenApi(path: string, files: InterfaceFiles): PublishedDocument | null {
  const text = files.readText(path);
  if (text === null) return null;
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error || !document.has('openapi')) {
    files.problem(`${basename(path)}: ${error ? reason(error) : 'has no openapi:'}`, 'name an OpenAPI 3 description');
    return null;
  }
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
