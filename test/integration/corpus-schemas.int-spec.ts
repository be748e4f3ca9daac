import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Examination } from '../../src/message/document.js';
import type { Violation } from '../../src/message/fault.js';
import { createDocuments, DEFAULT_LIMITS } from '../../src/protocol/documents.js';
import { bundleFrom, corpus } from '../support/corpus.js';

interface Row {
  readonly file: string;
  readonly schema: string;
  readonly why?: string;
  readonly xmllint?: string;
  readonly ajv?: string;
}
interface SchemaSet {
  readonly name: string;
  readonly valid: readonly Row[];
  readonly invalid: readonly Row[];
}

const SETS = ['anpr-comuni', 'agid-segnatura-protocollo', 'fatturapa-1.2', 'esempi-propri'];
const directory = corpus('schemas');
const read = (name: string) => readFileSync(join(directory ?? '', name));

const documents = createDocuments(DEFAULT_LIMITS);
afterAll(() => documents.stop());

let run = 0;
async function examined({ file, schema }: Row): Promise<Examination> {
  run++;
  const bytes = read(file);
  const document = await (file.endsWith('.json') ? documents.openJson(bytes) : documents.openXml(bytes, null));
  try {
    return await document.examine({ schema: bundleFrom(directory ?? '', schema), extract: {} });
  } finally {
    document.close();
  }
}

/** The element that the independent validator named must be the last step, and stand on the line. */
function expectPlace(row: Row, { path, line }: Violation): void {
  if (row.ajv !== undefined) {
    const [, pointer = '', missing] = /^data(\S*) must .*?(?:property '([^']*)')?$/.exec(row.ajv) ?? [];
    expect(path.startsWith(missing === undefined ? pointer : `${pointer}/${missing}`)).toBe(true);
    expect(line).toBeGreaterThan(0);
    return;
  }
  const name = /^Element '(?:\{[^}]*\})?([^']*)'/.exec(row.xmllint ?? '')?.[1] ?? '';
  const step = path
    .replace(/\/@[^/]*$/, '')
    .split('/')
    .at(-1);
  expect(step?.replace(/\[\d+\]$/, '')).toBe(name);
  const text = read(row.file).toString('utf8').split('\n')[(line ?? 0) - 1] ?? '';
  expect([line, text]).toEqual([line, expect.stringContaining(name)]);
}

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('published schemas of the corpus', () => {
    const index = directory ? (JSON.parse(read('index.json').toString()) as SchemaSet[]) : [];
    const sets = index.filter(({ name }) => SETS.includes(name));

    describe.each(sets)('$name', ({ valid, invalid }) => {
      it.each(valid)('5: accepts $file', async (row) => {
        expect(await examined(row)).toMatchObject({ violations: [], truncated: false });
      });

      it.each(invalid)('5: refuses $file ($why)', async (row) => {
        const { violations } = await examined(row);
        const [first] = violations;
        if (!first) throw new Error('accepted');
        expectPlace(row, first);
        expect(first.rule).not.toBe('invalid');
      });
    });

    it('ran every row of the index', () => {
      const rows = sets.reduce((count, { valid, invalid }) => count + valid.length + invalid.length, 0);
      console.log(`schema corpus: ${run} of ${rows} rows of ${sets.length} sets`);
      expect([sets.length, run]).toEqual([SETS.length, rows]);
      expect(rows).toBeGreaterThan(40);
    });
  });
