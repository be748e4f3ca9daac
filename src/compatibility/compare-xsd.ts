import type { SchemaBundle } from '../message/document.js';
import type { QName } from '../message/message.js';
import { Compared, type Say } from './change.js';
import { compareFacets, compareRules, compareValues } from './facets.js';
import { xsdReader, type XsdAttribute, type XsdContent, type XsdElement, type XsdSchemas } from './xsd-schema.js';
import type { SimpleFacts } from './xsd-simple.js';

/** What became narrower or wider below one element; places are `nota/testo`, attributes `nota/@lingua`. */
export function compareXsd(
  before: SchemaBundle,
  after: SchemaBundle,
  element: QName,
  say: Say,
  schemasOf = xsdReader(),
): void {
  if (before.key === after.key) return;
  const [old, now] = [schemasOf(before), schemasOf(after)];
  const [was, is] = [old.element(element), now.element(element)];
  if (was && is) new XsdComparison(old, now, say).elements(was, is, element.name);
}

class XsdComparison {
  private readonly compared = new Compared();

  constructor(
    private readonly old: XsdSchemas,
    private readonly now: XsdSchemas,
    private readonly say: Say,
  ) {}

  elements(before: XsdElement, after: XsdElement, place: string): void {
    compareOccurs(before, after, place, this.say);
    if (before.nillable !== after.nillable)
      this.say('changed', before.nillable, place, `xsi:nil is ${after.nillable ? 'right now' : 'no longer right'}.`);
    compareFixed(before.fixed, after.fixed, place, this.say);
    const [old, now] = [this.old.contentOf(before), this.now.contentOf(after)];
    if (this.compared.first([old], [now])) this.contents(old, now, place);
  }

  private contents(old: XsdContent, now: XsdContent, place: string): void {
    if (old.open !== now.open)
      this.say(
        'changed',
        old.open,
        place,
        `Elements that the schema does not name are ${now.open ? 'right now' : 'no longer right'}.`,
      );
    compareText(old.text, now.text, place, this.say);
    compareAttributes(old.attributes, now.attributes, place, this.say);
    for (const before of old.elements) {
      const after = now.elements.find((one) => isSame(one, before));
      const at = `${place}/${before.name}`;
      if (after) this.elements(before, after, at);
      else this.say('removed', !now.open, at, 'The element is gone.');
    }
    for (const after of now.elements.filter((one) => !old.elements.some((other) => isSame(one, other)))) {
      const required = after.min > 0;
      this.say(
        'added',
        required,
        `${place}/${after.name}`,
        `The element is new and ${required ? 'required' : 'optional'}.`,
      );
    }
    compareOrder(old.elements, now.elements, place, this.say);
  }
}

const isSame = (a: QName, b: QName) => a.name === b.name && a.namespace === b.namespace;
const most = (max: number) => (max === Infinity ? 'unbounded' : String(max));

function compareOccurs(before: XsdElement, after: XsdElement, place: string, say: Say): void {
  if (before.min !== after.min)
    say('changed', after.min > before.min, place, `minOccurs was ${before.min} and is ${after.min}.`);
  if (before.max !== after.max)
    say('changed', after.max < before.max, place, `maxOccurs was ${most(before.max)} and is ${most(after.max)}.`);
  if (!before.choice && after.choice) say('changed', true, place, 'The element is now one of several alternatives.');
  if (before.choice === 'optional' && after.choice === 'required')
    say('changed', true, place, 'One of these alternatives is required now.');
}

function compareFixed(before: string | null, after: string | null, place: string, say: Say): void {
  if (before === after) return;
  if (after === null) say('removed', false, place, `The value is no longer fixed to ${before}.`);
  else say('changed', true, place, `The value is fixed to ${after}.`);
}

function compareOrder(before: readonly XsdElement[], after: readonly XsdElement[], place: string, say: Say): void {
  const ordered = (elements: readonly XsdElement[], others: readonly XsdElement[]) =>
    elements
      .filter((one) => one.ordered && others.some((other) => other.ordered && isSame(one, other)))
      .map(({ namespace, name }) => `{${namespace}}${name}`)
      .join();
  if (ordered(before, after) !== ordered(after, before))
    say('changed', true, place, 'The order of the elements is another.');
  const freed = before.some((one) => !one.ordered && !one.choice) && after.some((one) => one.ordered);
  if (freed) say('changed', true, place, 'The order of the elements is no longer free.');
}

