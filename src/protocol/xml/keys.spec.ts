import type { KeyPath } from '../../message/business-key.js';
import { xpathProblem } from './keys.js';
import { XML_LIMITS } from './limits.js';
import { openXmlInThread } from './open.js';

const NS = { n: 'urn:n' };
const path = (xpath: string, name = 'key'): KeyPath => ({ name, xpath, namespaces: NS, jsonPath: null });
const soap = (payload: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:n"><e:Body>${payload}</e:Body></e:Envelope>`;

function keysIn(text: string, ...keys: readonly KeyPath[]) {
  const document = openXmlInThread(Buffer.from(text), null, XML_LIMITS);
  try {
    return document.examine({ schema: null, extract: {}, keys }).keys;
  } finally {
    document.close();
  }
}

describe('business keys of XML', () => {
  const payload = '<a xmlns="urn:n"><b id="7"> rss mra\n80 </b><c><b>X</b></c></a>';

  it.each([payload, soap(payload)])(
    '4: are read from the payload, in an envelope or alone, by relative and absolute paths (%#)',
    (text) => {
      expect(keysIn(text, path('n:b'))).toEqual([{ name: 'key', value: 'RSSMRA80' }]);
      expect(keysIn(text, path('/n:a/n:b/@id'), path('//n:b', 'all'))).toEqual([
        { name: 'key', value: '7' },
        { name: 'all', value: 'RSSMRA80' },
        { name: 'all', value: 'X' },
      ]);
    },
  );

  it('4: need the namespace, and are none where nothing is selected', () => {
    expect(keysIn(payload, path('b'), path('n:none'), { ...path('n:b'), xpath: null })).toEqual([]);
  });

  it('4: are few, short and each once', () => {
    const many = Array.from({ length: 50 }, (_, at) => `<b>${at}</b>`).join('');
    expect(keysIn(`<a xmlns="urn:n">${many}</a>`, path('n:b'))).toHaveLength(10);
    expect(keysIn(`<a xmlns="urn:n"><b>x</b><b>X </b><b/><b>${'y'.repeat(129)}</b></a>`, path('n:b'))).toEqual([
      { name: 'key', value: 'X' },
    ]);
  });

  it('4: leave the digest as it is', () => {
    const examine = (keys: readonly KeyPath[]) => {
      const document = openXmlInThread(Buffer.from(soap(payload)), null, XML_LIMITS);
      const { digest } = document.examine({ schema: null, extract: {}, keys });
      document.close();
      return digest;
    };
    expect(examine([path('//n:b')])).toBe(examine([]));
  });

  it.each([
    ['n:a/', 'no XPath'],
    ["'text'", 'does not select nodes'],
    ['count(n:a)', 'visits too much'],
    ['n:p[count(../n:p[count(../n:p)>999999])>999999]', 'visits too much'],
    ['n:p[../n:p]', 'visits too much'],
    ['n:p[//n:p]', 'visits too much'],
    ['n:a/../n:a/../n:a', 'visits too much'],
    ['m:a', 'without a namespace'],
    ['//n:a//n:b', 'visits too much'],
    ['n:a/following::n:b', 'visits too much'],
  ])('4: %s is no path for keys', (xpath, said) => {
    expect(xpathProblem(xpath, NS)).toContain(said);
    for (const fine of [
      '//n:b',
      'n:a[2]/@id',
      "n:a[@kind='x']/n:b",
      "*[local-name()='b]']/text()",
      'n:a|n:b',
      "n:a[n:b = 'c']",
    ])
      expect([fine, xpathProblem(fine, NS)]).toEqual([fine, null]);
  });
});
