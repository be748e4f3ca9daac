import { Fault } from '../../message/fault.js';
import { extractPayload } from './payload.js';
import { escapeXml } from './escape.js';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 'none';
};

describe('extractPayload', () => {
  it('copies the declarations that content may refer to', () => {
    const envelope = `<?xml version="1.0"?><e:Envelope xmlns:e="${SOAP}" xmlns:xs="urn:xs" xmlns="urn:d"><e:Body>
      <r xmlns:p="urn:p"><p:a t="xs:int">è &amp; é</p:a></r></e:Body></e:Envelope>`;
    const payload = extractPayload(Buffer.from(envelope)).toString();
    expect(payload).toContain('xmlns:xs="urn:xs"');
    expect(payload).toContain('xmlns="urn:d"');
    expect(payload).toContain('<p:a t="xs:int">è &amp; é</p:a></r>');
    expect(extractPayload(Buffer.from(payload)).toString()).toBe(payload);
  });

  it('keeps a payload without namespace out of the default namespace of the envelope', () => {
    const envelope = `<Envelope xmlns="${SOAP}"><Body><r xmlns=""><a/></r></Body></Envelope>`;
    expect(extractPayload(Buffer.from(envelope)).toString()).toMatch(/\n<r xmlns=""><a\/><\/r>$/);
  });

  it('returns a document that is no envelope as it came', () => {
    const bytes = Buffer.from('<?pi x?><r a="1"/>\n');
    expect(extractPayload(bytes)).toBe(bytes);
  });

  it('rewrites other encodings in UTF-8', () => {
    const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><r>perché</r>', 'latin1');
    expect(extractPayload(latin1).toString()).toContain('<r>perché</r>');
    const utf16 = Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><r>perché</r>', 'utf16le');
    expect(extractPayload(utf16).toString()).toContain('<r>perché</r>');
  });

  it('refuses an envelope that has no single payload', () => {
    const envelope = (inside: string) => Buffer.from(`<e:Envelope xmlns:e="${SOAP}">${inside}</e:Envelope>`);
    for (const inside of [
      '',
      '<e:Body/>',
      '<e:Body><a/><b/></e:Body>',
      '<e:Body><a/></e:Body><e:Body><b/></e:Body>',
      '<e:Body><a/></e:Body><e:Header/>',
      '<e:Header/><e:Header/><e:Body><a/></e:Body>',
      '>\n<e:Body><a/></e:Body>',
    ])
      expect([inside, code(() => extractPayload(envelope(inside)))]).toEqual([inside, 'envelope-malformed']);
  });
});

describe('escapeXml', () => {
  it('comes back from a parser as it went in', () => {
    expect(escapeXml(`<a b="c" d='e'>&\r\n`)).toBe('&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#13;\n');
  });

  it('leaves no character that XML forbids', () => {
    expect(escapeXml('a\u0000b\u001Fc\uD800d\uFFFFe\u{1F600}')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\u{1F600}');
  });
});
