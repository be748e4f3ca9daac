import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { misfit } from './misfit.js';
import { attribute, readXml, type XmlElement } from './xml.js';

export const XSD = 'http://www.w3.org/2001/XMLSchema';

export type ComponentKind = 'element' | 'type' | 'group' | 'attribute' | 'attributeGroup';

/** What a schema document says for all that stands in it. */
export interface SchemaFacts {
  readonly document: string;
  readonly targetNamespace: string;
  readonly qualified: { readonly element: boolean; readonly attribute: boolean };
}

/** A node of a schema document with the document that it stands in. */
export interface Declaration {
  readonly node: XmlElement;
  readonly schema: SchemaFacts;
}

const KINDS: Readonly<Record<string, ComponentKind>> = {
  element: 'element',
  simpleType: 'type',
  complexType: 'type',
  group: 'group',
  attribute: 'attribute',
  attributeGroup: 'attributeGroup',
};

/** Every global component that the entry document of a bundle reaches by import and include. */
export class SchemaSet {
  private readonly components = new Map<string, Declaration>();
  private readonly read = new Set<string>();
  private readonly substituted = new Set<string>();

  /**
   * `roots` are the documents parsed before: many may import the same one, and two versions of a bundle share most. Throws
   * mediation-failed where a document is missing or uses redefine.
   */
  constructor(
    private readonly bundle: SchemaBundle,
    private readonly roots = new Map<string, XmlElement>(),
  ) {
    this.readDocument(bundle.entry, null);
  }

  find(kind: ComponentKind, name: QName): Declaration | undefined {
    return this.components.get(keyOf(kind, name));
  }

  /** Throws mediation-failed where nothing has this name. */
  get(kind: ComponentKind, name: QName, schema: SchemaFacts): Declaration {
    const found = this.find(kind, name);
    if (!found)
      throw misfit(`The schema names ${kind} {${name.namespace}}${name.name}, which it lacks.`, schema.document);
    return found;
  }

  /** True where another element may stand in the place of this one. */
  isSubstituted(name: QName): boolean {
    return this.substituted.has(keyOf('element', name));
  }

  private readDocument(document: string, includer: string | null): void {
    const root = this.rootOf(document, includer);
    const facts = factsOf(root, document, includer);
    const key = `${document} ${facts.targetNamespace}`;
    if (this.read.has(key)) return;
    this.read.add(key);
    for (const node of root.children) this.readComponent({ node, schema: facts });
  }

  /** A document that takes its namespace of who includes it is parsed for each: its nodes mean something else there. */
  private rootOf(document: string, includer: string | null): XmlElement {
    const text = Object.hasOwn(this.bundle.documents, document) ? this.bundle.documents[document] : undefined;
    if (text === undefined) throw misfit(`The schema document ${document} is not there.`, this.bundle.entry);
    const key = `${includer ?? ''} ${text}`;
    const known = this.roots.get(key);
    if (known) return known;
    const root = readXml(text, document);
    if (root.namespace !== XSD || root.name !== 'schema') throw misfit('This is no XML Schema.', document);
    this.roots.set(key, root);
    return root;
  }

  private readComponent({ node, schema }: Declaration): void {
    if (node.namespace !== XSD) return;
    if (node.name === 'redefine' || node.name === 'override')
      throw misfit(`xs:${node.name} is not supported.`, schema.document);
    const location = attribute(node, 'schemaLocation');
    if (node.name === 'import' && location !== undefined) this.readDocument(location, null);
    if (node.name === 'include' && location !== undefined) this.readDocument(location, schema.targetNamespace);
    const kind = Object.hasOwn(KINDS, node.name) ? KINDS[node.name] : undefined;
    const name = attribute(node, 'name');
    if (!kind || name === undefined) return;
    this.components.set(keyOf(kind, { namespace: schema.targetNamespace, name }), { node, schema });
    const head = attribute(node, 'substitutionGroup');
    if (head !== undefined) this.substituted.add(keyOf('element', resolveName(head, { node, schema })));
  }
}

const keyOf = (kind: ComponentKind, { namespace, name }: QName) => `${kind} {${namespace}}${name}`;

/** An included document without a targetNamespace takes that of its includer (XSD 1.0 Part 1 §4.2.1). */
function factsOf(root: XmlElement, document: string, includer: string | null): SchemaFacts {
  return {
    document,
    targetNamespace: attribute(root, 'targetNamespace') ?? includer ?? '',
    qualified: {
      element: attribute(root, 'elementFormDefault') === 'qualified',
      attribute: attribute(root, 'attributeFormDefault') === 'qualified',
    },
  };
}

/** A QName in an attribute of a schema; without a prefix and a default namespace it means the schema's own. */
export function resolveName(value: string, { node, schema }: Declaration): QName {
  const [first = '', second] = value.trim().split(':');
  const prefix = second === undefined ? '' : first;
  const namespace = Object.hasOwn(node.prefixes, prefix) ? node.prefixes[prefix] : undefined;
  if (namespace === undefined && prefix !== '') throw misfit(`The prefix ${prefix} is not declared.`, schema.document);
  return { namespace: namespace || schema.targetNamespace, name: second ?? first };
}