type Attributes = XsdContent['attributes'];

function compareAttributes(before: Attributes, after: Attributes, place: string, say: Say): void {
  for (const [name, old] of before) {
    const now = after.get(name);
    if (now) compareAttribute(old, now, `${place}/@${name}`, say);
    else say('removed', true, `${place}/@${name}`, 'The attribute is gone.');
  }
  for (const [name, { required }] of after)
    if (!before.has(name))
      say('added', required, `${place}/@${name}`, `The attribute is new and ${required ? 'required' : 'optional'}.`);
}

function compareAttribute(before: XsdAttribute, after: XsdAttribute, place: string, say: Say): void {
  if (before.required !== after.required)
    say('changed', after.required, place, `The attribute is now ${after.required ? 'required' : 'optional'}.`);
  compareFixed(before.fixed, after.fixed, place, say);
  compareText(before.type, after.type, place, say);
}

function compareText(before: SimpleFacts | null, after: SimpleFacts | null, place: string, say: Say): void {
  if (!before && !after) return;
  if (!before || !after)
    return say('changed', before !== null, place, before ? 'Text is no longer right.' : 'Text is right now.');
  if (before.base !== after.base)
    say('changed', !isWidened(before.base, after.base), place, `The type was ${before.base} and is ${after.base}.`);
  else compareMembers(before, after, place, say);
  compareValues(before.values, after.values, place, say);
  compareFacets(before.facets, after.facets, place, say);
  compareRules('pattern', before.patterns, after.patterns, place, say);
}

/** Members of a union by what they are; the one item type of a list by what became of it. */
function compareMembers(before: SimpleFacts, after: SimpleFacts, place: string, say: Say): void {
  const [item] = before.members;
  const [other] = after.members;
  if (before.base === 'list' && item && other) return compareText(item, other, place, say);
  const [was, is] = [before, after].map(({ members }) => members.map(textOf));
  for (const text of was ?? [])
    if (!is?.includes(text)) say('removed', true, place, `A type of the union is gone: ${text}.`);
  for (const text of is ?? [])
    if (!was?.includes(text)) say('added', false, place, `A type of the union is new: ${text}.`);
}

const textOf = ({ base, members, values, facets, patterns }: SimpleFacts): string => {
  const parts = [
    ...members.map(textOf),
    ...(values ? [[...values].join('|')] : []),
    ...Object.entries(facets).map(([name, value]) => `${name} ${value}`),
    ...patterns,
  ];
  return parts.length === 0 ? base : `${base}(${parts.join(', ')})`;
};

/** Built-in type -> the one that it narrows (XSD 1.0 Part 2 §3). */
const WIDER: Readonly<Record<string, string>> = {
  integer: 'decimal',
  nonPositiveInteger: 'integer',
  negativeInteger: 'nonPositiveInteger',
  long: 'integer',
  int: 'long',
  short: 'int',
  byte: 'short',
  nonNegativeInteger: 'integer',
  positiveInteger: 'nonNegativeInteger',
  unsignedLong: 'nonNegativeInteger',
  unsignedInt: 'unsignedLong',
  unsignedShort: 'unsignedInt',
  unsignedByte: 'unsignedShort',
  token: 'normalizedString',
  language: 'token',
  NMTOKEN: 'token',
  Name: 'token',
  NCName: 'Name',
  ID: 'NCName',
  IDREF: 'NCName',
  ENTITY: 'NCName',
};

/** Whatever was written before can be read as the new type: a wider one, or text. */
function isWidened(before: string, after: string): boolean {
  if (['string', 'normalizedString', 'token', 'anySimpleType'].includes(after)) return true;
  for (let type = WIDER[before]; type !== undefined; type = WIDER[type]) if (type === after) return true;
  return false;
}
