import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { readAttributes } from './attributes.js';
import { misfit } from './misfit.js';
import { compose, EMPTY, ParticleReader, type Occurs } from './particles.js';
import { resolveName, SchemaSet, XSD, type Declaration, type SchemaFacts } from './schema-set.js';
import type { AttributeShape, ComplexContent, Content, ElementShape, Particle, SimpleType } from './shape.js';
import { child, simpleTypeNamed, simpleTypeOf } from './simple-type.js';
import { attribute, type XmlElement } from './xml.js';

const ONCE: Occurs = { required: true, repeated: false };

/**
 * The shape of one global element of a published XSD. Throws mediation-failed, with the schema document as its place,
 * for what JSON cannot carry (repeated groups, required wildcards, substitution groups, xs:anyType, xs:QName).
 */
export function buildShape(bundle: SchemaBundle, element: QName): ElementShape {
  const schemas = new SchemaSet(bundle);
  const declaration = schemas.find('element', element);
  if (!declaration) throw misfit(`The schema declares no element {${element.namespace}}${element.name}.`, bundle.entry);
  return new ShapeBuilder(schemas).element(declaration, element, ONCE);
}

/** A complex content under construction: a type may contain itself. */
type Draft = { -readonly [K in keyof ComplexContent]: ComplexContent[K] };

class ShapeBuilder {
  private readonly types = new Map<XmlElement, Content>();
  private readonly particles: ParticleReader;

  constructor(private readonly schemas: SchemaSet) {
    this.particles = new ParticleReader(schemas, (from, name, occurs) => this.element(from, name, occurs));
  }

  element(from: Declaration, name: QName, occurs: Occurs): ElementShape {
    if (attribute(from.node, 'abstract') === 'true' || this.schemas.isSubstituted(name))
      throw misfit(`The substitution group of ${name.name} is not supported.`, from.schema.document);
    const nillable = ['true', '1'].includes(attribute(from.node, 'nillable') ?? '');
    return { ...name, ...occurs, nillable, content: this.typeOfElement(from, name) };
  }

  private typeOfElement(from: Declaration, name: QName): Content {
    const inline = child(from.node, 'complexType') ?? child(from.node, 'simpleType');
    if (inline) return this.typeOf({ ...from, node: inline });
    const type = attribute(from.node, 'type');
    if (type === undefined) throw misfit(`${name.name} has no type.`, from.schema.document);
    return this.typeNamed(resolveName(type, from), from);
  }

  private typeNamed(name: QName, from: Declaration): Content {
    if (name.namespace !== XSD) return this.typeOf(this.schemas.get('type', name, from.schema));
    if (name.name === 'anyType') throw misfit('xs:anyType is not supported.', from.schema.document);
    return { kind: 'simple', type: simpleTypeNamed(name, from, this.schemas) };
  }

  private typeOf(from: Declaration): Content {
    if (from.node.name === 'simpleType') return { kind: 'simple', type: simpleTypeOf(from, this.schemas) };
    const known = this.types.get(from.node);
    if (known) return known;
    const draft: Draft = { kind: 'complex', attributes: [], text: null, particle: EMPTY, elements: new Map() };
    this.types.set(from.node, draft);
    return Object.assign(draft, this.complex(from));
  }

  private complex(from: Declaration): Omit<ComplexContent, 'kind'> {
    const simple = child(from.node, 'simpleContent');
    if (simple) return this.derived({ ...from, node: simple }, (base) => textOf(base, from.schema));
    const complex = child(from.node, 'complexContent');
    if (complex) return this.derived({ ...from, node: complex }, () => null);
    const particle = this.particles.contentOf(from);
    const attributes = readAttributes(from, this.schemas);
    return { attributes, text: null, particle, elements: elementsOf(particle, from.schema) };
  }

  /** Extension: the base's content, then the own; restriction: the own content alone (XSD 1.0 Part 1 §3.4.2). */
  private derived(from: Declaration, text: (base: Content) => SimpleType | null): Omit<ComplexContent, 'kind'> {
    const rule = child(from.node, 'extension') ?? child(from.node, 'restriction');
    const base = rule && attribute(rule, 'base');
    if (!rule || base === undefined) throw misfit('A derived type names no base.', from.schema.document);
    const own = { ...from, node: rule };
    const baseName = resolveName(base, own);
    const inherited = isAnyType(baseName) ? NOTHING : this.typeNamed(baseName, own);
    const particle = this.derivedParticle(own, inherited);
    const attributes = overlay(
      inherited.kind === 'complex' ? inherited.attributes : [],
      readAttributes(own, this.schemas),
    );
    return { attributes, text: text(inherited), particle, elements: elementsOf(particle, from.schema) };
  }

  private derivedParticle(own: Declaration, inherited: Content): Particle {
    const particle = this.particles.contentOf(own);
    if (own.node.name === 'restriction' || inherited.kind === 'simple') return particle;
    const parts = [inherited.particle, particle].filter(({ names }) => names.size > 0);
    return parts.length === 0 ? EMPTY : compose('sequence', parts, own);
  }
}

const NOTHING: Content = { kind: 'complex', attributes: [], text: null, particle: EMPTY, elements: new Map() };

const isAnyType = ({ namespace, name }: QName) => namespace === XSD && name === 'anyType';

function textOf(base: Content, schema: SchemaFacts): SimpleType {
  const type = base.kind === 'simple' ? base.type : base.text;
  if (!type) throw misfit('xs:simpleContent is derived from a type that has no text.', schema.document);
  return type;
}

function overlay(base: readonly AttributeShape[], own: readonly AttributeShape[]): readonly AttributeShape[] {
  return [...base.filter(({ name }) => !own.some((one) => one.name === name)), ...own];
}

/** Throws mediation-failed where two elements would have one name in JSON and are not alike. */
function elementsOf(particle: Particle, schema: SchemaFacts): ReadonlyMap<string, ElementShape> {
  const elements = new Map<string, ElementShape>();
  for (const element of elementsIn(particle)) {
    const known = elements.get(element.name);
    if (known && (known.namespace !== element.namespace || known.repeated !== element.repeated))
      throw misfit(`Two elements named ${element.name} are not alike.`, schema.document);
    elements.set(element.name, element);
  }
  return elements;
}

function elementsIn(particle: Particle): readonly ElementShape[] {
  return particle.kind === 'element' ? [particle.element] : particle.particles.flatMap(elementsIn);
}
