import { build, api, post, errorsOf, operation } from '../../../../test/support/open-api-operations.js';

describe('what a description may not do', () => {
  const refused = (text: string) => build({ 'api.yaml': text }).problems;

  it('2: refers to nothing that is not at hand, and every name is said', () => {
    const schema = { allOf: [{ $ref: 'https://example.org/a.yaml' }, { $ref: 'http://example.org/b.json#/x' }] };
    expect(build({ 'api.yaml': api({ '/a': post(schema) }) }).problems).toEqual(
      expect.arrayContaining([
        '"https://example.org/a.yaml" in api.yaml is not at hand',
        '"http://example.org/b.json" in api.yaml is not at hand',
      ]),
    );
  });

  it('2: finds in the catalog what is published elsewhere', () => {
    const files = {
      'api.yaml': api({ '/a': post({ $ref: 'https://example.org/a.yaml#/A' }) }),
      'a.yaml': { A: { type: 'null' } },
    };
    const found = operation(files, { openapi: 'api.yaml', catalog: { 'https://example.org/a.yaml': 'a.yaml' } });
    expect(errorsOf(found, 1)).toEqual([' type']);
  });

  it('2: refers to nothing that its own file lacks', () => {
    expect(build({ 'api.yaml': api({ '/a': post({ $ref: '#/components/schemas/No' }) }) }).problems).toEqual([
      '"#/components/schemas/No" in api.yaml points at nothing',
    ]);
  });

  it('2: is no circle of references', () => {
    const responses = { a: { $ref: '#/components/responses/a' } };
    const described = api({ '/a': post({}, { responses: { 200: responses.a } }) }, { responses });
    expect(build({ 'api.yaml': described }).problems).toEqual([
      '"#/components/responses/a" in api.yaml points at itself',
    ]);
  });

  it('2: reads anchors and merge keys, and refuses a bomb of them', () => {
    const merged = 'openapi: 3.0.1\nx: &r {200: {description: ok}}\npaths: {/a: {get: {responses: {<<: *r, 400: {}}}}}';
    expect(Object.keys(operation({ 'api.yaml': merged }).rest?.responses ?? {})).toEqual(['200', '400']);
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join()}]`);
    expect(refused(`openapi: 3.0.1\na0: &a0 x\n${levels.join('\n')}`)).toEqual([
      expect.stringContaining('Excessive alias count'),
    ]);
  });

  it('2: grows by no alias beyond its limit', () => {
    const big = `openapi: 3.0.1\nx: &x [${Array(2_000).fill('1').join()}]\ny: [${Array(900).fill('*x').join()}]`;
    expect(refused(big)).toEqual(['api.yaml: has more than 500000 members and items']);
  });

  it('2: has at most 5 MiB and 200 levels', () => {
    expect(refused(`openapi: 3.0.1\n# ${'x'.repeat(5 * 1024 * 1024)}`)).toEqual(['api.yaml: is longer than 5 MiB']);
    expect(refused(`openapi: 3.0.1\nx: ${'['.repeat(201)}${']'.repeat(201)}`)).toEqual([
      'api.yaml: has more than 200 levels',
    ]);
  });

  it('2: may refer as far as it is long, and not much further', () => {
    const chain = (length: number, last: object, more: object = {}) =>
      Object.fromEntries(
        Array.from({ length }, (_, n) => [
          `s${n}`,
          n === length - 1 ? last : { properties: { next: { $ref: `#/components/schemas/s${n + 1}` } }, ...more },
        ]),
      );
    const body = post({ $ref: '#/components/schemas/s0' });
    const problemsOf = (paths: object, schemas: object) =>
      build({ 'api.yaml': JSON.stringify(api(paths, { schemas })) }).problems;
    expect(problemsOf({ '/a': body }, chain(80, { type: 'null' }))).toEqual([]);
    expect(problemsOf({ '/a': body }, chain(20_000, {}))).toEqual([expect.stringContaining('POST /a, the request')]);
    const wide = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [`/p${n}`, { post: { ...body.post, operationId: `o${n}` } }]),
    );
    expect(problemsOf(wide, chain(2, {}, { description: 'x'.repeat(100_000) }))).toContain(
      'its schemas refer to one another too often',
    );
  });

  it('2: is not another version, and says nothing twice', () => {
    expect(refused('swagger: "2.0"\npaths: {}')).toEqual(['api.yaml: openapi: is none']);
    expect(refused('openapi: 3.0.1\npaths: {}\npaths: {}')).toEqual(['paths stands twice']);
  });
});

describe('a JSON Schema file', () => {
  it('2: may have identifiers that are no URI, and refer to itself by its own', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'https://example.org/s.json',
      definitions: { A: { $id: '#root/a', type: 'string' } },
      properties: {
        a: { $id: '#root/a', $ref: 'https://example.org/s.json#/definitions/A' },
        default: { $ref: 'other.yaml' },
      },
    };
    const operations = [{ name: 'op', profile: 'one-way', jsonSchema: 's.yaml' }] as const;
    const found = operation({ 's.yaml': schema, 'other.yaml': { type: 'integer' } }, { operations });
    expect(errorsOf(found, { a: 1, default: 'x' })).toEqual(['/a type', '/default type']);
  });
});
