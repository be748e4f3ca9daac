import { entityUse, withoutDoctype } from './doctype.js';

describe('a DOCTYPE in a schema', () => {
  it('3: is blanked out, whatever stands before it, and lines stay where they are', () => {
    const text = `<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE s [\n <!ENTITY x "]>"> ]>\n<s/>`;
    expect(withoutDoctype(text).trimEnd()).toMatch(/^<\?xml version="1.0"\?>\n<!-- a -->\n *\n *\n<s\/>$/);
  });

  it('3: is looked for in linear time behind blanks and comments', () => {
    const text = `${' \n'.repeat(500)}${'<!-- licence -->\n'.repeat(500)}<s><!-- <!DOCTYPE no> --></s>`;
    expect(withoutDoctype(text)).toBe(text);
  });
});

describe('the entities of a document', () => {
  it.each([
    ['<!DOCTYPE a SYSTEM "a.dtd"><a>&amp;&#10;&lt;</a>', null],
    [`<!DOCTYPE a [<!ENTITY d 'x'><!ENTITY % p ''>]><a/>`, null],
    ['<!DOCTYPE a [<!ENTITY d "x">]><a><!-- &d; --><![CDATA[&d;]]></a>', null],
    ['<!DOCTYPE a [<!ENTITY d "x">]><a b="&d;"/>', 'uses the entity &d;'],
    ['<a>&d;</a>', 'uses the entity &d;'],
    ['<!DOCTYPE a [<!ENTITY d SYSTEM "file:///etc/passwd">]><a/>', 'declares an external entity'],
    ['<!DOCTYPE a [<!ENTITY % p PUBLIC "p" "http://a.example/">]><a/>', 'declares an external entity'],
  ])('2: %s', (text, why) => {
    expect(entityUse(text)?.why ?? null).toBe(why);
  });
});
