import { basename } from 'node:path';
import { documentNames, type DocumentNames } from './document-names.js';
import { reason, type InterfaceFiles } from './interface-files.js';
import { attributeOf, attributeText, descendants, edited, readMarkup, type Edit, type Markup } from './markup.js';

export const XSD = 'http://www.w3.org/2001/XMLSchema';
const REFERENCES = ['include', 'import', 'redefine', 'override'];

/** The XSD documents that an interface needs, each under its flat name, with every schemaLocation rewritten to a name. */
export interface XsdClosure {
  readonly documents: Record<string, string>;
  readonly names: DocumentNames;
  /** Adds the file and all that it includes or imports; null (and a problem) where it cannot be read. */
  add(path: string): string | null;
  /** Rewrites the references of a schema that stands in the text of the file `from`. */
  relocated(text: string, root: Markup, from: string): string;
}

/**
 * Follows include, import, redefine and override from file to file (circles allowed). What is not at hand is a problem,
 * never fetched. The catalog may answer for a namespace too; an import without a location may mean a sibling schema of the
 * same WSDL (`siblings`: namespace -> name).
 */
export function xsdClosure(files: InterfaceFiles, siblings: ReadonlyMap<string, string>): XsdClosure {
  const documents: Record<string, string> = {};
  const names = documentNames();
  const add = (path: string): string | null => {
    const known = names.known(path);
    if (known !== undefined) return known;
    const text = files.readXml(path);
    const root = text === null ? null : schemaRoot(text, path, files);
    if (text === null || !root) return null;
    const name = names.give(path);
    documents[name] = text;
    documents[name] = relocated(text, root, path);
    return name;
  };
  const relocated = (text: string, root: Markup, from: string) =>
    edited(
      text,
      references(root).flatMap((reference) => relocate(reference, from)),
    );
  const relocate = (reference: Markup, from: string): Edit[] => {
    const location = reference.attributes.find(({ name }) => name === 'schemaLocation');
    if (!location) return withoutLocation(reference);
    const path = files.catalogued(attributeOf(reference, 'namespace') ?? '') ?? files.locate(location.value, from);
    const name = path === null ? null : add(path);
    return name === null ? [] : [{ start: location.start, end: location.end, text: name }];
  };
  const withoutLocation = (reference: Markup): Edit[] => {
    const namespace = attributeOf(reference, 'namespace') ?? '';
    const path = files.catalogued(namespace);
    const name = path === null ? (siblings.get(namespace) ?? null) : add(path);
    return name === null ? [] : [insertion(reference.nameEnd, 'schemaLocation', name)];
  };
  return { documents, names, add, relocated };
}

const insertion = (at: number, name: string, value: string): Edit => ({
  start: at,
  end: at,
  text: ` ${name}="${attributeText(value)}"`,
});

function schemaRoot(text: string, path: string, files: InterfaceFiles): Markup | null {
  try {
    const root = readMarkup(text);
    if (root.namespace === XSD && root.name === 'schema') return root;
    files.problem(`${basename(path)} is no XML Schema but {${root.namespace}}${root.name}`, 'name an .xsd file');
  } catch (error) {
    files.problem(`${basename(path)}, ${reason(error)}`, 'correct the schema');
  }
  return null;
}

export const references = (root: Markup): readonly Markup[] =>
  [...descendants(root)].filter(({ namespace, name }) => namespace === XSD && REFERENCES.includes(name));

/** The text of a schema inside a WSDL as a document of its own, with the prefixes that it inherits. */
export function standaloneSchema(text: string, element: Markup, inherited: Markup['scope']): string {
  const own = new Set(element.attributes.map(({ name }) => name));
  const declarations = Object.entries(inherited)
    .map(([prefix, namespace]) => ({ name: prefix ? `xmlns:${prefix}` : 'xmlns', namespace }))
    .filter(({ name }) => !own.has(name))
    .map(({ name, namespace }) => insertion(element.nameEnd - element.start, name, namespace));
  return edited(text.slice(element.start, element.end), declarations);
}

/** A schema document that only joins others, for a validator that wants one entry. */
export function joiningSchema(schemas: readonly { readonly namespace: string; readonly name: string }[]): string {
  const joins = schemas.map(({ namespace, name }) =>
    namespace === ''
      ? `  <xs:include schemaLocation="${attributeText(name)}"/>`
      : `  <xs:import namespace="${attributeText(namespace)}" schemaLocation="${attributeText(name)}"/>`,
  );
  return `<xs:schema xmlns:xs="${XSD}">\n${joins.join('\n')}\n</xs:schema>\n`;
}

/** `{namespace}name` of every element that the documents declare; `{*}name` where a document has no namespace. */
export function declaredElements(documents: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(
    Object.values(documents).flatMap((text) => {
      const root = readMarkup(text);
      const namespace = attributeOf(root, 'targetNamespace') ?? '*';
      return root.children
        .filter((child) => child.namespace === XSD && child.name === 'element')
        .map((child) => `{${namespace}}${attributeOf(child, 'name') ?? ''}`);
    }),
  );
}
