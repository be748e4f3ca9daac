import { stringify } from 'yaml';
import { jsonSchemaOf } from '../../../protocol/json/schema.js';
import { buildService } from '../../assembly/build-service.js';
import type { ServiceDocument } from '../../documents/document-types.js';
import type { Operation } from '../../model.js';

type Files = Readonly<Record<string, string | object>>;

/** A service over files in memory; every problem that was noted. */
function build(files: Files, more: Partial<ServiceDocument> = { openapi: 'api.yaml' }) {
  const problems: string[] = [];
  const read = (path: string) => {
    const file = files[path.slice('/files/'.length)];
    return file === undefined ? null : Buffer.from(typeof file === 'string' ? file : stringify(file));
  };
  const value: ServiceDocument = { kind: 'service', id: 'S', version: 1, title: 'S', ...more };
  const written = { value, file: 'service.yaml', absolute: '/files/service.yaml', line: () => 1 };
  const service = buildService(written, read, (_, message) => problems.push(message));
  return { service, problems };
}

const api = (paths: object, components: object = {}, openapi = '3.0.3') => ({ openapi, paths, components });
const post = (schema: object, more: object = {}) => ({
  post: { operationId: 'invia', requestBody: { content: { 'application/json': { schema } } }, responses: {}, ...more },
});

const errorsOf = ({ jsonSchema }: Pick<Operation, 'jsonSchema'>, value: unknown) => {
  if (!jsonSchema) throw new Error('no schema');
  const validate = jsonSchemaOf(jsonSchema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
};

function operation(files: Files, more?: Partial<ServiceDocument>): Operation {
  const { service, problems } = build(files, more);
  expect(problems).toEqual([]);
  return service.operations[0] as Operation;
}

describe('OpenAPI 3.0 schema objects', () => {
  const one = (schema: object, components: object = {}) =>
    operation({ 'api.yaml': api({ '/a': post(schema) }, components) });

  it('2: nullable widens the type and nothing else', () => {
    const schema = { properties: { a: { type: 'string', nullable: true }, b: { nullable: true, enum: ['x'] } } };
    expect(errorsOf(one(schema), { a: null, b: null })).toEqual(['/b enum']);
  });

  it('2: exclusive bounds that are booleans sharpen minimum and maximum', () => {
    const schema = { minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false };
    expect([1, 2, 5].map((value) => errorsOf(one(schema), value))).toEqual([[' exclusiveMinimum'], [], []]);
  });

  it('2: what stands beside a $ref means nothing', () => {
    const components = { schemas: { A: { type: 'integer' } } };
    expect(errorsOf(one({ $ref: '#/components/schemas/A', maximum: 1 }, components), 7)).toEqual([]);
  });

  it('2: a property may be named like a keyword', () => {
    const schema = {
      properties: { nullable: { type: 'string' }, example: { type: 'integer' }, $id: { type: 'null' } },
    };
    expect(errorsOf(one(schema), { nullable: 1, example: 'x', $id: 1 })).toHaveLength(3);
  });

  it('2: schemas may refer to themselves', () => {
    const components = { schemas: { T: { type: 'object', properties: { t: { $ref: '#/components/schemas/T' } } } } };
    expect(errorsOf(one({ $ref: '#/components/schemas/T' }, components), { t: { t: { t: 1 } } })).toEqual([
      '/t/t/t type',
    ]);
  });

  it('2: a discriminator is left to the alternatives', () => {
    const schema = { oneOf: [{ required: ['a'] }, { required: ['b'] }], discriminator: { propertyName: 'kind' } };
    expect(errorsOf(one(schema), { a: 1, kind: 'x' })).toEqual([]);
  });

  it('2: a pattern that backtracks for years is answered at once', () => {
    expect(errorsOf(one({ type: 'string', pattern: '^(a+)+$' }), `${'a'.repeat(40)}!`)).toEqual([' pattern']);
  });

  it('2: a pattern with look-around is refused with its place', () => {
    const { problems } = build({ 'api.yaml': api({ '/a': post({ pattern: '^(?=a)' }) }) });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^POST \/a, the request: /);
  });
});

describe('OpenAPI 3.1', () => {
  it('2: schemas are JSON Schema 2020-12 as they stand', () => {
    const schema = { $ref: '#/components/schemas/A', exclusiveMinimum: 3 };
    const described = api({ '/a': post(schema) }, { schemas: { A: { type: ['integer', 'null'] } } }, '3.1.0');
    const found = operation({ 'api.yaml': described });
    expect([3, 4, null, 'x'].map((value) => errorsOf(found, value).length)).toEqual([1, 0, 0, 1]);
  });

  it('2: a file in draft-07 is read as such', () => {
    const files = {
      'api.yaml': api({ '/a': post({ $ref: 'old.json#/definitions/pair' }) }, {}, '3.1.0'),
      'old.json': JSON.stringify({
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: '#root',
        definitions: { pair: { $id: '#root/pair', items: [{ type: 'string' }], additionalItems: false } },
      }),
    };
    expect(errorsOf(operation(files), ['x', 1])).toEqual([' items']);
  });

  it('2: an anchor is found', () => {
    const described = api({ '/a': post({ $ref: '#A' }) }, { schemas: { A: { $anchor: 'A', const: 1 } } }, '3.1.0');
    expect(errorsOf(operation({ 'api.yaml': described }), 2)).toEqual([' const']);
  });
});

