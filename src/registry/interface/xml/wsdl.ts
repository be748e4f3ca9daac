import { basename } from 'node:path';
import { reason, type InterfaceFiles } from '../interface-files.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';
import { lineAt } from '../interface-problem.js';
import { documentNames } from '../document-names.js';
import {
  attributeOf,
  attributeText,
  childrenNamed,
  edited,
  MarkupError,
  readMarkup,
  type Edit,
  type Markup,
} from './markup.js';
import type { PublishedDocument } from '../../model.js';
import {
  readSchemas,
  referencesOf,
  type InlineSchema,
  type SchemaDocuments,
  type SchemaReference,
} from './schema-documents.js';
import { joinedSchema, relocations, type ReadSchema } from './schema-merge.js';
import { XSD } from './schema-names.js';
import { checkWsdl } from './wsdl-check.js';
import { WSDL, type Definitions } from './wsdl-definitions.js';
import { readOperations, type WsdlOperation } from './wsdl-operations.js';

export interface Wsdl {
  readonly operations: readonly WsdlOperation[];
  readonly published: PublishedDocument;
  /** Null where wsdl:types holds no schema. */
  readonly schema: ReadSchema | null;
}

/** Reads a WSDL 1.1 with the WSDLs and schemas it imports; null (and problems) where it cannot be read. */
export function readWsdl(path: string, files: InterfaceFiles): Wsdl | null {
  const all = readDefinitions(path, files);
  const [main] = all;
  if (!main) return null;
  const names = documentNames();
  const entry = names.give(main.path);
  for (const { path: other } of all.slice(1)) names.give(other);
  const inline = all.flatMap((one, file) => inlineSchemas(one, file));
  const paths = all.flatMap((one) => wsdlImports(one, files).filter(isSchema));
  const schemas = readSchemas({ paths, inline }, files, names);
  const schema = joinedSchema(schemas, [...inline.map(({ id }) => id), ...paths], files);
  checkWsdl(all, schemas, files);
  return {
    operations: readOperations(all, files),
    published: { entry, documents: publishedDocuments(all, schemas, files) },
    schema,
  };
}

function readDefinitions(path: string, files: InterfaceFiles): readonly Definitions[] {
  const found = new Map<string, Definitions>();
  const wanted = [{ path, level: 0 }];
  for (let next = wanted.shift(); next; next = wanted.shift()) {
    const { path: file, level } = next;
    if (found.has(file)) continue;
    if (level > INTERFACE_LIMITS.maxImportLevels || found.size >= INTERFACE_LIMITS.maxFiles) {
      files.problem('too many WSDLs import each other', 'divide the interface', { file, line: 1 });
      break;
    }
    const one = definitionsOf(file, files);
    if (!one) continue;
    found.set(file, one);
    const targets = wsdlImports(one, files).filter((target) => !isSchema(target));
    wanted.push(...targets.map((target) => ({ path: target, level: level + 1 })));
  }
  return [...found.values()];
}

const isSchema = (path: string) => path.endsWith('.xsd');

const wsdlImports = ({ path, text, root }: Definitions, files: InterfaceFiles) =>
  childrenNamed(root, WSDL, 'import').flatMap(
    (element) => files.locate(attributeOf(element, 'location') ?? '', path, lineAt(text, element.start)) ?? [],
  );

function definitionsOf(path: string, files: InterfaceFiles): Definitions | null {
  const text = files.readXml(path);
  if (text === null) return null;
  try {
    const root = readMarkup(text);
    if (root.namespace === WSDL && root.name === 'definitions') return { path, text, root };
    const at = { file: path, line: lineAt(text, root.start) };
    files.problem(`${basename(path)} is no WSDL 1.1 but {${root.namespace}}${root.name}`, 'name a .wsdl file', at);
  } catch (error) {
    const [line, why] = error instanceof MarkupError ? [error.line, error.why] : [1, reason(error)];
    files.problem(why, 'correct the WSDL', { file: path, line });
  }
  return null;
}

function inlineSchemas({ path, text, root }: Definitions, file: number): readonly InlineSchema[] {
  return schemaElements(root).map(({ schema, scope }, index) => {
    const standalone = standaloneSchema(text, schema, scope);
    return {
      id: inlineId(path, file, index),
      file: path,
      firstLine: lineAt(text, schema.start),
      text: standalone,
      root: readMarkup(standalone),
    };
  });
}

const inlineId = (path: string, file: number, index: number) => `${path}/inline-${file + 1}-${index + 1}.xsd`;

const schemaElements = (root: Markup) =>
  childrenNamed(root, WSDL, 'types').flatMap((types) =>
    childrenNamed(types, XSD, 'schema').map((schema) => ({ schema, scope: types.scope })),
  );

/** The text of a schema inside a WSDL as a document of its own, with the prefixes that it inherits. */
function standaloneSchema(text: string, element: Markup, inherited: Markup['scope']): string {
  const own = new Set(element.attributes.map(({ name }) => name));
  const at = element.nameEnd - element.start;
  const declarations = Object.entries(inherited)
    .map(([prefix, namespace]) => ({ name: prefix ? `xmlns:${prefix}` : 'xmlns', namespace }))
    .filter(({ name }) => !own.has(name))
    .map(({ name, namespace }) => ({ start: at, end: at, text: ` ${name}="${attributeText(namespace)}"` }));
  return edited(text.slice(element.start, element.end), declarations);
}

/** The WSDLs and the schema files, each reference at the name of the document that is served beside it. */
function publishedDocuments(
  all: readonly Definitions[],
  { documents, names }: SchemaDocuments,
  files: InterfaceFiles,
): Readonly<Record<string, string>> {
  const nameOf = ({ target }: SchemaReference) => (target === null ? undefined : documents.get(target)?.name);
  const schemaFiles = [...documents.values()].filter(({ id, file }) => id === file);
  const wsdls = all.map((one, file) => {
    const references = schemaElements(one.root).flatMap(({ schema }, index) => {
      const read = documents.get(inlineId(one.path, file, index))?.references ?? [];
      return referencesOf(schema).flatMap((element, at) => (read[at] ? { ...read[at], element } : []));
    });
    const edits = [...relocations(references, nameOf), ...movedImports(one, (path) => names.known(path), files)];
    return [names.known(one.path) ?? '', edited(one.text, edits)] as const;
  });
  return Object.fromEntries([
    ...wsdls,
    ...schemaFiles.map(({ name, text, references }) => [name, edited(text, relocations(references, nameOf))] as const),
  ]);
}

const movedImports = (
  { root, path }: Definitions,
  nameOf: (path: string) => string | undefined,
  files: InterfaceFiles,
): readonly Edit[] =>
  childrenNamed(root, WSDL, 'import').flatMap((element) => {
    const place = element.attributes.find(({ name }) => name === 'location');
    const name = nameOf((place && files.find(place.value, path)) ?? '');
    return place && name !== undefined ? { start: place.start, end: place.end, text: name } : [];
  });
