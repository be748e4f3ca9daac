import type { QName } from '../message/message.js';
import { misfit } from './misfit.js';
import { resolveName, XSD, type Declaration, type SchemaSet } from './schema-set.js';
import type { ElementShape, Particle } from './shape.js';
import { attribute, type XmlElement } from './xml.js';

export type ShapeElement = (from: Declaration, name: QName, occurs: Occurs) => ElementShape;

export interface Occurs {
  readonly required: boolean;
  readonly repeated: boolean;
}

export const EMPTY: Particle = { kind: 'sequence', required: false, names: new Set(), particles: [] };

/** Reads content models. What JSON objects cannot keep in order is refused: throws mediation-failed. */
export class ParticleReader {
  constructor(
    private readonly schemas: SchemaSet,
    private readonly shape: ShapeElement,
  ) {}

  /** The model under a complexType, extension, restriction or group; empty where there is none. */
  contentOf(from: Declaration): Particle {
    const model = from.node.children.find(({ name }) => ['sequence', 'choice', 'all', 'group'].includes(name));
    return (model && this.particle({ ...from, node: model })) ?? EMPTY;
  }

  private particle(from: Declaration): Particle | null {
    const { node, schema } = from;
    const occurs = occursOf(node);
    if (node.namespace !== XSD || node.name === 'annotation' || !occurs) return null;
    if (node.name === 'element') return this.element(from, occurs);
    if (node.name === 'group') return this.group(from, occurs);
    if (node.name === 'any') return skipWildcard(from, occurs);
    if (!['sequence', 'choice', 'all'].includes(node.name))
      throw misfit(`xs:${node.name} is not supported.`, schema.document);
    const parts = node.children.flatMap((part) => this.particle({ ...from, node: part }) ?? []);
    return repeat(compose(node.name === 'choice' ? 'choice' : 'sequence', parts, from), occurs, from);
  }

  private element(from: Declaration, occurs: Occurs): Particle {
    const { declaration, name } = this.declared(from);
    const element = this.shape(declaration, name, occurs);
    return { kind: 'element', required: occurs.required, names: new Set([name.name]), element };
  }

  /** A local declaration, or the global one that it refers to. */
  private declared(from: Declaration): { readonly declaration: Declaration; readonly name: QName } {
    const { node, schema } = from;
    const reference = attribute(node, 'ref');
    if (reference !== undefined) {
      const name = resolveName(reference, from);
      return { declaration: this.schemas.get('element', name, schema), name };
    }
    const form = attribute(node, 'form');
    const qualified = form === undefined ? schema.qualified.element : form === 'qualified';
    const namespace = qualified ? schema.targetNamespace : '';
    return { declaration: from, name: { namespace, name: attribute(node, 'name') ?? '' } };
  }

  private group(from: Declaration, occurs: Occurs): Particle {
    const name = resolveName(attribute(from.node, 'ref') ?? '', from);
    const content = this.contentOf(this.schemas.get('group', name, from.schema));
    return repeat(content, occurs, from);
  }
}

/** Null: it may not stand here at all. */
function occursOf(node: XmlElement): Occurs | null {
  const max = attribute(node, 'maxOccurs') ?? '1';
  if (max === '0') return null;
  return { required: Number(attribute(node, 'minOccurs') ?? '1') > 0, repeated: max !== '1' };
}

/** An optional wildcard is passed over: what stands in its place is refused when it comes. */
function skipWildcard({ schema }: Declaration, { required }: Occurs): null {
  if (required) throw misfit('A required xs:any is not supported.', schema.document);
  return null;
}

export function compose(kind: 'sequence' | 'choice', particles: readonly Particle[], from: Declaration): Particle {
  const [only] = particles;
  if (only && particles.length === 1) return only;
  const names = new Set<string>();
  for (const name of particles.flatMap((one) => [...one.names])) {
    if (kind === 'sequence' && names.has(name))
      throw misfit(
        `${name} stands in two places of one content model, which JSON cannot tell apart.`,
        from.schema.document,
      );
    names.add(name);
  }
  return { kind, required: true, names, particles };
}

function repeat(particle: Particle, { required, repeated }: Occurs, { schema }: Declaration): Particle {
  if (repeated && particle.kind !== 'element')
    throw misfit(
      `The order of ${[...particle.names].join(', ')} in a repeated group is lost in JSON.`,
      schema.document,
    );
  const optional = !required || !particle.required;
  if (particle.kind !== 'element') return { ...particle, required: !optional };
  const element = { ...particle.element, required: !optional, repeated: repeated || particle.element.repeated };
  return { ...particle, required: !optional, element };
}