describe('operations of a description', () => {
  it('2: get name, method, path, parameters and answers', () => {
    const paths = {
      '/pratiche/{id}/': {
        parameters: [{ $ref: '#/components/parameters/id' }, { name: 'v', in: 'query', schema: { type: 'string' } }],
        get: {
          parameters: [{ name: 'v', in: 'query', required: true, content: { 'application/json': { schema: {} } } }],
          responses: {
            200: { content: { 'application/problem+json': {}, 'application/json; charset=utf-8': { schema: {} } } },
            '4XX': { $ref: '#/components/responses/error' },
          },
        },
      },
    };
    const components = {
      parameters: { id: { name: 'id', in: 'path', schema: { type: 'integer' } } },
      responses: { error: { description: 'x' } },
    };
    const found = operation({ 'api.yaml': api(paths, components) });
    expect(found).toMatchObject({
      name: 'get_pratiche_id',
      profile: 'query',
      element: null,
      jsonSchema: null,
      rest: {
        method: 'GET',
        path: '/pratiche/{id}/',
        bodyRequired: false,
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { kind: 'json-schema' } },
          { name: 'v', in: 'query', required: true, schema: { kind: 'json-schema' } },
        ],
        responses: { 200: { kind: 'json-schema' }, '4XX': null },
      },
    });
  });

  it('2: are one-way where a POST is only taken in', () => {
    const profileWith = (...statuses: string[]) => {
      const responses = Object.fromEntries(statuses.map((status) => [status, {}]));
      return operation({ 'api.yaml': api({ '/a': post({}, { responses }) }) }).profile;
    };
    expect([profileWith('202', '400'), profileWith('200', '202'), profileWith('default')]).toEqual([
      'one-way',
      'query',
      'query',
    ]);
  });

  it('2: have a name that an agreement can hold, always the same', () => {
    const path = `/${'segmento-'.repeat(12)}/{id}`;
    const { name } = operation({ 'api.yaml': api({ [path]: { get: { operationId: 'Con spazi', responses: {} } } }) });
    expect(name).toMatch(/^get_segmento-[a-z-]+_[0-9a-f]{8}$/);
    expect(name).toHaveLength(64);
  });

  it('2: do not include what the provider calls', () => {
    const callbacks = { onDone: { '{$request.header.X-ReplyTo}': post({}) } };
    const { service, problems } = build({ 'api.yaml': api({ '/a': post({}, { callbacks }), '/b': null }) });
    expect([problems, service.operations.map(({ name }) => name)]).toEqual([[], ['invia']]);
  });

  it('4: are answered later where they have a callback, or a status that redirects to a result', () => {
    const esito = { type: 'object', required: ['esito'] };
    const media = (schema: object) => ({ content: { 'application/json': { schema } } });
    const callbacks = { onDone: { '{$request.header#/X-ReplyTo}': { post: { requestBody: media(esito) } } } };
    const taken = (more: object) => ({ post: { requestBody: media({}), responses: { '202': {} }, ...more } });
    const polled = {
      '/b': taken({}),
      '/b/{id}': { get: { responses: { '200': {}, '303': {} } } },
      '/b/{id}/result': { get: { responses: { '200': media(esito) } } },
    };
    const { service, problems } = build({
      'api.yaml': api({ '/a': taken({ callbacks }), ...polled, '/c': taken({}) }),
    });
    expect(problems).toEqual([]);
    expect(
      service.operations.map(({ rest, profile, answerSchema }) => [rest?.path, profile, answerSchema !== null]),
    ).toEqual([
      ['/a', 'async-receipt', true],
      ['/b', 'async-polled', true],
      ['/b/{id}', 'query', false],
      ['/b/{id}/result', 'query', false],
      ['/c', 'one-way', false],
    ]);
  });

  it('2: give way to what the service document says', () => {
    const files = {
      'api.yaml': api({ '/a': post({ type: 'string' }), '/b': post({}, { operationId: 'altra' }) }),
      'own.json': '{"type":"integer"}',
    };
    const operations = [
      { name: 'mia', profile: 'async-polled', rest: { method: 'POST', path: '/a' }, jsonSchema: 'own.json' },
    ] as const;
    const { service, problems } = build(files, { openapi: 'api.yaml', operations });
    expect(problems).toEqual([]);
    expect(service.operations).toMatchObject([
      { name: 'mia', profile: 'async-polled', rest: { path: '/a', responses: {} } },
    ]);
    expect(errorsOf(service.operations[0] as Operation, 'x')).toEqual([' type']);
  });

  it('2: are refused where two have one name', () => {
    const { problems } = build({ 'api.yaml': api({ '/a': post({}), '/b': post({}) }) });
    expect(problems).toEqual(['POST /b: the name invia stands twice']);
  });
});

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
