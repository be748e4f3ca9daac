import { Builder } from 'xml2js';
import { misfit } from './misfit.js';
import { scalarToXml } from './scalar.js';
import { arrange, type AttributeShape, type ComplexContent, type ElementShape } from './shape.js';
import { XSI } from './to-json.js';

/** Keys that no XML name can be; xml2js's own `$` and `_` could be names of elements. */
const ATTRIBUTES = '@';
const TEXT = '#';

const builder = new Builder({
  attrkey: ATTRIBUTES,
  charkey: TEXT,
  xmldec: { version: '1.0', encoding: 'UTF-8' },
  renderOpts: { pretty: false },
});

/** What the Builder takes: no prototype, so that a name like `__proto__` is a key like any other. */
interface Node {
  [name: string]: string | Node | (string | Node)[];
}

/** Names as they are written: namespaces are declared once, on the root. */
export interface Naming {
  element(shape: ElementShape): string;
  attribute(shape: AttributeShape): string;
  readonly declarations: Readonly<Record<string, string>>;
}

/** Writes a JSON value as a document. Places are JSON pointers. Throws mediation-failed. */
export function jsonToXml(value: unknown, shape: ElementShape, naming: Naming): string {
  const content = nodeOf(value, shape, naming, '');
  const root = typeof content === 'string' ? nodeWith([[TEXT, content]]) : content;
  const attributes = nodeWith(Object.entries({ ...naming.declarations, ...(root[ATTRIBUTES] as Node | undefined) }));
  try {
    return builder.buildObject(
      nodeWith([[naming.element(shape), nodeWith([[ATTRIBUTES, attributes], ...entries(root)])]]),
    );
  } catch (cause) {
    throw misfit('The content holds characters that XML does not allow.', '', { cause });
  }
}

const entries = (node: Node) => Object.entries(node).filter(([name]) => name !== ATTRIBUTES);

function nodeWith(members: readonly (readonly [string, Node[string]])[]): Node {
  return Object.assign(Object.create(null) as Node, Object.fromEntries(members));
}

function nodeOf(value: unknown, shape: ElementShape, naming: Naming, place: string): string | Node {
  if (value === null && shape.nillable) return nodeWith([[ATTRIBUTES, nodeWith([['xsi:nil', 'true']])]]);
  if (shape.content.kind === 'simple') return scalarToXml(value, shape.content.type, place);
  return complexNode(objectOf(value, place), shape.content, naming, place);
}

function objectOf(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw misfit('This is no object.', place, { expected: 'object' });
}

function complexNode(value: Record<string, unknown>, content: ComplexContent, naming: Naming, place: string): Node {
  refuseUnknown(value, content, place);
  const attributes = nodeWith(content.attributes.flatMap((shape) => attributeEntry(value, shape, naming, place)));
  const members: [string, Node[string]][] = [[ATTRIBUTES, attributes]];
  if (content.text) return nodeWith([...members, [TEXT, scalarToXml(value['#text'], content.text, `${place}/#text`)]]);
  const arranged = arrange(content.particle, presentIn(value, content));
  if (typeof arranged === 'string') throw misfit(`${arranged} is missing.`, place, { expected: arranged });
  for (const shape of arranged)
    members.push([naming.element(shape), childNodes(value[shape.name], shape, naming, place)]);
  return nodeWith(members);
}

function refuseUnknown(value: Record<string, unknown>, content: ComplexContent, place: string): void {
  for (const key of Object.keys(value)) {
    const known =
      content.elements.has(key) ||
      (key === '#text' && content.text !== null) ||
      content.attributes.some(({ name }) => key === `@${name}`);
    if (!known) throw misfit(`${key} is not in the schema here.`, pointer(place, key));
  }
}

function attributeEntry(value: Record<string, unknown>, shape: AttributeShape, naming: Naming, place: string) {
  const key = `@${shape.name}`;
  if (Object.hasOwn(value, key))
    return [[naming.attribute(shape), scalarToXml(value[key], shape.type, pointer(place, key))] as const];
  if (shape.required) throw misfit(`${key} is missing.`, place, { expected: key });
  return [];
}

/** An empty array leaves nothing in XML: it is as if it were absent. */
function presentIn(value: Record<string, unknown>, { elements }: ComplexContent): ReadonlySet<string> {
  const isEmptyList = (name: string) => Array.isArray(value[name]) && value[name].length === 0;
  return new Set([...elements.keys()].filter((name) => Object.hasOwn(value, name) && !isEmptyList(name)));
}

function childNodes(value: unknown, shape: ElementShape, naming: Naming, place: string): Node[string] {
  const at = pointer(place, shape.name);
  if (!shape.repeated) return nodeOf(value, shape, naming, at);
  if (!Array.isArray(value)) throw misfit('This is no array.', at, { expected: 'array' });
  return value.map((one, index) => nodeOf(one, shape, naming, `${at}/${index}`));
}

/** RFC 6901 §3. */
const pointer = (place: string, key: string) => `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/**
 * The root's namespace is the default one unless some element has none; every other namespace, and each that an
 * attribute has, gets a prefix.
 */
export function namingOf(root: ElementShape): Naming {
  const used = namespacesOf(root);
  const fallback = used.elements.has('') ? null : root.namespace;
  const prefixed = [...new Set([...used.elements, ...used.attributes])].filter(
    (one) => one !== '' && one !== XML_NAMESPACE && (one !== fallback || used.attributes.has(one)),
  );
  const prefixes = new Map(prefixed.map((namespace, index) => [namespace, `n${index + 1}`]));
  prefixes.set(XML_NAMESPACE, 'xml');
  const write = ({ namespace, name }: { namespace: string; name: string }, bare: string | null) =>
    namespace === '' || namespace === bare ? name : `${prefixes.get(namespace)}:${name}`;
  const declared = prefixed.map((namespace) => [`xmlns:${prefixes.get(namespace)}`, namespace]);
  return {
    element: (shape) => write(shape, fallback),
    attribute: (shape) => write(shape, null),
    declarations: {
      ...(fallback && { xmlns: fallback }),
      ...Object.fromEntries(declared),
      ...(used.nillable && { 'xmlns:xsi': XSI }),
    },
  };
}

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

function namespacesOf(root: ElementShape) {
  const used = { elements: new Set<string>(), attributes: new Set<string>(), nillable: false };
  const seen = new Set<ComplexContent>();
  const visit = (shape: ElementShape): void => {
    used.elements.add(shape.namespace);
    used.nillable ||= shape.nillable;
    if (shape.content.kind === 'simple' || seen.has(shape.content)) return;
    seen.add(shape.content);
    for (const { namespace } of shape.content.attributes) if (namespace !== '') used.attributes.add(namespace);
    for (const element of shape.content.elements.values()) visit(element);
  };
  visit(root);
  return used;
}
