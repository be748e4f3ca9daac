import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { buildShape } from './build-shape.js';
import { misfit } from './misfit.js';
import type { ElementShape } from './shape.js';
import { elementToJson } from './to-json.js';
import { jsonToXml, namingOf, type Naming } from './to-xml.js';
import { readXml } from './xml.js';

/**
 * XML <-> JSON by a published XSD. Element names are JSON names; what may occur more than once is an array, what is
 * absent is left out; xs:integer types and xs:gYear are numbers, xs:boolean is a boolean, all else is a string; attributes are
 * `@name`, text beside attributes is `#text`, xsi:nil is null. Bytes are UTF-8. Both ways throw mediation-failed where
 * the content does not fit the schema or the schema says what JSON cannot.
 */
export interface Mediator {
  toJson(bundle: SchemaBundle, element: QName, xml: Buffer): Buffer;
  toXml(bundle: SchemaBundle, element: QName, json: Buffer): Buffer;
  /** Names of the members that the JSON of an element may have; none where it is no object. */
  members(bundle: SchemaBundle, element: QName): readonly string[];
}

interface Plan {
  readonly shape: ElementShape;
  readonly naming: Naming;
}

const PLANS_KEPT = 500;

export function createMediator(): Mediator {
  const plans = new LRUCache<string, Plan>({ max: PLANS_KEPT });
  const planFor = (bundle: SchemaBundle, element: QName): Plan => {
    const key = `${bundle.key} {${element.namespace}}${element.name}`;
    const known = plans.get(key);
    if (known) return known;
    const shape = buildShape(bundle, element);
    const plan = { shape, naming: namingOf(shape) };
    plans.set(key, plan);
    return plan;
  };
  return {
    toJson: (bundle, element, xml) => toJson(planFor(bundle, element).shape, xml),
    toXml: (bundle, element, json) => toXml(planFor(bundle, element), json),
    members: (bundle, element) => membersOf(planFor(bundle, element).shape),
  };
}

const membersOf = ({ content }: ElementShape): readonly string[] =>
  content.kind === 'simple' ? [] : [...content.elements.keys(), ...content.attributes.map(({ name }) => `@${name}`)];

function toJson(shape: ElementShape, xml: Buffer): Buffer {
  const place = `/${shape.name}`;
  const root = readXml(xml.toString('utf8'), place);
  if (root.name !== shape.name || root.namespace !== shape.namespace)
    throw misfit(`The payload is ${root.name}.`, place, { expected: shape.name });
  return Buffer.from(JSON.stringify(elementToJson(root, shape, place)));
}

function toXml({ shape, naming }: Plan, json: Buffer): Buffer {
  return Buffer.from(jsonToXml(parseJson(json), shape, naming));
}

function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw misfit('The JSON cannot be read.', '', { cause });
  }
}
