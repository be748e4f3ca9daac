import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isRefusal, TARGETS } from '../../fuzz/targets.js';

const CORPUS = 'test/fuzz/corpus';
const SLOW_MS = 5_000;

const seedsOf = (name: string) => readdirSync(join(CORPUS, name)).map((file) => readFileSync(join(CORPUS, name, file)));

/** One edit of what is valid: where most decoders have their bugs. */
const edited = (seeds: readonly Buffer[]) =>
  fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 40 }), fc.boolean())
    .map(([seed, place, length, put, isText]) => {
      const at = place % (seed.length + 1);
      const piece = isText ? Buffer.from(Buffer.from(put).toString('latin1')) : Buffer.from(put);
      return Buffer.concat([seed.subarray(0, at), piece, seed.subarray(at + length)]);
    });
const grown = fc
  .tuple(
    fc.constantFrom('<a>', '{"a":', '[', 'a: &a [*a]\n', '--BB\r\n', '%2e%2e/', ';a="', '&lt;', '- '),
    fc.nat(3_000),
  )
  .map(([unit, count]) => Buffer.from(unit.repeat(count)));

describe('what a stranger may send', () => {
  it('6: has a target for each decoder, and a corpus for each target', () =>
    expect(readdirSync(CORPUS).sort()).toEqual(Object.keys(TARGETS).sort()));

  it.each(Object.keys(TARGETS))(
    '6: %s takes or refuses whatever comes, in time',
    async (name) => {
      const seeds = seedsOf(name);
      const read = TARGETS[name]!;
      const bytes = fc.oneof(
        edited(seeds),
        grown,
        fc.uint8Array({ maxLength: 500 }).map((one) => Buffer.from(one)),
      );
      const holds = fc.asyncProperty(bytes, async (one) => {
        const start = performance.now();
        await read(one).catch((error: unknown) => {
          if (!isRefusal(error)) throw error;
        });
        expect(performance.now() - start).toBeLessThan(SLOW_MS);
      });
      await fc.assert(holds, { numRuns: 150, examples: seeds.map((one) => [one]) });
    },
    120_000,
  );
});
