import { createHash } from 'node:crypto';
import { dirname, relative, resolve, sep } from 'node:path';
import type { RegistryDocument, ServiceDocument } from './document-types.js';
import type { RegistryContent } from '../registry-store.js';

/** A document that can travel: a service brings its interface files, by paths relative to the root of its own bundle. */
export interface PortableDocument {
  readonly document: RegistryDocument;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** The service with every path in it relative to the nearest directory that holds all of its files (absolute path -> bytes). */
export function portable(
  document: ServiceDocument,
  directory: string,
  files: ReadonlyMap<string, Buffer>,
): PortableDocument {
  const root = sharedDirectory([...files.keys()]);
  const inBundle = (path: string) => relative(root, path).replaceAll(sep, '/');
  const moved = rewritten(document, (path) => inBundle(resolve(directory, path)));
  return { document: moved, files: new Map([...files].map(([path, bytes]) => [inBundle(path), bytes])) };
}

/** The service document with every file that it names renamed. */
export function rewritten(document: ServiceDocument, rename: (path: string) => string): ServiceDocument {
  const { wsdl, openapi, xsd, catalog, operations } = document;
  return {
    ...document,
    ...(wsdl !== undefined && { wsdl: rename(wsdl) }),
    ...(openapi !== undefined && { openapi: rename(openapi) }),
    ...(xsd !== undefined && { xsd: rename(xsd) }),
    ...(catalog && {
      catalog: Object.fromEntries(Object.entries(catalog).map(([name, path]) => [name, rename(path)])),
    }),
    ...(operations && {
      operations: operations.map((one) => ({
        ...one,
        ...(one.jsonSchema && { jsonSchema: rename(one.jsonSchema) }),
        ...(one.answer?.jsonSchema && { answer: { ...one.answer, jsonSchema: rename(one.answer.jsonSchema) } }),
      })),
    }),
  };
}

function sharedDirectory(paths: readonly string[]): string {
  const [first = '/', ...rest] = paths.map((path) => `${dirname(path)}${sep}`);
  let shared = first;
  for (const path of rest)
    while (!path.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf(sep, shared.length - 2) + 1);
  return shared === sep ? sep : shared.slice(0, -1);
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What is stored of the document, and the bytes of its files by digest. */
export function contentOf({ document, files }: PortableDocument): {
  readonly content: RegistryContent;
  readonly bytes: ReadonlyMap<string, Buffer>;
} {
  const digests = [...files].map(([path, bytes]) => [path, digestOf(bytes), bytes] as const);
  return {
    content: { document, files: Object.fromEntries(digests.map(([path, digest]) => [path, digest])) },
    bytes: new Map(digests.map(([, digest, bytes]) => [digest, bytes])),
  };
}
