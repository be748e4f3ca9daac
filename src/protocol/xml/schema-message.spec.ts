import { cpuMs } from '../../../test/support/cpu.js';
import { readSchemaMessage } from './schema-message.js';

/** Messages as libxml2-wasm 0.7.2 writes them, and what a vendor is told. */
const MESSAGES: readonly [string, object][] = [
  [
    "Element '{urn:c}codiceFiscale': [facet 'pattern'] The value 'rssmra' is not accepted by the pattern '[A-Z]{6}'.",
    {
      rule: 'pattern',
      expected: '[A-Z]{6}',
      found: 'rssmra',
      message: 'codiceFiscale is "rssmra", which does not match the pattern [A-Z]{6}.',
    },
  ],
  [
    "Element '{urn:a}tipo': [facet 'enumeration'] The value 'X' is not an element of the set {'A', 'B'}.",
    { rule: 'enumeration', expected: 'one of A, B', found: 'X', message: 'tipo is "X", which is none of A, B.' },
  ],
  [
    "Element 'a': [facet 'length'] The value has a length of '3'; this differs from the allowed length of '4'.",
    { rule: 'length', expected: 'exactly 4 characters or items', found: null },
  ],
  [
    "Element 'a': [facet 'minLength'] The value has a length of '0'; this underruns the allowed minimum length of '1'.",
    { rule: 'minLength', expected: 'at least 1 characters or items' },
  ],
  [
    "Element 'a': [facet 'maxLength'] The value has a length of '3'; this exceeds the allowed maximum length of '2'.",
    { rule: 'maxLength', message: 'a has a length of 3, but must have at most 2 characters or items.' },
  ],
  [
    "Element 'a': [facet 'minInclusive'] The value '0' is less than the minimum value allowed ('1').",
    { rule: 'minInclusive', expected: '1 or more', found: '0' },
  ],
  [
    "Element 'a': [facet 'maxExclusive'] The value '9' must be less than '9'.",
    { rule: 'maxExclusive', expected: 'less than 9', found: '9' },
  ],
  [
    "Element 'a': [facet 'fractionDigits'] The value '1.234' has more fractional digits than are allowed ('2').",
    { rule: 'fractionDigits', expected: 'at most 2 digits after the point', found: '1.234' },
  ],
  [
    "Element 'oId': '12A4' is not a valid value of the atomic type 'xs:int'.",
    {
      rule: 'type',
      expected: 'a value of xs:int',
      found: '12A4',
      message: 'oId is "12A4", which is no value of xs:int.',
    },
  ],
  [
    "Element 'Data': '18/12/2014' is not a valid value of the atomic type '{http://x/v1.2}DataFatturaType'.",
    { rule: 'type', expected: 'a value of DataFatturaType', found: '18/12/2014' },
  ],
  [
    "Element 'a': 'x' is not a valid value of the local union type.",
    { rule: 'type', expected: 'a value of its type', found: 'x' },
  ],
  [
    "Element 'extra': This element is not expected.",
    { rule: 'unexpected-element', expected: 'no further element', found: 'extra' },
  ],
  [
    "Element '{urn:a}b': This element is not expected. Expected is one of ( {urn:a}c, {urn:a}d ).",
    {
      rule: 'unexpected-element',
      expected: 'one of c, d',
      found: 'b',
      message: 'b is not expected here; expected is one of c, d.',
    },
  ],
  [
    "Element '{urn:a}testata': This element is not expected. Expected is ( testata ).",
    { rule: 'unexpected-element', expected: 'testata in no namespace', found: 'testata in namespace urn:a' },
  ],
  [
    "Element 'return': Missing child element(s). Expected is ( message ).",
    {
      rule: 'missing-element',
      expected: 'message',
      found: null,
      message: 'return is incomplete; expected next is message.',
    },
  ],
  [
    "Element '{urn:v1}F': No matching global declaration available for the validation root.",
    { rule: 'unknown-root', found: '{urn:v1}F' },
  ],
  [
    "Element '{urn:a}S', attribute 'versione': The attribute 'versione' is not allowed.",
    {
      rule: 'unexpected-attribute',
      attribute: 'versione',
      found: 'versione',
      message: 'Attribute versione of S is not allowed.',
    },
  ],
  [
    "Element '{urn:a}S': The attribute '{urn:a}lang' is required but missing.",
    { rule: 'missing-attribute', attribute: 'lang', expected: 'attribute lang', found: null },
  ],
  [
    "Element 'S', attribute 'n': 'x' is not a valid value of the atomic type 'xs:int'.",
    { rule: 'type', attribute: 'n', found: 'x', message: 'Attribute n of S is "x", which is no value of xs:int.' },
  ],
  [
    "Element 'a': Character content other than whitespace is not allowed because the content type is 'element-only'.",
    { rule: 'unexpected-text', expected: 'elements only' },
  ],
  [
    "Element 'a': Character content is not allowed, because the content type is empty.",
    { rule: 'unexpected-text', expected: 'no content' },
  ],
  [
    "Element 'a': Element content is not allowed, because the type definition is simple.",
    { rule: 'unexpected-element', expected: 'text only' },
  ],
  [
    "Element 'i': Duplicate key-sequence ['1'] in unique identity-constraint '{urn:a}u'.",
    { rule: 'unique', expected: 'a value unique in u', found: "['1']" },
  ],
  [
    "Element 'i': No match found for key-sequence ['9'] of keyref '{urn:a}k'.",
    { rule: 'keyref', found: "['9']", message: "i refers to ['9'], which is not there." },
  ],
  [
    "Element 'p', attribute 'q': The value '2' does not match the fixed value constraint '1'.",
    { rule: 'fixed', attribute: 'q', expected: '1', found: '2' },
  ],
  [
    "Element '{urn:a}u': Not all fields of key identity-constraint '{urn:a}kk' evaluate to a node.",
    { rule: 'key', expected: 'every field of the key kk' },
  ],
  [
    "Element 'o': Neither character nor element content is allowed because the element is 'nilled'.",
    { rule: 'nil', message: 'o is nil and has content.' },
  ],
  ["Element 'n': The element is not 'nillable'.", { rule: 'nil', message: 'n may not be nil.' }],
  [
    "Element 'd', attribute '{http://www.w3.org/2001/XMLSchema-instance}type': The QName value '{urn:a}nope' of the xsi:type attribute does not resolve to a type definition.",
    { rule: 'unknown-type', attribute: 'type', found: '{urn:a}nope' },
  ],
  [
    "Element '{urn:z}x': No matching global element declaration available, but demanded by the strict wildcard.",
    { rule: 'unknown-root', found: '{urn:z}x' },
  ],
  ["Element 'a': The element declaration is abstract.", { rule: 'invalid', found: null }],
];

describe('readSchemaMessage', () => {
  it.each(MESSAGES)('%s', (text, expected) => {
    expect(readSchemaMessage(`${text}\n`)).toMatchObject(expected);
  });

  it('cuts what was found to 120 characters', () => {
    const { found } = readSchemaMessage(
      `Element 'a': '${'x'.repeat(60_000)}' is not a valid value of the atomic type 'b'.`,
    );
    expect(found).toHaveLength(120);
  });

  it('is not slowed by a value that looks like the message', () => {
    const value = `' is '`.repeat(10_000);
    const started = cpuMs();
    readSchemaMessage(`Element 'a': [facet 'minLength'] The value '${value}' has no end`);
    expect(cpuMs() - started).toBeLessThan(500);
  });
});
