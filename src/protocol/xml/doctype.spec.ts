import { withoutDoctype } from './doctype.js';

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
