import { basename } from 'node:path';
import type { SchemaBundle } from '../message/document.js';
import { schemaBundle } from './document-names.js';
import { reason, type InterfaceFiles } from './interface-files.js';
import { attributeOf, childrenNamed, edited, readMarkup, type Edit, type Markup } from './markup.js';
import type { PublishedDocument } from './model.js';
import { joiningSchema, references, standaloneSchema, XSD, xsdClosure, type XsdClosure } from './schema-bundle.js';
import { readOperations, type WsdlOperation } from './wsdl-operations.js';

export const WSDL = 'http://schemas.xmlsoap.org/wsdl/';

export interface Wsdl {
  readonly operations: readonly WsdlOperation[];
  readonly published: PublishedDocument;
  /** Null where wsdl:types holds no schema. */
  readonly schema: SchemaBundle | null;
}

interface Definitions {
  readonly path: string;
  readonly text: string;
  readonly root: Markup;
}

/** Reads a WSDL 1.1 with the WSDLs and schemas it imports; null (and problems) where it cannot be read. */
export function readWsdl(path: string, files: InterfaceFiles): Wsdl | null {
  const all = readDefinitions(path, files, []);
  const [main] = all;
  if (!main) return null;
  const inline = inlineSchemas(all);
  const siblings = new Map(inline.map(({ namespace, name }) => [namespace, name]));
  const closure = xsdClosure(files, siblings);
  const served = Object.fromEntries(all.map((one) => [closure.names.give(one.path), one]));
  const schemas = inline.map((one) => ({ ...one, text: closure.relocated(one.text, readMarkup(one.text), one.from) }));
  const entry = closure.names.known(main.path) ?? '';
  const texts = Object.entries(served).map(([name, one]) => [name, publishable(one, closure, files)] as const);
  return {
    operations: readOperations(
      all.map(({ root }) => root),
      (message) => files.problem(`${basename(path)}: ${message}`, 'only document/literal operations are taken'),
    ),
    published: { entry, documents: { ...Object.fromEntries(texts), ...closure.documents } },
    schema: schemas.length === 0 ? null : wholeSchema(schemas, closure),
  };
}

function readDefinitions(path: string, files: InterfaceFiles, before: readonly Definitions[]): readonly Definitions[] {
  if (before.some((known) => known.path === path)) return [];
  const text = files.readXml(path);
  const root = text === null ? null : definitionsRoot(text, path, files);
  if (text === null || !root) return [];
  const own: Definitions[] = [{ path, text, root }];
  for (const reference of childrenNamed(root, WSDL, 'import')) {
    const target = files.locate(attributeOf(reference, 'location') ?? '', path);
    if (target !== null && !target.endsWith('.xsd')) own.push(...readDefinitions(target, files, [...before, ...own]));
  }
  return own;
}

function definitionsRoot(text: string, path: string, files: InterfaceFiles): Markup | null {
  try {
    const root = readMarkup(text);
    if (root.namespace === WSDL && root.name === 'definitions') return root;
    files.problem(`${basename(path)} is no WSDL 1.1 but {${root.namespace}}${root.name}`, 'name a .wsdl file');
  } catch (error) {
    files.problem(`${basename(path)}, ${reason(error)}`, 'correct the WSDL');
  }
  return null;
}

interface InlineSchema {
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
  /** The WSDL that it stands in: what its locations are relative to. */
  readonly from: string;
}

const inlineElements = ({ root }: Definitions) =>
  childrenNamed(root, WSDL, 'types').flatMap((types) =>
    childrenNamed(types, XSD, 'schema').map((schema) => ({ schema, scope: types.scope })),
  );

function inlineSchemas(all: readonly Definitions[]): readonly InlineSchema[] {
  return all.flatMap((one, file) =>
    inlineElements(one).map(({ schema, scope }, index) => ({
      namespace: attributeOf(schema, 'targetNamespace') ?? '',
      name: `inline-${file + 1}-${index + 1}.xsd`,
      text: standaloneSchema(one.text, schema, scope),
      from: one.path,
    })),
  );
}

/** The WSDL with every import naming a document that is served beside it. */
function publishable({ path, text, root }: Definitions, closure: XsdClosure, files: InterfaceFiles): string {
  const schemas = inlineElements({ path, text, root }).flatMap(({ schema }) => references(schema));
  const places = [
    ...schemas.map((element) => ({ element, attribute: 'schemaLocation' })),
    ...childrenNamed(root, WSDL, 'import').map((element) => ({ element, attribute: 'location' })),
  ];
  const edits = places.flatMap(({ element, attribute }): Edit[] => {
    const place = element.attributes.find(({ name }) => name === attribute);
    const target = place ? files.locate(place.value, path) : null;
    const name = target === null ? null : (closure.names.known(target) ?? closure.add(target));
    return place && name !== null ? [{ start: place.start, end: place.end, text: name }] : [];
  });
  return edited(text, edits);
}

/** One entry that imports the inline schemas and, because imports do not reach through, what these import. */
function wholeSchema(schemas: readonly InlineSchema[], closure: XsdClosure): SchemaBundle {
  const direct = schemas.flatMap(({ text }) =>
    references(readMarkup(text)).flatMap((reference) => {
      const name = attributeOf(reference, 'schemaLocation');
      const namespace = attributeOf(reference, 'namespace');
      return reference.name === 'import' && name !== null ? [{ namespace: namespace ?? '', name }] : [];
    }),
  );
  const own = schemas.filter(({ text }) => !isOnlyImports(text));
  const joined = new Map([...own, ...direct].map((one) => [`${one.namespace} ${one.name}`, one]));
  const documents = {
    ...closure.documents,
    ...Object.fromEntries(schemas.map(({ name, text }) => [name, text])),
    'entry.xsd': joiningSchema([...joined.values()]),
  };
  return schemaBundle('xsd', 'entry.xsd', documents);
}

const isOnlyImports = (text: string) =>
  readMarkup(text).children.every(({ name }) => name === 'import' || name === 'annotation');
