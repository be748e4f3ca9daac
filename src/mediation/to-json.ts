import { misfit } from './misfit.js';
import { scalarToJson } from './scalar.js';
import { arrange, type ComplexContent, type ElementShape } from './shape.js';
import type { XmlAttribute, XmlElement } from './xml.js';

export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** The JSON value of an element. Places are paths of the XML, `/inoltroProtocollo/allegato[2]/impronta`. */
export function elementToJson(element: XmlElement, shape: ElementShape, place: string): JsonValue {
  const { nil, attributes } = instanceFacts(element, place);
  if (nil && shape.nillable) return nullFor(attributes, place);
  if (shape.content.kind === 'complex') return complexToJson(element, attributes, shape.content, place);
  refuseExtra(element.children[0] ?? attributes[0], place);
  return scalarToJson(element.text, shape.content.type, place);
}

/** xsi:nil is read, hints at schemas are passed over, xsi:type would change the shape and is refused. */
function instanceFacts({ attributes }: XmlElement, place: string) {
  const ofInstance = (name: string) => attributes.find((one) => one.namespace === XSI && one.name === name)?.value;
  if (ofInstance('type') !== undefined) throw misfit('xsi:type is not supported.', place);
  const nil = ['true', '1'].includes((ofInstance('nil') ?? '').trim());
  return { nil, attributes: attributes.filter(({ namespace }) => namespace !== XSI) };
}

/** An element that is nil may have attributes (XML Schema 1.0 Part 1 §2.6.2), null has none. */
function nullFor([attribute]: readonly XmlAttribute[], place: string): null {
  if (attribute) throw misfit(`${attribute.name} stands on an element that is nil: JSON has no place for it.`, place);
  return null;
}

function refuseExtra(extra: { readonly name: string } | undefined, place: string): void {
  if (extra) throw misfit(`${extra.name} is not in the schema here.`, place);
}

function complexToJson(
  element: XmlElement,
  attributes: readonly XmlAttribute[],
  content: ComplexContent,
  place: string,
): JsonValue {
  const members = attributesToJson(attributes, content, place);
  if (content.text) {
    refuseExtra(element.children[0], place);
    return Object.fromEntries([...members, ['#text', scalarToJson(element.text, content.text, place)] as const]);
  }
  if (/[^ \t\r\n]/.test(element.text)) throw misfit('Text stands between the elements.', place);
  const children = childrenToJson(element.children, content, place);
  const arranged = arrange(content.particle, new Set(children.keys()));
  if (typeof arranged === 'string') throw misfit(`${arranged} is missing.`, place, { expected: arranged });
  return Object.fromEntries([...members, ...children]);
}

function attributesToJson(attributes: readonly XmlAttribute[], content: ComplexContent, place: string) {
  for (const { name } of content.attributes.filter(({ required }) => required)) {
    if (!attributes.some((one) => one.name === name)) throw misfit(`${name} is missing.`, place, { expected: name });
  }
  return attributes.map(({ namespace, name, value }) => {
    const shape = content.attributes.find((one) => one.name === name && one.namespace === namespace);
    if (!shape) throw misfit(`${name} is not in the schema here.`, place);
    return [`@${name}`, scalarToJson(value, shape.type, `${place}/@${name}`)] as const;
  });
}

function childrenToJson(
  children: readonly XmlElement[],
  { elements }: ComplexContent,
  place: string,
): Map<string, JsonValue> {
  const members = new Map<string, JsonValue>();
  for (const child of children) {
    const shape = elements.get(child.name);
    if (shape?.namespace !== child.namespace) throw misfit(`${child.name} is not in the schema here.`, place);
    const before = members.get(child.name);
    if (!shape.repeated) {
      if (before !== undefined) throw misfit(`${child.name} stands here twice.`, place);
      members.set(child.name, elementToJson(child, shape, `${place}/${child.name}`));
      continue;
    }
    const list = Array.isArray(before) ? before : [];
    members.set(child.name, list);
    list.push(elementToJson(child, shape, `${place}/${child.name}[${list.length + 1}]`));
  }
  return members;
}
