import { resolveName, SchemaSet, XSD, type Declaration } from '../mediation/schema-set.js';
import { child } from '../mediation/simple-type.js';
import { attribute, type XmlElement } from '../mediation/xml.js';
import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { restricted, simpleFactsNamed, simpleFactsOf, type SimpleFacts } from './xsd-simple.js';

interface Occurs {
  readonly min: number;
  readonly max: number;
  /** Whether one of a choice must stand there; null where it is no choice. */
  readonly choice: 'required' | 'optional' | null;
  /** True in an xs:sequence. */
  readonly ordered: boolean;
}

/** An element where it may stand, counted over all groups around it. */
export interface XsdElement extends QName, Occurs {
  readonly nillable: boolean;
  readonly fixed: string | null;
  readonly declaration: Declaration;
}

export interface XsdAttribute {
  readonly required: boolean;
  readonly fixed: string | null;
  readonly type: SimpleFacts;
}

export interface XsdContent {
  /** Text; null where there are only elements. */
  readonly text: SimpleFacts | null;
  /** By name, with `{namespace}` where it has one. */
  readonly attributes: ReadonlyMap<string, XsdAttribute>;
  readonly elements: readonly XsdElement[];
  /** True where anything may stand too (xs:any). */
  readonly open: boolean;
}

const MAX_PARTICLES = 200_000;
const ONCE: Occurs = { min: 1, max: 1, choice: null, ordered: true };
const NOTHING: XsdContent = { text: null, attributes: new Map(), elements: [], open: false };
const ANYTHING: XsdContent = { ...NOTHING, open: true };

/**
 * What the types of one XSD bundle let stand where. Unlike the shapes of the mediation it keeps facets and counts, and
 * reads what JSON cannot carry. Throws Fault mediation-failed where a component is missing or xs:redefine is used.
 */
export class XsdSchemas {
  private readonly set: SchemaSet;
  private readonly contents = new Map<XmlElement, XsdContent>();
  /** Particles still to be read: groups inside groups may multiply. */
  private room = MAX_PARTICLES;

  constructor(bundle: SchemaBundle, roots?: Map<string, XmlElement>) {
    this.set = new SchemaSet(bundle, roots);
  }

  /** Null where no such element is declared. */
  element(name: QName): XsdElement | null {
    const declaration = this.set.find('element', name);
    return declaration ? elementOf(name, declaration, ONCE) : null;
  }

  /** Of the type of an element; the same object for the same type. */
  contentOf({ declaration: from }: XsdElement): XsdContent {
    const inline = child(from.node, 'complexType') ?? child(from.node, 'simpleType');
    if (inline) return this.content({ ...from, node: inline });
    const type = attribute(from.node, 'type');
    return type === undefined ? ANYTHING : this.named(resolveName(type, from), from);
  }

  private named(name: QName, from: Declaration): XsdContent {
    if (name.namespace !== XSD) return this.content(this.set.get('type', name, from.schema));
    return name.name === 'anyType' ? ANYTHING : { ...NOTHING, text: simpleFactsNamed(name, from, this.set) };
  }

  private content(from: Declaration): XsdContent {
    const known = this.contents.get(from.node);
    if (known) return known;
    const content =
      from.node.name === 'simpleType' ? { ...NOTHING, text: simpleFactsOf(from, this.set) } : this.complex(from);
    this.contents.set(from.node, content);
    return content;
  }

  private complex(from: Declaration): XsdContent {
    const derived = child(from.node, 'simpleContent') ?? child(from.node, 'complexContent');
    if (!derived) return this.own(from, NOTHING);
    const rule = child(derived, 'extension') ?? child(derived, 'restriction');
    const base = rule && attribute(rule, 'base');
    if (!rule || base === undefined) return NOTHING;
    const inherited = this.named(resolveName(base, { ...from, node: rule }), from);
    return this.own({ ...from, node: rule }, inherited);
  }

  /** An extension adds to the base; a restriction keeps of it the attributes, and says the elements anew. */
  private own(from: Declaration, base: XsdContent): XsdContent {
    const extends_ = from.node.name === 'extension';
    const found = this.particles(from, ONCE);
    const elements = found.filter((one): one is XsdElement => one !== 'any');
    const text = base.text && from.node.name === 'restriction' ? restricted(base.text, from.node) : base.text;
    const mixed =
      attribute(from.node, 'mixed') === 'true'
        ? simpleFactsNamed({ namespace: XSD, name: 'string' }, from, this.set)
        : null;
    return {
      text: text ?? mixed,
      attributes: new Map([...base.attributes, ...this.attributes(from)]),
      elements: joined(extends_ ? [...base.elements, ...elements] : elements),
      open: found.includes('any') || (extends_ && base.open),
    };
  }

  private particles(from: Declaration, around: Occurs): readonly (XsdElement | 'any')[] {
    return from.node.children.flatMap((node) => this.particle({ ...from, node }, around));
  }

