import type { SchemaBundle } from '../message/document.js';
import { CompiledSchemas } from './compiled-schemas.js';

const BUDGET = 1_000;
const bundle = (key: string, bytes: number): SchemaBundle => ({
  ...{ key, kind: 'xsd', entry: 'a.xsd' },
  documents: { 'a.xsd': 'x'.repeat(bytes / 2), 'b.xsd': 'x'.repeat(bytes / 2) },
});

function shelf() {
  const made: string[] = [];
  const gone: string[] = [];
  const compile = ({ key }: SchemaBundle) => (made.push(key), { key });
  return { schemas: new CompiledSchemas(compile, ({ key }) => gone.push(key), BUDGET), made, gone };
}

describe('the compiled schemas of a thread', () => {
  it('3: are compiled once for each key', () => {
    const { schemas, made } = shelf();
    expect(schemas.of(bundle('a', 100))).toBe(schemas.of(bundle('a', 100)));
    expect(made).toEqual(['a']);
  });

  it('3: stay within the bytes of their documents; the one used longest ago goes', () => {
    const { schemas, made, gone } = shelf();
    for (const key of ['a', 'b', 'c', 'a']) schemas.of(bundle(key, 300));
    schemas.of(bundle('d', 300));
    expect(gone).toEqual(['b']);
    expect(['a', 'b', 'c', 'd'].map((key) => schemas.has(key))).toEqual([true, false, true, true]);
    schemas.of(bundle('b', 300));
    expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('3: keep one that is bigger than the budget, alone', () => {
    const { schemas, gone } = shelf();
    schemas.of(bundle('a', 300));
    schemas.of(bundle('big', 5_000));
    expect([schemas.has('big'), gone]).toEqual([true, ['a']]);
  });

  it('3: keep nothing of what does not compile', () => {
    const schemas = new CompiledSchemas(() => {
      throw new Error('no schema');
    });
    expect(() => schemas.of(bundle('a', 10))).toThrow('no schema');
    expect(schemas.has('a')).toBe(false);
  });
});
