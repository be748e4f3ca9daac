import { cpuMs } from '../../../test/support/cpu.js';
import { createHash } from 'node:crypto';
import type { SchemaBundle } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import { XML_LIMITS } from './limits.js';
import { openXmlInThread } from './open.js';

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
const open = (xml: string | Buffer, charset: string | null = null) =>
  openXmlInThread(Buffer.from(xml), charset, XML_LIMITS);

const faultOf = (xml: string | Buffer, charset: string | null = null): Fault => {
  try {
    open(xml, charset).close();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`accepted: ${xml.toString().slice(0, 200)}`);
};

const bundle = (schema: string, documents: Record<string, string> = {}): SchemaBundle => ({
  key: createHash('sha256').update(schema).digest('hex'),
  kind: 'xsd',
  entry: 'main schema.xsd',
  documents: { 'main schema.xsd': schema, ...documents },
});

const LIST = bundle(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:a" targetNamespace="urn:a"
  elementFormDefault="qualified"><xs:element name="list"><xs:complexType><xs:sequence>
    <xs:element name="item" maxOccurs="unbounded" minOccurs="0" type="xs:int"/>
    <xs:element name="last" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[A-Z]+"/>
    <xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
  </xs:sequence><xs:attribute name="n" type="xs:int" use="required"/></xs:complexType></xs:element></xs:schema>`);

const examine = (xml: string, schema: SchemaBundle | null = LIST, extract = {}) => {
  const document = open(xml);
  try {
    return document.examine({ schema, extract });
  } finally {
    document.close();
  }
};

describe('reading', () => {
  it('4: reads header blocks of both SOAP versions', () => {
    const xml = `<e:Envelope xmlns:e="${SOAP11}" xmlns:w="http://www.w3.org/2005/08/addressing"><e:Header>
      <w:MessageID e:mustUnderstand="1"> urn:uuid:1 </w:MessageID>
      <w:ReplyTo e:actor="urn:next"><w:Address>http://x/</w:Address></w:ReplyTo></e:Header>
      <e:Body><a xmlns="urn:a"/></e:Body></e:Envelope>`;
    const document = open(xml);
    expect(document.facts).toEqual({
      root: { namespace: SOAP11, name: 'Envelope' },
      envelope: {
        version: 'soap11',
        headers: [
          {
            namespace: 'http://www.w3.org/2005/08/addressing',
            name: 'MessageID',
            mustUnderstand: true,
            role: null,
            text: 'urn:uuid:1',
            address: null,
          },
          {
            namespace: 'http://www.w3.org/2005/08/addressing',
            name: 'ReplyTo',
            mustUnderstand: false,
            role: 'urn:next',
            text: 'http://x/',
            address: 'http://x/',
          },
        ],
        body: [{ namespace: 'urn:a', name: 'a' }],
      },
    });
    document.close();
    const other = open(`<Envelope xmlns="${SOAP12}"><Body/></Envelope>`);
    expect(other.facts.envelope).toEqual({ version: 'soap12', headers: [], body: [] });
    other.close();
  });

  it('leaves an envelope of another namespace to the codec', () => {
    const document = open('<Envelope xmlns="urn:other"><Body/></Envelope>');
    expect(document.facts).toEqual({ root: { namespace: 'urn:other', name: 'Envelope' }, envelope: null });
    document.close();
  });

  it.each([
    ['<a', 'not-well-formed'],
    ['', 'not-well-formed'],
    ['{"a": 1}', 'not-well-formed'],
    ['<a>\n<b></a>', 'not-well-formed'],
    ['<a/><b/>', 'not-well-formed'],
    ['<a>\u0000</a>', 'not-well-formed'],
    ['<p:a/>', 'not-well-formed'],
    ['<a>&x;</a>', 'not-well-formed'],
    ['<!DOCTYPE a><a/>', 'dtd-forbidden'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'dtd-forbidden'],
    ['<a><!ENTITY x "y"></a>', 'dtd-forbidden'],
    [`${'<a>'.repeat(101)}${'</a>'.repeat(101)}`, 'too-deep'],
    [`<a>${'<b/>'.repeat(400_000)}</a>`, 'too-complex'],
    [`<a>${'x<!---->'.repeat(400_000)}</a>`, 'too-complex'],
    [`<a ${Array.from({ length: 257 }, (_, i) => `b${i}=""`).join(' ')}/>`, 'too-complex'],
    ['<?xml version="1.0" encoding="x-foo"?><a/>', 'encoding-wrong'],
    ['<?xml version="1.0" encoding="UTF-16"?><a/>', 'encoding-wrong'],
    [`<?xml version="1.0" encoding="${'x'.repeat(70_000)}"?><a/>`, 'encoding-wrong'],
  ])('refuses case %#', (xml, code) => {
    expect(faultOf(xml).code).toBe(code);
  });

  it('names the line and the reason', () => {
    expect(faultOf('<a>\n<b>\n</a>').info).toMatchObject({
      place: 'line 3',
      detail: 'Line 3: Opening and ending tag mismatch: b line 2 and a',
    });
  });

  it('refuses bytes that are invalid in their encoding, with the line', () => {
    const bytes = Buffer.concat([Buffer.from('<a>è\n\n'), Buffer.from([0xe0, 0x41]), Buffer.from('</a>')]);
    expect(faultOf(bytes).info).toMatchObject({ detail: 'Invalid UTF-8 on line 3.', place: 'line 3' });
    expect(faultOf('<a>è</a>', 'us-ascii').code).toBe('encoding-wrong');
    expect(faultOf(Buffer.from('\uFEFF<a>\uD800</a>', 'utf16le')).code).toBe('encoding-wrong');
  });

  it('refuses encodings that contradict one another', () => {
    expect(faultOf('<?xml version="1.0" encoding="UTF-8"?><a/>', 'iso-8859-1').code).toBe('encoding-wrong');
    expect(faultOf('\uFEFF<a/>', 'utf-16').code).toBe('encoding-wrong');
    expect(faultOf(Buffer.from('\uFEFF<a/>', 'utf16le'), 'utf-8').code).toBe('encoding-wrong');
  });

  it.each([
    [Buffer.from('\uFEFF<a>è</a>'), 'UTF-8'],
    [Buffer.from('<a>è</a>', 'latin1'), 'ISO-8859-1'],
    [Buffer.from('<?xml version="1.0" encoding="windows-1252"?><a>è</a>', 'latin1'), null],
    [Buffer.from('\uFEFF<a>è</a>', 'utf16le'), 'utf-16'],
    [Buffer.from('\uFEFF<a>è</a>', 'utf16le').swap16(), 'utf-16'],
  ])('reads every encoding that it names to the same digest', (bytes, charset) => {
    const document = open(bytes, charset);
    const { digest } = document.examine({ schema: null, extract: {} });
    document.close();
    expect(digest).toBe(createHash('sha256').update('<a>è</a>').digest('hex'));
  });

  it('does not take long over any 20 MiB', () => {
    const size = 20 * 1_048_576;
    const fill = (unit: string, before = '<a>', after = '</a>') =>
      before + unit.repeat(Math.floor(size / unit.length)) + after;
    const documents = [
      fill('x'),
      fill('&amp;'),
      fill('&#38;'),
      fill('x', '<a b="', '"/>'),
      fill('&amp;', '<a b="', '"/>'),
      fill('\n'),
      fill(']]&gt;'),
      `<a>${`<b c="${'x'.repeat(40)}"/>`.repeat(199_000)}</a>`,
      `<a>${`<p:b xmlns:p="urn:p"/>`.repeat(199_000)}</a>`,
    ];
    for (const xml of documents) {
      const started = cpuMs();
      try {
        const document = open(xml);
        document.examine({ schema: null, extract: {} });
        document.close();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
      expect([xml.slice(0, 20), cpuMs() - started < 3_000]).toEqual([xml.slice(0, 20), true]);
    }
  }, 60_000);
});

describe('examining', () => {
  const soap = (payload: string) =>
    `<e:Envelope xmlns:e="${SOAP11}" xmlns:xs="urn:unused">\n<e:Body>${payload}</e:Body></e:Envelope>`;

  it('5: lists each error with line, column, path, rule and expectation', () => {
    const { violations, truncated } = examine(
      soap(`<list xmlns="urn:a">\n<item>1</item>\n<item>x</item>\n<last>abcd</last>\n<zz/></list>`),
    );
    expect(truncated).toBe(false);
    expect(violations.map(({ path, line, column, rule, found }) => [path, line, column, rule, found])).toEqual([
      ['/Envelope/Body/list/@n', 2, 9, 'missing-attribute', null],
      ['/Envelope/Body/list/item[2]', 4, 1, 'type', 'x'],
      ['/Envelope/Body/list/last', 5, 1, 'maxLength', 'abcd'],
      ['/Envelope/Body/list/last', 5, 1, 'pattern', 'abcd'],
      ['/Envelope/Body/list/zz', 6, 1, 'unexpected-element', 'zz'],
    ]);
  });

  it('7: finds the start tag in one line behind comments, CDATA, other scripts and attributes with markup', () => {
    const { violations } = examine(
      '<list xmlns="urn:a" n=">é"><!-- <item> --><item>1</item><?pi <item>?><item>x</item>\n' +
        '<?pi\n?>è𝄞<item><![CDATA[<item>]]></item><last\n>abcd</last></list>',
    );
    expect(violations.map(({ line, column, path }) => [line, column, path])).toEqual([
      [1, 1, '/list/@n'],
      [1, 70, '/list/item[2]'],
      [1, 1, '/list'],
      [3, 6, '/list/item[3]'],
      [3, 37, '/list/last'],
      [3, 37, '/list/last'],
    ]);
  });

  it('counts lines beyond 65,535', () => {
    const { violations } = examine(
      `<list xmlns="urn:a" n="1">${'<item>1</item>\n'.repeat(70_000)}<item>x</item></list>`,
    );
    expect(violations).toMatchObject([{ line: 70_001, column: 1, path: '/list/item[70001]' }]);
  });

  it('5: lists the first 100 of 100,000 errors', () => {
    const started = cpuMs();
    const { violations, truncated } = examine(`<list xmlns="urn:a" n="1">${'<item>x</item>'.repeat(100_000)}</list>`);
    expect([violations.length, truncated]).toEqual([100, true]);
    expect(violations[99]?.path).toBe('/list/item[100]');
    expect(cpuMs() - started).toBeLessThan(3_000);
  });

  it('gives one digest to one payload, whatever envelope carries it', () => {
    const payload = '<p:list xmlns:p="urn:a" n="1"><p:item>1</p:item></p:list>';
    const inherited = `<e:Envelope xmlns:e="${SOAP12}" xmlns:p="urn:a"><?pi?><e:Body><!-- c --><p:list n='1'><p:item>1</p:item></p:list></e:Body></e:Envelope>`;
    const digests = [payload, soap(payload), inherited].map((xml) => examine(xml).digest);
    expect(digests).toEqual(Array.from({ length: 3 }, () => createHash('sha256').update(payload).digest('hex')));
  });

  it('4: makes no digest where none is wanted, and finds the same violations', () => {
    const xml = '<list xmlns="urn:a" n="1"><item>x</item></list>';
    const document = open(xml);
    const found = document.examine({ schema: LIST, extract: {}, undigested: true });
    document.close();
    expect(found).toEqual({ ...examine(xml), digest: '' });
    expect(found.violations).toHaveLength(1);
  });

  it('takes out text by path of local names, whole and trimmed', () => {
    const xml = soap('<list xmlns="urn:a"><t/><t><x> c_<!-- -->i804\n</x></t></list>');
    const extract = { sender: 't/x', none: 't/y' };
    expect(examine(xml, null, extract).extracted).toEqual({ sender: 'c_i804' });
  });

  it('ignores schema locations of the document', () => {
    const hint = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a http://127.0.0.1:9/x.xsd"`;
    expect(examine(`<list xmlns="urn:a" n="1" ${hint}/>`).violations).toEqual([]);
  });
});

