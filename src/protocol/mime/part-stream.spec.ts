import fc from 'fast-check';
import { PartReader } from './part-stream.js';
import { nameOf, splitParts } from './parts.js';

interface Seen {
  readonly contentId: string | null;
  readonly text: string;
}

function inPieces(body: Buffer, sizes: readonly number[], maxParts = 100): Seen[] | string {
  const seen: { contentId: string | null; from: number; text: string }[] = [];
  const listener = {
    begin: (headers: ReadonlyMap<string, string>, number: number, from: number) =>
      void seen.push({ contentId: nameOf(headers, number), from, text: '' }),
    data: (bytes: Buffer) => void (seen.at(-1)!.text += bytes.toString('latin1')),
    end: (to: number) => expect(body.toString('latin1', seen.at(-1)!.from, to)).toBe(seen.at(-1)!.text),
  };
  const reader = new PartReader('b', listener, maxParts);
  let at = 0;
  for (let turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    reader.write(body.subarray(at, at + size));
    at += size;
  }
  reader.finish();
  return seen.map(({ contentId, text }) => ({ contentId, text }));
}

const codeOf = <T>(work: () => T): T | string => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const atOnce = (body: Buffer): Seen[] =>
  splitParts(body, 'b').map(({ contentId, bytes }) => ({ contentId, text: bytes.toString('latin1') }));

/** Bodies made of what such bodies are made of, in any order. */
const bodies = fc
  .array(
    fc.constantFrom(
      '\r\n',
      '--b',
      '--',
      ' ',
      'x',
      'Content-ID: <a@b>',
      '\r\n\r\n',
      '\n',
      'A: 1',
      '\r\n--b\r\n',
      '\r\n--b--',
    ),
    { maxLength: 24 },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

describe('parts that are read while they come', () => {
  it('6: are what is read of the whole body, however it is cut into chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(bodies, sizes, (body, cuts) => {
        expect(codeOf(() => inPieces(body, cuts))).toEqual(codeOf(() => atOnce(body)));
      }),
      // A header line that only begins like a delimiter.
      { numRuns: 3_000, examples: [[Buffer.from('\r\n--b\r\nA: 1\r\n--b--A: 1\r\n\r\n\r\n--b--'), [1]]] },
    );
  });

  it('6: are handed on before they end', () => {
    const seen: number[] = [];
    const listener = {
      begin: () => undefined,
      data: ({ length }: Buffer) => void seen.push(length),
      end: () => undefined,
    };
    const reader = new PartReader('b', listener, 10);
    reader.write(Buffer.from('--b\r\n\r\n'));
    reader.write(Buffer.alloc(100_000, 'x'));
    expect(seen.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(99_900);
  });

  it('6: are refused where there are too many of them', () => {
    const body = Buffer.from(`${'--b\r\n\r\nx\r\n'.repeat(4)}--b--`);
    expect(codeOf(() => inPieces(body, [5], 3))).toBe('too-complex');
    expect(inPieces(body, [5], 4)).toHaveLength(4);
  });
});
