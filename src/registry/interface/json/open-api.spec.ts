import type { Operation } from '../../model.js';
import { build, api, post, errorsOf, operation } from '../../../../test/support/open-api-operations.js';

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
