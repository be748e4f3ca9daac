import { cpuMs } from '../../../test/support/cpu.js';
import type { Fault } from '../../message/fault.js';
import { inlineXop, MAX_XOP_BYTES } from './xop.js';

const NS = 'http://www.w3.org/2004/08/xop/include';
const part = (contentId: string, text: string) => ({ contentId, contentType: 'image/png', bytes: Buffer.from(text) });
const inline = (xml: string, ...attachments: ReturnType<typeof part>[]) => {
  const { xml: bytes, left } = inlineXop(Buffer.from(xml), attachments);
  return { xml: bytes.toString(), left: left.map(({ contentId }) => contentId) };
};

describe('inlineXop', () => {
  it.each([
    `<a xmlns:x="${NS}"><x:Include href="cid:p%40h"/></a>`,
    `<a><x:Include xmlns:x='${NS}' href='cid:p%40h'></x:Include></a>`,
    `<a><Include href="cid:p@h" xmlns="${NS}" /></a>`,
  ])('puts the part in place of %s', (xml) => {
    const { xml: whole, left } = inline(xml, part('p@h', 'abc'), part('q', 'd'));
    expect(whole).toMatch(/^<a[^>]*>YWJj<\/a>$/);
    expect(left).toEqual(['q']);
  });

  it('keeps all that is no include', () => {
    const xml = `<a xmlns:x="${NS}"><!--<x:Include href="cid:p"/>--><![CDATA[<x:Include href="cid:p"/>]]><?i <x:Include href="cid:p"/>?><y:Include href="cid:p"/>é</a>`;
    expect(inline(xml, part('p', 'abc'))).toEqual({ xml, left: ['p'] });
  });

  it('refuses a part that is not there, and too many bytes', () => {
    const code = (work: () => unknown) => {
      try {
        work();
        return 'none';
      } catch (error) {
        return (error as Fault).code;
      }
    };
    const include = '<x:Include href="cid:p"/>';
    expect(code(() => inline(`<a xmlns:x="${NS}"><x:Include href="cid:z"/></a>`, part('p', '')))).toBe(
      'mime-malformed',
    );
    const half = part('p', 'x'.repeat(MAX_XOP_BYTES / 2));
    expect(code(() => inline(`<a xmlns:x="${NS}">${include.repeat(2)}</a>`, half))).toBe('none');
    expect(code(() => inline(`<a xmlns:x="${NS}">${include.repeat(3)}</a>`, half))).toBe('too-large');
  });

  it('takes linear time over markup that never ends', () => {
    for (const piece of ['<!--', '<x:Include ', '<![CDATA[', `<x:Include${' '.repeat(50)}`]) {
      const started = cpuMs();
      inline(`<a xmlns:x="${NS}">${piece.repeat(100_000)}`);
      expect(cpuMs() - started).toBeLessThan(2_000);
    }
  });
});
