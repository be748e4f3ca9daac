/**
 * The only file that knows libxml2-wasm (0.7.2, pinned). It binds to the functions under the package's classes for
 * three reasons, each measured: the package's own error collector asks libxml2 for the path of every error, which is
 * quadratic in siblings (100,000 errors: 36 s; with the collector below 0.3 s); errors can be handed on while libxml2
 * is still validating; and canonicalizing one element does not call back into JavaScript for every node.
 *
 * Pointers are numbers in the memory of the library; nothing here is freed by the garbage collector.
 */
import { ParseOption, XmlBufferInputProvider, XmlC14NMode } from 'libxml2-wasm';
import * as library from 'libxml2-wasm/lib/libxml2.mjs';
import { Fault } from '../../message/fault.js';

export type DocumentPointer = number;
export type NodePointer = number;
export type SchemaPointer = number;
export type XPathPointer = number;

export interface LibraryError {
  readonly message: string;
  /** 1 warning, 2 error, 3 fatal. */
  readonly level: number;
  /** Address of the document; null where it has none. */
  readonly file: string | null;
  readonly line: number;
  /** 0 where the error belongs to no node. */
  readonly node: NodePointer;
}

type Collector = (error: () => LibraryError) => void;

const collectors = new Map<number, Collector>();
let collectorCount = 0;

interface Output {
  write(chunk: Uint8Array): number;
  close(): boolean;
}

/** Exported by the package's module, left out of its .d.mts. */
const { addFunction, xmlOutputBufferCreateIO } = library as unknown as {
  addFunction(callback: (key: number, error: number) => void, signature: string): number;
  xmlOutputBufferCreateIO(output: Output): number;
};
const collect = addFunction((key, error) => {
  collectors.get(key)?.(() => ({
    message: library.XmlErrorStruct.message(error).trim(),
    level: library.XmlErrorStruct.level(error),
    file: library.XmlErrorStruct.file(error),
    line: library.XmlErrorStruct.line(error),
    node: library.XmlErrorStruct.node(error),
  }));
}, 'vii');

function collecting<T>(collector: Collector, work: (key: number) => T): T {
  const key = ++collectorCount;
  collectors.set(key, collector);
  try {
    return work(key);
  } finally {
    collectors.delete(key);
  }
}

const OPTIONS =
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NO_SYS_CATALOG |
  ParseOption.XML_PARSE_SKIP_IDS |
  ParseOption.XML_PARSE_BIG_LINES;

/** Parses UTF-8 bytes, whatever their declaration says. The document is to be freed; the error is the first one. */
export function parse(
  utf8: Uint8Array,
  url: string | null,
): { readonly document: DocumentPointer } | { readonly error: LibraryError } {
  let first: LibraryError | null = null;
  const context = library.xmlNewParserCtxt();
  const document = collecting(
    (read) => {
      if (first) return;
      const error = read();
      if (error.level > 1) first = error;
    },
    (key) => {
      library.xmlCtxtSetErrorHandler(context, collect, key);
      return library.xmlReadMemory(context, utf8, url, 'utf-8', OPTIONS);
    },
  );
  library.xmlFreeParserCtxt(context);
  if (document && !first) return { document };
  if (document) library.xmlFreeDoc(document);
  return { error: first ?? { message: 'the document is empty', level: 3, file: null, line: 1, node: 0 } };
}

/** Reasons that a schema may have at most: libxml2 repeats itself. */
const MAX_REASONS = 100;

/** What libxml2 says of a document that it passes over: with it goes whatever it declares, so it is an error here. */
const PASSED_OVER = /^Element '[^']*(?:import|include|redefine)'.*(?:Skipping|Failed to)/;

/**
 * Compiles a schema document; `resources` are what its include, import and redefine may name. Freed by `freeSchema`;
 * the document must live as long as the schema. What libxml2 says against the schema comes instead of it.
 */
export function compileSchema(
  document: DocumentPointer,
  resources: Readonly<Record<string, Uint8Array>>,
): { readonly schema: SchemaPointer } | { readonly errors: readonly LibraryError[] } {
  const errors: LibraryError[] = [];
  const context = library.xmlSchemaNewDocParserCtxt(document);
  library.xmlRegisterInputProvider(new XmlBufferInputProvider({ ...resources }));
  try {
    const schema = collecting(
      (read) => {
        if (errors.length === MAX_REASONS) return;
        const error = read();
        if (error.level > 1 || PASSED_OVER.test(error.message)) errors.push(error);
      },
      (key) => {
        library.xmlSchemaSetParserStructuredErrors(context, collect, key);
        return library.xmlSchemaParse(context);
      },
    );
    if (schema && errors.length === 0) return { schema };
    if (schema) library.xmlSchemaFree(schema);
    return { errors };
  } finally {
    library.xmlCleanupInputProvider();
    library.xmlSchemaFreeParserCtxt(context);
  }
}

export const freeSchema = library.xmlSchemaFree;

/** Validates one element in place. `collector` is called at each error, while libxml2 is at work. */
export function validateElement(schema: SchemaPointer, element: NodePointer, collector: Collector): boolean {
  const context = library.xmlSchemaNewValidCtxt(schema);
  try {
    const result = collecting(collector, (key) => {
      library.xmlSchemaSetValidStructuredErrors(context, collect, key);
      return library.xmlSchemaValidateOneElement(context, element);
    });
    // It counts the ways that it tries of a pattern, and gives up.
    if (result < 0)
      throw new Fault('validation-timeout', { detail: 'libxml2 has given up on a value of the document.' });
    return result === 0;
  } finally {
    library.xmlSchemaFreeValidCtxt(context);
  }
}

