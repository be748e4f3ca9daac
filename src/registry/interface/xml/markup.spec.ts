import { attributeOf, attributeText, childrenNamed, descendants, edited, qnameOf, readMarkup } from './markup.js';

const WSDL = `<?xml version="1.0"?>
<!-- <not an="element"> -->
<w:definitions xmlns:w="urn:w" xmlns:t="urn:t" name='a &amp; b'>
  <w:types><![CDATA[<no/>]]><s xmlns="urn:s" ref="t:One"><inner w:at="1"
     location = "../a b.xsd" /></s></w:types>
</w:definitions>`;

describe('interface documents as text', () => {
  it('2: finds elements, namespaces in scope and the places of attributes', () => {
    const root = readMarkup(WSDL);
    expect([...descendants(root)].map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
      'urn:w definitions',
      'urn:w types',
      'urn:s s',
      'urn:s inner',
    ]);
    expect(attributeOf(root, 'name')).toBe('a & b');
    const [types] = childrenNamed(root, 'urn:w', 'types');
    const s = types?.children[0];
    expect(s && qnameOf(s, 't:One')).toEqual({ namespace: 'urn:t', name: 'One' });
    expect(s && WSDL.slice(s.start, s.end)).toMatch(/^<s xmlns[^]*<\/s>$/);
  });

  it('2: edits what it found and leaves the rest as it is', () => {
    const inner = [...descendants(readMarkup(WSDL))].at(-1);
    const location = inner?.attributes.find(({ name }) => name === 'location');
    const after = edited(WSDL, [{ ...(location as { start: number; end: number }), text: attributeText('x"&.xsd') }]);
    expect(after).toBe(WSDL.replace('../a b.xsd', 'x&#34;&#38;.xsd'));
    expect(attributeOf([...descendants(readMarkup(after))].at(-1) as never, 'location')).toBe('x"&.xsd');
  });

  it.each([
    ['<a>\n<b></a>', 'line 2: </a> ends <b>'],
    ['<a>\n<b/>', 'line 1: <a> does not end'],
    ['<a/>\n<b/>', 'line 2: a second root element'],
    ['<a>\n\n<p:b/></a>', 'line 3: prefix p is not declared'],
    ['<a x="&e;"/>', 'line 1: entity &e; is not declared'],
    ['<a x="&#x110000;"/>', 'line 1: &#x110000; is no character'],
    ['<a x=1/>', 'line 1: not well-formed'],
    ['  ', 'line 1: no element'],
    [`<a>\n${'<b>'.repeat(200)}`, 'line 2: more than 200 elements inside each other'],
  ])('2: refuses %j and names the line', (text, message) => {
    expect(() => readMarkup(text)).toThrow(message);
  });
});
