import fc from 'fast-check';
import { Fault } from '../../message/fault.js';
import { formatOf, parseMediaType } from './media-type.js';
import { splitParts } from './parts.js';
import { readRelated, writeRelated } from './related.js';

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 'none';
};
const related = (parameters: string) => {
  const media = parseMediaType(`multipart/related; ${parameters}`);
  if (!media) throw new Error('no media type');
  return media;
};

describe('parseMediaType', () => {
  it('reads type, parameters and quoted values', () => {
    const media = parseMediaType('Application/SOAP+XML; charset=utf-8; action="a\\"b;c" ;');
    expect(media?.type).toBe('application/soap+xml');
    expect({ ...media?.parameters }).toEqual({ charset: 'utf-8', action: 'a"b;c' });
  });

  it('forgives quotes that are not there', () => {
    const media = parseMediaType('multipart/related; start=<a@b>; action=urn:a/b; boundary=----=_Part_1');
    expect({ ...media?.parameters }).toEqual({ start: '<a@b>', action: 'urn:a/b', boundary: '----=_Part_1' });
  });

  it.each(['', 'text', 'text/xml; charset', 'text/xml, text/xml', 'text/xml; a=1; A=2', 'text/xml; a="1'])(
    'takes %j for no media type',
    (text) => expect(parseMediaType(text)).toBeNull(),
  );

  it.each([
    ['text/xml', 'xml'],
    ['application/problem+xml', 'xml'],
    ['application/json; charset=utf-8', 'json'],
    ['application/vnd.x+json', 'json'],
    ['application/xmlx', null],
    ['text/plain', null],
  ])('finds the format of %s', (text, format) => expect(formatOf(parseMediaType(text))).toBe(format));
});

describe('splitParts', () => {
  it('takes preamble, padding, folded headers and epilogue for what they are', () => {
    const body =
      'preamble\r\n--b \t\r\nContent-Type: text/xml;\r\n charset=utf-8\r\nContent-ID: <a@x>\r\n\r\n<a/>\r\n--bX\r\n\r\n--b\r\n\r\n\r\n--b--\r\nepilogue';
    expect(splitParts(Buffer.from(body), 'b').map((part) => ({ ...part, bytes: part.bytes.toString() }))).toEqual([
      { contentType: 'text/xml; charset=utf-8', contentId: 'a@x', bytes: '<a/>\r\n--bX\r\n' },
      { contentType: null, contentId: null, bytes: '' },
    ]);
  });

  it.each([
    ['no boundary in the body', 'zzz'],
    ['a part without end', '--b\r\n\r\nabc'],
    ['headers without end', '--b\r\nContent-Type: text/xml\r\n--b--'],
    ['a line that is no header', '--b\r\nfoo\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--'],
    ['a bare line feed in a header', '--b\r\nA: 1\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--'],
    ['a header given twice', '--b\r\nContent-Type: text/xml\r\nContent-Type: text/plain\r\n\r\n<a/>\r\n--b--'],
    ['an unknown transfer encoding', '--b\r\nContent-Transfer-Encoding: x-uue\r\n\r\n<a/>\r\n--b--'],
  ])('refuses %s', (_, body) => expect(faultOf(() => splitParts(Buffer.from(body), 'b'))).toBe('mime-malformed'));

  it('refuses a missing or impossible boundary', () => {
    for (const boundary of [undefined, '', 'a\rb', 'x'.repeat(71)])
      expect(faultOf(() => splitParts(Buffer.from('--b--'), boundary))).toBe('mime-malformed');
  });

  it('bounds parts and headers', () => {
    const parts = (count: number) => Buffer.from('--b\r\n\r\nx\r\n'.repeat(count) + '--b--');
    expect(splitParts(parts(100), 'b')).toHaveLength(100);
    expect(faultOf(() => splitParts(parts(101), 'b'))).toBe('too-complex');
    const headers = (count: number) =>
      Buffer.from(`--b\r\n${Array.from({ length: count }, (_, at) => `X-${at}: 1\r\n`).join('')}\r\nx\r\n--b--`);
    expect(splitParts(headers(32), 'b')).toHaveLength(1);
    expect(faultOf(() => splitParts(headers(33), 'b'))).toBe('too-complex');
    const long = Buffer.from(`--b\r\nX: ${'y'.repeat(17_000)}\r\n\r\nx\r\n--b--`);
    expect(faultOf(() => splitParts(long, 'b'))).toBe('too-complex');
  });

  it.each(['@@@@!!!', 'cGVy\u0000', 'cGVyY', 'c=GVy'])('refuses %j as base64', (text) => {
    const body = Buffer.from(`--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${text}\r\n--b--`);
    expect(faultOf(() => splitParts(body, 'b'))).toBe('mime-malformed');
  });

  it('undoes base64 and quoted-printable', () => {
    const part = (encoding: string, text: string) =>
      Buffer.from(`--b\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}\r\n--b--`);
    expect(splitParts(part('base64', 'cGVy\r\nY2jDqQ=='), 'b')[0]?.bytes.toString()).toBe('perché');
    expect(splitParts(part('Quoted-Printable', 'perch=C3=A9 =\r\nsi  '), 'b')[0]?.bytes.toString()).toBe('perché si');
  });
});

describe('related', () => {
  it('finds the root by start, else takes the first part', () => {
    const body = Buffer.from('--b\r\nContent-ID: <a>\r\n\r\nA\r\n--b\r\nContent-ID: <r>\r\n\r\nR\r\n--b--');
    expect(readRelated(body, related('boundary=b')).root.contentId).toBe('a');
    expect(readRelated(body, related('boundary=b; start="<r>"')).root.contentId).toBe('r');
    expect(faultOf(() => readRelated(body, related('boundary=b; start="<z>"')))).toBe('mime-malformed');
  });

  it('refuses two parts of one Content-ID', () => {
    const body = Buffer.from('--b\r\nContent-ID: <a>\r\n\r\nA\r\n--b\r\nContent-ID: <a>\r\n\r\nR\r\n--b--');
    expect(faultOf(() => readRelated(body, related('boundary=b')))).toBe('mime-malformed');
  });

  it('reads back whatever bytes it has written', () => {
    const attachment = fc.record({
      contentId: fc.option(fc.stringMatching(/^[a-z0-9@.]{1,20}$/)),
      contentType: fc.constantFrom('image/png', 'application/pdf; name="a b.pdf"'),
      bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    });
    const distinct = fc.uniqueArray(attachment, { maxLength: 4, selector: ({ contentId }) => contentId ?? Symbol() });
    fc.assert(
      fc.property(distinct, fc.uint8Array({ maxLength: 80 }), (attachments, root) => {
        const boundary = 'crocevia-0192';
        const written = { boundary, rootType: 'text/xml', type: 'text/xml', root: Buffer.from(root), attachments };
        const { contentType, body } = writeRelated(written);
        const read = readRelated(body, parseMediaType(contentType) ?? related(''));
        expect(read.root.bytes.equals(Buffer.from(root))).toBe(true);
        expect(read.attachments).toEqual(attachments);
      }),
    );
  });
});
