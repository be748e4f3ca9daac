import { cut, expectedNames, nameFor, plainName } from './schema-names.js';

/** What one message of libxml2's schema validation says, apart from where. */
export interface SchemaMessage {
  readonly rule: string;
  readonly expected: string;
  readonly found: string | null;
  /** One sentence. */
  readonly message: string;
  /** Local name of the attribute it is about. */
  readonly attribute: string | null;
}

type Reading = Omit<SchemaMessage, 'attribute' | 'message'> & {
  /** What follows the subject: `is "x", which ...`. */
  readonly says: string;
  readonly attribute?: string;
};

interface Subject {
  /** As libxml2 writes it, `{namespace}name`. */
  readonly element: string;
  readonly attribute: string | null;
}

type Rule = readonly [RegExp, (groups: readonly string[], subject: Subject) => Reading];

const quoted = (value: string): string => `"${cut(value)}"`;

const value = (rule: string, found: string, expected: string, not: string): Reading => ({
  rule,
  expected: cut(expected, 1_000),
  found: cut(found),
  says: `is ${quoted(found)}, ${not}`,
});

/** A bound that a length, a number or a count of digits broke. */
const bound = (rule: string, found: string, words: string): Reading =>
  value(rule, found, words, `but must have ${words}`);

const range = (rule: string, found: string, words: string): Reading =>
  value(rule, found, words, `but must be ${words}`);

/** libxml2 gives the length and not the value; the caller knows the element. */
const LENGTHS: Readonly<Record<string, string>> = { length: 'exactly', minLength: 'at least', maxLength: 'at most' };

/** Facets of XML Schema Part 2 §4.3, as libxml2 words them after `[facet 'name'] The value '...'`. */
const FACETS: Readonly<Record<string, (found: string, limit: string) => Reading>> = {
  minInclusive: (found, limit) => range('minInclusive', found, `${limit} or more`),
  maxInclusive: (found, limit) => range('maxInclusive', found, `${limit} or less`),
  minExclusive: (found, limit) => range('minExclusive', found, `more than ${limit}`),
  maxExclusive: (found, limit) => range('maxExclusive', found, `less than ${limit}`),
  totalDigits: (found, limit) => bound('totalDigits', found, `at most ${limit} digits`),
  fractionDigits: (found, limit) => bound('fractionDigits', found, `at most ${limit} digits after the point`),
};