/**
 * Takes an element out of its document, whose declarations it still needs, and makes it the root of its own: free what is
 * returned first, then the document.
 */
export function standAlone(element: NodePointer): DocumentPointer {
  const own = library.xmlNewDoc();
  library.xmlDocSetRootElement(own, element);
  return own;
}

/** Writes the exclusive canonical form without comments (Exclusive XML Canonicalization 1.0). */
export function canonicalize(document: DocumentPointer, write: (chunk: Uint8Array) => void): void {
  const output = xmlOutputBufferCreateIO(sink(write));
  const result = library.xmlC14NExecute(document, 0, 0, XmlC14NMode.XML_C14N_EXCLUSIVE_1_0, 0, 0, output);
  library.xmlOutputBufferClose(output);
  if (result < 0) throw new Error('libxml2 could not canonicalize');
}

/** 0 where the text is no XPath 1.0; else to be freed. */
export const compileXPath = (text: string): XPathPointer => library.xmlXPathCtxtCompile(0, text);
export const freeXPath = library.xmlXPathFreeCompExpr;

/** The first nodes that an XPath selects from the root element; null where it selects none by its kind, or cannot be evaluated. */
export function findNodes(
  document: DocumentPointer,
  xpath: XPathPointer,
  namespaces: Readonly<Record<string, string>>,
  atMost: number,
): readonly NodePointer[] | null {
  const context = library.xmlXPathNewContext(document);
  let found = 0;
  try {
    for (const [prefix, uri] of Object.entries(namespaces)) library.xmlXPathRegisterNs(context, prefix, uri);
    library.xmlXPathSetContextNode(rootElement(document), context);
    found = library.xmlXPathCompiledEval(xpath, context);
    if (!found || XPathObject.type(found) !== XPathObject.Type.XPATH_NODESET) return null;
    const set = XPathObject.nodesetval(found);
    const count = set ? Math.min(atMost, XmlNodeSetStruct.nodeCount(set)) : 0;
    return count === 0 ? [] : [...XmlNodeSetStruct.nodeTable(set, count)];
  } finally {
    if (found) library.xmlXPathFreeObject(found);
    library.xmlXPathFreeContext(context);
  }
}

function sink(write: (chunk: Uint8Array) => void): Output {
  return { write: (chunk) => (write(chunk), chunk.byteLength), close: () => true };
}

/** An element written out as UTF-8, with the declarations that it carries itself. */
export function serialize(element: NodePointer): Buffer {
  const chunks: Buffer[] = [];
  const context = library.xmlSaveToIO(
    sink((chunk) => chunks.push(Buffer.from(chunk))),
    'utf-8',
    0,
  );
  library.xmlSaveTree(context, element);
  library.xmlSaveClose(context);
  return Buffer.concat(chunks);
}

export const freeDocument = library.xmlFreeDoc;
export const rootElement = library.xmlDocGetRootElement;
export const hasDoctype = (document: DocumentPointer): boolean => library.xmlGetIntSubset(document) !== 0;

const { XmlXPathObjectStruct: XPathObject, XmlNodeSetStruct } = library;
const { XmlTreeCommonStruct: Tree, XmlNodeStruct, XmlNsStruct, XmlNamedNodeStruct, XmlNodeType } = library;

export const parentOf = (node: NodePointer): NodePointer => Tree.parent(node);
export const isElement = (node: NodePointer): boolean => Tree.type(node) === XmlNodeType.XML_ELEMENT_NODE;
export const isAttribute = (node: NodePointer): boolean => Tree.type(node) === XmlNodeType.XML_ATTRIBUTE_NODE;
export const isText = (node: NodePointer): boolean =>
  Tree.type(node) === XmlNodeType.XML_TEXT_NODE || Tree.type(node) === XmlNodeType.XML_CDATA_SECTION_NODE;
export const localName = (node: NodePointer): string => Tree.name_(node);
/** The whole text below the node, comments left out. */
export const textOf = (node: NodePointer): string => library.xmlNodeGetContent(node);

export function namespaceOf(node: NodePointer): string {
  const namespace = XmlNamedNodeStruct.namespace(node);
  return namespace ? XmlNsStruct.href(namespace) : '';
}

/** Elements under one declaration share it; only others need their names read. */
export const sameNamespace = (one: NodePointer, other: NodePointer): boolean =>
  XmlNamedNodeStruct.namespace(one) === XmlNamedNodeStruct.namespace(other) || namespaceOf(one) === namespaceOf(other);

function* chain(first: NodePointer): Generator<NodePointer> {
  for (let node = first; node; node = Tree.next(node)) yield node;
}

export const childrenOf = (element: NodePointer): Generator<NodePointer> => chain(Tree.children(element));
export const attributesOf = (element: NodePointer): Generator<NodePointer> => chain(XmlNodeStruct.properties(element));

export function* elementsOf(element: NodePointer): Generator<NodePointer> {
  for (let node = Tree.children(element); node; node = Tree.next(node)) if (isElement(node)) yield node;
}

/** Writes every declaration in scope on the element itself, so that it can stand alone. */
export function declareInScope(document: DocumentPointer, element: NodePointer): void {
  const own = new Set<string>();
  for (let ns = XmlNodeStruct.nsDef(element); ns; ns = XmlNsStruct.next(ns)) own.add(XmlNsStruct.prefix(ns));
  for (const ns of library.xmlGetNsList(document, element)) {
    const prefix = XmlNsStruct.prefix(ns);
    if (own.has(prefix)) continue;
    own.add(prefix);
    library.xmlNewNs(element, XmlNsStruct.href(ns), prefix);
  }
}

export function setAttribute(element: NodePointer, name: string, value: string): void {
  library.xmlSetNsProp(element, 0, name, value);
}
