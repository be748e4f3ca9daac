import type { QName } from '../message/message.js';

/**
 * What a value is in JSON: integers and years (xs:gYear) are numbers, booleans are booleans, everything else, xs:decimal
 * too, is a string, so that no digit is ever lost.
 */
export type Scalar = 'string' | 'dateTime' | 'integer' | 'year' | 'boolean' | 'base64';

/** How white space in XML text is treated before the value is read (XSD 1.0 Part 2 §4.3.6). */
export type WhiteSpace = 'preserve' | 'replace' | 'collapse';

export interface SimpleType {
  readonly scalar: Scalar;
  readonly whiteSpace: WhiteSpace;
}

export interface ElementShape extends QName {
  /** True where maxOccurs is over 1: an array in JSON, however many there are. */
  readonly repeated: boolean;
  readonly required: boolean;
  /** xsi:nil="true" in XML, null in JSON. */
  readonly nillable: boolean;
  readonly content: Content;
}

/** `@name` in JSON. */
export interface AttributeShape extends QName {
  readonly required: boolean;
  readonly type: SimpleType;
}

export interface ComplexContent {
  readonly kind: 'complex';
  readonly attributes: readonly AttributeShape[];
  /** Text beside attributes (simpleContent): `#text` in JSON. */
  readonly text: SimpleType | null;
  readonly particle: Particle;
  /** Every element that may stand here, by local name, which is its name in JSON. */
  readonly elements: ReadonlyMap<string, ElementShape>;
}

export type Content = { readonly kind: 'simple'; readonly type: SimpleType } | ComplexContent;

/** The content model: what stands where, in the order of the schema. */
export type Particle =
  | { readonly kind: 'element'; readonly required: boolean; readonly names: Names; readonly element: ElementShape }
  | {
      readonly kind: 'sequence' | 'choice';
      readonly required: boolean;
      readonly names: Names;
      readonly particles: readonly Particle[];
    };

type Names = ReadonlySet<string>;

/**
 * The elements that the present names make, in schema order; or, as a string, what is missing. Of a choice the first
 * branch that has room for all its present names is taken.
 */
export function arrange(particle: Particle, present: ReadonlySet<string>): readonly ElementShape[] | string {
  const touched = [...particle.names].filter((name) => present.has(name));
  if (touched.length === 0 && !particle.required) return [];
  if (particle.kind === 'element') return touched.length > 0 ? [particle.element] : particle.element.name;
  return particle.kind === 'sequence' ? inSequence(particle.particles, present) : ofChoice(particle, touched, present);
}

function inSequence(particles: readonly Particle[], present: ReadonlySet<string>): readonly ElementShape[] | string {
  const order: ElementShape[] = [];
  for (const particle of particles) {
    const part = arrange(particle, present);
    if (typeof part === 'string') return part;
    order.push(...part);
  }
  return order;
}

function ofChoice(
  choice: Extract<Particle, { particles: unknown }>,
  touched: readonly string[],
  present: ReadonlySet<string>,
): readonly ElementShape[] | string {
  for (const branch of choice.particles) {
    if (!touched.every((name) => branch.names.has(name))) continue;
    const order = arrange(branch, present);
    if (typeof order !== 'string') return order;
  }
  return `one of ${[...choice.names].join(', ')}`;
}