const RULES: readonly Rule[] = [
  [
    /^\[facet 'pattern'\] The value '(.*)' is not accepted by the pattern '(.*)'\.$/s,
    ([found = '', pattern = '']) =>
      value('pattern', found, pattern, `which does not match the pattern ${cut(pattern)}`),
  ],
  [
    /^\[facet 'enumeration'\] The value '(.*)' is not an element of the set \{(.*)\}\.$/s,
    ([found = '', set = '']) => {
      const allowed = set.replaceAll("', '", ', ').replace(/^'|'$/g, '');
      return value('enumeration', found, `one of ${allowed}`, `which is none of ${cut(allowed)}`);
    },
  ],
  [
    /^\[facet '(\w+)'\] The value has a length of '(\d+)'; this .*?'(\d+)'\.$/,
    ([rule = '', length = '', limit = '']) => {
      const expected = `${LENGTHS[rule] ?? rule} ${limit} characters or items`;
      return { rule, expected, found: null, says: `has a length of ${length}, but must have ${expected}` };
    },
  ],
  [
    /^\[facet '(\w+)'\] The value '(.*)' (?:has|is|must) .*?'([^']*)'\)?\.$/s,
    ([facet = '', found = '', limit = '']) =>
      FACETS[facet]?.(found, limit) ?? value(facet, found, limit, `which breaks ${facet} ${limit}`),
  ],
  [
    /^'(.*)' is not a valid value of the (?:local )?(?:atomic|list|union) type(?: '([^']*)')?\.$/s,
    ([found = '', type = '']) => {
      const name = type ? plainName(type) : 'its type';
      return value('type', found, type ? `a value of ${name}` : 'a value of its type', `which is no value of ${name}`);
    },
  ],
  [
    /^This element is not expected\.(?: Expected is (?:one of )?\( (.*?) \)\.)?$/s,
    ([names = ''], { element }) => {
      const expected = names ? expectedNames(names, element) : 'no further element';
      const found = nameFor(element, names);
      return { rule: 'unexpected-element', expected, found, says: `is not expected here; expected is ${expected}` };
    },
  ],
  [
    /^Missing child element\(s\)\.(?: Expected is (?:one of )?\( (.*?) \)\.)?$/s,
    ([names = '']) => {
      const expected = names ? expectedNames(names, null) : 'a further element';
      return { rule: 'missing-element', expected, found: null, says: `is incomplete; expected next is ${expected}` };
    },
  ],
  [
    /^No matching global (?:element )?declaration available/,
    (_, { element }) => ({
      rule: 'unknown-root',
      expected: 'an element that the schema declares',
      found: cut(element),
      says: `is not declared by the schema (looked for ${quoted(element)})`,
    }),
  ],
  [
    /^The attribute '([^']*)' is not allowed\.$/,
    ([name = '']) => ({
      rule: 'unexpected-attribute',
      expected: 'no such attribute',
      found: plainName(name),
      says: 'is not allowed',
      attribute: name,
    }),
  ],
  [
    /^The attribute '([^']*)' is required but missing\.$/,
    ([name = '']) => ({
      rule: 'missing-attribute',
      expected: `attribute ${plainName(name)}`,
      found: null,
      says: 'is required but missing',
      attribute: name,
    }),
  ],
  [
    /^(Character|Element) content(?: other than whitespace)? is not allowed,? because the (?:content type|type definition) is (.*)\.$/s,
    ([kind = '', type = '']) => ({
      rule: kind === 'Character' ? 'unexpected-text' : 'unexpected-element',
      expected: type.includes('element-only') ? 'elements only' : type.includes('empty') ? 'no content' : 'text only',
      found: null,
      says: `holds ${kind === 'Character' ? 'text' : 'an element'} where none is allowed`,
    }),
  ],
  [
    /^The (?:actual )?value '(.*)' does not match the fixed value constraint '(.*)'\.$/s,
    ([found = '', fixed = '']) => value('fixed', found, fixed, `but must be ${quoted(fixed)}`),
  ],
  [
    /^(?:Duplicate|No match found for) key-sequence (\[.*\]) (?:in|of) (\w+)(?: identity-constraint)? '([^']*)'\.$/s,
    ([found = '', rule = '', name = '']) => ({
      rule,
      expected: rule === 'keyref' ? `a value that ${plainName(name)} knows` : `a value unique in ${plainName(name)}`,
      found: cut(found),
      says: rule === 'keyref' ? `refers to ${cut(found)}, which is not there` : `repeats ${cut(found)}`,
    }),
  ],
  [
    /^Not all fields of key identity-constraint '([^']*)' evaluate to a node\.$/,
    ([name = '']) => ({
      rule: 'key',
      expected: `every field of the key ${plainName(name)}`,
      found: null,
      says: `lacks a field of the key ${plainName(name)}`,
    }),
  ],
  [
    /^(The element is not 'nillable'|Neither character nor element content is allowed because the element is 'nilled')\.$/,
    ([words = '']) => ({
      rule: 'nil',
      expected: words.startsWith('The') ? 'content; xsi:nil is not allowed' : 'no content beside xsi:nil',
      found: null,
      says: words.startsWith('The') ? 'may not be nil' : 'is nil and has content',
    }),
  ],
  [
    /^The QName value '([^']*)' of the xsi:type attribute does not resolve to a type definition\.$/,
    ([found = '']) => value('unknown-type', found, 'a type of the schema', 'which is no type of the schema'),
  ],
];

/** Characters of a message that are read: its head and its tail, so that no value makes the expressions slow. */
const MAX_MESSAGE = 4_000;

function shortened(text: string): string {
  if (text.length <= MAX_MESSAGE) return text;
  return `${text.slice(0, MAX_MESSAGE / 2)}…${text.slice(-MAX_MESSAGE / 2)}`;
}

/** Reads one message; one that is not known keeps libxml2's own words under the rule `invalid`. */
export function readSchemaMessage(message: string): SchemaMessage {
  const text = shortened(message.trim());
  const [, element = '', attribute, says = text] =
    /^Element '([^']*)'(?:, attribute '([^']*)')?: (.*)$/s.exec(text) ?? [];
  const subject: Subject = { element, attribute: attribute ?? null };
  const reading = applied(says, subject);
  const about = reading.attribute ?? subject.attribute;
  const { rule, expected, found } = reading;
  const owner = plainName(element) || 'The document';
  const who = about === null ? owner : `Attribute ${plainName(about)} of ${owner}`;
  return { rule, expected, found, attribute: about && plainName(about), message: `${who} ${reading.says}.` };
}

function applied(says: string, subject: Subject): Reading {
  for (const [pattern, read] of RULES) {
    const match = pattern.exec(says);
    if (match) return read(match.slice(1), subject);
  }
  const words = cut(says.replace(/\.$/, ''), 400);
  return { rule: 'invalid', expected: 'what the schema declares', found: null, says: `is not valid: ${words}` };
}