describe('compiling', () => {
  const IMPORT = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:b="urn:b">
    <xs:import namespace="urn:b" schemaLocation="tipi comuni/b.xsd"/><xs:element name="r" type="b:t"/></xs:schema>`;
  const IMPORTED = `<?xml version="1.0"?><!DOCTYPE xs:schema PUBLIC "-//W3C//DTD XMLSCHEMA 200102//EN" "http://127.0.0.1:9/x.dtd" [
      <!ATTLIST schema xmlns:ds CDATA #FIXED "urn:>"> <!ENTITY % p ''>
    ]><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:b">
    <xs:simpleType name="t"><xs:restriction base="xs:int"/></xs:simpleType></xs:schema>`;

  it('finds imports in the bundle, by names with blanks, past a DOCTYPE', () => {
    const schema = bundle(IMPORT, { 'tipi comuni/b.xsd': IMPORTED });
    expect(examine('<r>1</r>', schema).violations).toEqual([]);
    expect(examine('<r>x</r>', schema).violations).toMatchObject([{ path: '/r', rule: 'type' }]);
  });

  it('names imports that the bundle does not hold', () => {
    expect(() => examine('<r/>', { ...bundle(IMPORT), key: 'unresolved' })).toThrow(
      'XSD bundle does not hold: tipi comuni/b.xsd (import in main schema.xsd)',
    );
  });

  it('names the document where the schema is wrong', () => {
    const wrong = bundle(
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r" type="nope"/></xs:schema>',
    );
    expect(() => examine('<r/>', wrong)).toThrow(/main schema\.xsd does not compile: .*nope/s);
  });
});