  private particle(from: Declaration, around: Occurs): readonly (XsdElement | 'any')[] {
    const { node } = from;
    if (this.room-- <= 0) throw new Error('the schema is too big to be compared');
    if (node.namespace !== XSD) return [];
    const occurs = occursIn(node, around);
    if (occurs.max === 0) return [];
    if (node.name === 'any') return ['any'];
    if (node.name === 'element') return [this.use(from, occurs)];
    if (node.name === 'group') return this.group(from, occurs);
    return COMPOSITORS.includes(node.name) ? this.particles(from, within(node.name, occurs)) : [];
  }

  private group(from: Declaration, occurs: Occurs): readonly (XsdElement | 'any')[] {
    const name = resolveName(attribute(from.node, 'ref') ?? '', from);
    return this.particles(this.set.get('group', name, from.schema), occurs);
  }

  private use(from: Declaration, occurs: Occurs): XsdElement {
    const { node, schema } = from;
    const reference = attribute(node, 'ref');
    if (reference !== undefined) {
      const name = resolveName(reference, from);
      return elementOf(name, this.set.get('element', name, schema), occurs);
    }
    const form = attribute(node, 'form');
    const qualified = form === undefined ? schema.qualified.element : form === 'qualified';
    const name = { namespace: qualified ? schema.targetNamespace : '', name: attribute(node, 'name') ?? '' };
    return elementOf(name, from, occurs);
  }

  private attributes(from: Declaration): readonly (readonly [string, XsdAttribute])[] {
    return from.node.children.flatMap((node) => {
      const own = { ...from, node };
      if (node.name === 'attributeGroup' && attribute(node, 'ref') !== undefined)
        return this.attributes(
          this.set.get('attributeGroup', resolveName(attribute(node, 'ref') ?? '', own), from.schema),
        );
      return node.name === 'attribute' && attribute(node, 'use') !== 'prohibited' ? [this.attributeOf(own)] : [];
    });
  }

  private attributeOf(from: Declaration): readonly [string, XsdAttribute] {
    const reference = attribute(from.node, 'ref');
    const name = reference === undefined ? null : resolveName(reference, from);
    const declared = name ? this.set.find('attribute', name) : from;
    const type = declared && attribute(declared.node, 'type');
    const inline = declared && child(declared.node, 'simpleType');
    const any = { namespace: XSD, name: 'anySimpleType' };
    return [
      name ? `{${name.namespace}}${name.name}` : (attribute(from.node, 'name') ?? ''),
      {
        required: attribute(from.node, 'use') === 'required',
        fixed: attribute(from.node, 'fixed') ?? null,
        type:
          declared && inline
            ? simpleFactsOf({ ...declared, node: inline }, this.set)
            : simpleFactsNamed(declared && type !== undefined ? resolveName(type, declared) : any, from, this.set),
      },
    ];
  }
}

/** Reads each bundle once, by its key; the operations of a service mostly have the same one. */
export function xsdReader(): (bundle: SchemaBundle) => XsdSchemas {
  const known = new Map<string, XsdSchemas>();
  const roots = new Map<string, XmlElement>();
  return (bundle) => {
    const schemas = known.get(bundle.key) ?? new XsdSchemas(bundle, roots);
    known.set(bundle.key, schemas);
    return schemas;
  };
}

function elementOf({ namespace, name }: QName, declaration: Declaration, occurs: Occurs): XsdElement {
  const { node } = declaration;
  const nillable = ['true', '1'].includes(attribute(node, 'nillable') ?? '');
  return { namespace, name, ...occurs, nillable, fixed: attribute(node, 'fixed') ?? null, declaration };
}

const COMPOSITORS = ['sequence', 'choice', 'all'];

function within(compositor: string, occurs: Occurs): Occurs {
  if (compositor === 'sequence') return occurs;
  if (compositor === 'all') return { ...occurs, ordered: false };
  const choice = occurs.choice ?? (occurs.min > 0 ? 'required' : 'optional');
  return { ...occurs, min: 0, choice, ordered: false };
}

function occursIn(node: XmlElement, around: Occurs): Occurs {
  const max = attribute(node, 'maxOccurs') ?? '1';
  const most = max === 'unbounded' ? Infinity : Number(max);
  // An element in a choice keeps the choice's 0; so does one in a group that may be left out.
  return {
    ...around,
    min: around.min * Number(attribute(node, 'minOccurs') ?? '1'),
    max: most === 0 ? 0 : around.max * most,
  };
}

/** An element that stands in two places of one content counts as one. */
function joined(elements: readonly XsdElement[]): readonly XsdElement[] {
  const known = new Map<string, XsdElement>();
  for (const element of elements) {
    const key = `{${element.namespace}}${element.name}`;
    const before = known.get(key);
    known.set(key, before ? { ...before, min: before.min + element.min, max: before.max + element.max } : element);
  }
  return [...known.values()];
}
