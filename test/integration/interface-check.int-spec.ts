import { XS, xsd, service, checkXsd, check, said, M } from './interface-files.js';

describe('a published schema, checked', () => {
  it('2: tells operations, the files used and the files left', async () => {
    const report = await checkXsd(
      {
        'main.xsd': M('<xs:include schemaLocation="../prova/sotto/parte%20due.xsd"/>'),
        'sotto/parte due.xsd': xsd('urn:m', ''),
        'leggimi.txt': 'niente',
        'prova.schema.json': '{"type":"object"}',
      },
      {
        xsd: 'main.xsd',
        operations: [
          {
            name: 'invia',
            profile: 'one-way',
            element: { namespace: 'urn:m', name: 'm' },
            rest: { method: 'POST', path: '/m' },
            eventType: 'it.m',
            jsonSchema: 'prova.schema.json',
          },
        ],
      },
    );
    expect(said(report)).toEqual(['error main.xsd:1 "../prova/sotto/parte%20due.xsd" in main.xsd is not at hand']);
    const right = await checkXsd({
      'main.xsd': M('<xs:include schemaLocation=" sotto\\parte%20due.xsd "/>'),
      'sotto/parte due.xsd': xsd('urn:m', '<xs:include schemaLocation="../main.xsd"/>'),
      'leggimi.txt': 'niente',
    });
    expect(right).toEqual({
      problems: [],
      operations: [
        {
          name: 'invia',
          profile: 'one-way',
          soapAction: null,
          element: { namespace: 'urn:m', name: 'm' },
          rest: null,
          eventType: null,
          input: 'xsd',
        },
      ],
      documents: ['main.xsd', 'sotto/parte due.xsd'],
      unused: ['leggimi.txt'],
      title: null,
    });
    expect(report.operations).toMatchObject([{ input: 'both', rest: { path: '/m' }, eventType: 'it.m' }]);
  });

  it.each([
    ['an absolute path', '/etc/passwd'],
    ['a file: address', 'file:///etc/hostname'],
    ['a drive', 'C:\\temp\\a.xsd'],
    ['a network share', '\\\\server\\a.xsd'],
    ['an address of the web', 'https://a.example/a.xsd'],
    ['an address without a scheme', '//a.example/a.xsd'],
    ['a path out of the bundle', '../../../../../../etc/passwd'],
    ['an encoded path out of the bundle', '..%2f..%2f..%2fetc/passwd'],
    ['a path out of the bundle and back', '../bundle/../../etc/hostname'],
  ])('2: refuses %s and never reads it', async (_, location) => {
    const report = await checkXsd({ 'main.xsd': M(`\n<xs:include schemaLocation="${location}"/>`) });
    expect(said(report)).toEqual([`error main.xsd:2 "${location}" in main.xsd is not at hand`]);
    expect(report.documents).toEqual(['main.xsd']);
  });

  it.each(['/etc/passwd', '../main.xsd', 'file:///etc/passwd'])(
    '2: refuses the path %s of a document',
    async (path) => {
      const report = await checkXsd({ 'main.xsd': M('') }, { xsd: path });
      expect(report.problems).toMatchObject([{ severity: 'error', message: expect.stringMatching(/cannot be read/) }]);
      expect(report.documents).toEqual([]);
    },
  );

  it('2: names every missing document once, with the file and line that wants it', async () => {
    const report = await checkXsd({
      'main.xsd': M(`
        <xs:import namespace="urn:a" schemaLocation="a.xsd"/>
        <xs:import namespace="urn:b" schemaLocation="http://b.example/b.xsd"/>
        <xs:include schemaLocation="sotto/c.xsd"/>`),
      'sotto/c.xsd': xsd(
        'urn:m',
        '\n\n<xs:import namespace="urn:a" schemaLocation="../a.xsd"/><xs:include schemaLocation="d.xsd"/>',
      ),
    });
    expect(said(report)).toEqual([
      'error main.xsd:2 "a.xsd" in main.xsd is not at hand',
      'error main.xsd:3 "http://b.example/b.xsd" in main.xsd is not at hand',
      'error sotto/c.xsd:3 "d.xsd" in c.xsd is not at hand',
    ]);
    expect(report.problems.every(({ hint }) => hint.length > 10)).toBe(true);
  });

  it('2: says the file and line of what does not compile', async () => {
    const report = await checkXsd({
      'main.xsd': M('<xs:import namespace="urn:a" schemaLocation="sotto/a.xsd"/>'),
      'sotto/a.xsd': `<?xml version="1.0"?>\n<!-- a\n -->\n${xsd(
        'urn:a',
        '\n<xs:element\n  name="a"\n  type="Nessuno"/>\n<xs:complexType name="T"><xs:sequence><xs:element ref="b"/></xs:sequence></xs:complexType>',
      )}`,
    });
    expect(report.problems.map(({ file, line }) => `${file}:${line}`)).toEqual(['sotto/a.xsd:7', 'sotto/a.xsd:8']);
    expect(said(report).join()).toMatch(/Nessuno.*does not resolve/);
  });

  it.each([
    ['that is not well-formed', '<xs:schema>\n<xs:element', 'a.xsd:1 prefix xs is not declared'],
    ['with an end that is missing', `<s ${XS}>\n<b>`, 'a.xsd:2 <b> does not end'],
    ['that is none', '<?xml version="1.0"?>\n<html/>', 'a.xsd:2 a.xsd is no XML Schema but {}html'],
    ['that is too deep', `<s ${XS}>\n${'<a>'.repeat(300)}${'</a>'.repeat(300)}</s>`, 'a.xsd:2 more than 200 elements'],
    [
      'with an external entity',
      `<!DOCTYPE a [\n<!ENTITY e SYSTEM "b.xsd">]><a/>`,
      'a.xsd:2 a.xsd declares an external',
    ],
    ['with an entity that it uses', `<!DOCTYPE a [<!ENTITY e "x">]>\n<a>&e;</a>`, 'a.xsd:2 a.xsd uses the entity &e;'],
  ])('2: refuses a schema %s at its line', async (_, text, wanted) => {
    const report = await checkXsd({
      'main.xsd': M('<xs:import namespace="urn:a" schemaLocation="a.xsd"/>'),
      'a.xsd': text,
    });
    expect(said(report)).toEqual([expect.stringContaining(`error ${wanted}`)]);
  });

  it('2: says the line of what is no YAML in an OpenAPI description', async () => {
    const report = await check(service({ openapi: 'api.yaml' }), {
      'api.yaml': 'openapi: 3.1.0\ninfo: { title: Prova, version: 1.0.0 }\npaths:\n  /m: { post: {\n',
    });
    expect(said(report)).toEqual([expect.stringMatching(/^error api\.yaml:[45] Flow map/)]);
  });

  const api = (schema: string, more = '') => `openapi: 3.1.0
info: { title: Prova, version: 1.0.0 }
paths:
  /m:
    post:
      operationId: invia
      requestBody:
        content:
          application/json:
            schema:
              ${schema}
      responses: { '202': { description: preso } }
${more}`;

  it.each([
    [
      'points at nothing',
      api(`{ allOf: [{ type: object },\n                {$ref: '#/components/schemas/No'}] }`),
      {},
      'api.yaml:12 "#/components/schemas/No" in api.yaml points at nothing',
    ],
    [
      'points at itself',
      api('{ type: object }', 'components:\n  responses:\n    r:\n      $ref: "#/components/responses/r"\n').replace(
        '{ description: preso }',
        '{ $ref: "#/components/responses/r" }',
      ),
      {},
      'api.yaml:12 "#/components/responses/r" in api.yaml points at itself',
    ],
    [
      'wants a file that is not there',
      api(`$ref: 'sotto/a.json#/A'`),
      {},
      'api.yaml:11 "sotto/a.json" in api.yaml is not at hand',
    ],
    [
      'wants one out of a JSON file',
      api(`$ref: 'a.json#/A'`),
      { 'a.json': '{\n\t"A": {\n\t\t"allOf": [\n\t\t\t{ "$ref": "b.json" }\n\t\t]\n\t}\n}\n' },
      'a.json:4 "b.json" in a.json is not at hand',
    ],
    [
      'has a schema that is none',
      api(`type: object\n              properties: { a: { type: testo } }`),
      {},
      'api.yaml:10 POST /m, the request: ',
    ],
  ])('1: says the line where an OpenAPI description %s', async (_, text, more, wanted) => {
    const report = await check(service({ openapi: 'api.yaml' }), { 'api.yaml': text, ...more });
    expect(said(report)).toEqual([expect.stringContaining(`error ${wanted}`)]);
  });

  it('1: says the line of a $ref in a JSON Schema', async () => {
    const operations = [{ name: 'm', profile: 'one-way' as const, jsonSchema: 'm.json' }];
    const report = await check(service({ operations }), {
      'm.json': '{\n  "type": "object",\n  "properties": {\n    "a": { "$ref": "manca.json" }\n  }\n}\n',
    });
    expect(said(report)).toContain('error m.json:4 "manca.json" in m.json is not at hand');
  });

  it('2: takes a schema with a DOCTYPE that it does not need', async () => {
    const doctype = `<!DOCTYPE xs:schema PUBLIC "-//W3C//DTD XMLSCHEMA 200102//EN" "http://a.example/x.dtd" [<!ENTITY % p ''><!ENTITY d 'urn'>]>`;
    expect(said(await checkXsd({ 'main.xsd': `<?xml version="1.0"?>\n${doctype}\n${M('')}` }))).toEqual([]);
  });
});

describe('the limits of a published interface', () => {
  it('2: ends a compile that takes too long, and names the limit', async () => {
    const groups = Array.from({ length: 30 }, (_, i) => {
      const inner = i === 0 ? '<xs:element name="b"/>' : `<xs:group ref="g${i - 1}"/>`.repeat(2);
      return `<xs:group name="g${i}"><xs:sequence>${inner}</xs:sequence></xs:group>`;
    });
    const main = M(`${groups.join('')}<xs:complexType name="T"><xs:group ref="g29"/></xs:complexType>`);
    const started = performance.now();
    let beats = 0;
    const heart = setInterval(() => beats++, 20);
    const report = await checkXsd({ 'main.xsd': main }, {}, 3_000);
    clearInterval(heart);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(beats).toBeGreaterThan(50);
    expect(said(report)).toEqual([`error main.xsd:1 reading and compiling took too long (expected: under 3 s)`]);
  }, 15_000);

  it('2: ends a huge chain of derivations', async () => {
    const types = Array.from(
      { length: 12_000 },
      (_, i) =>
        `<xs:complexType name="T${i + 1}"><xs:complexContent><xs:extension base="T${i}"><xs:sequence><xs:element name="e${i}" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>`,
    );
    const main = M(`<xs:complexType name="T0"/>${types.join('')}<xs:element name="z" type="T12000"/>`);
    const report = await checkXsd({ 'main.xsd': main }, {}, 3_000);
    expect(said(report)).toEqual([`error main.xsd:1 reading and compiling took too long (expected: under 3 s)`]);
  }, 15_000);

  it('2: refuses more than 500 files and more than 20 MiB without reading them', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}.xsd`, 'x']));
    expect(said(await checkXsd({ 'main.xsd': M(''), ...many }))).toEqual([
      `error main.xsd:1 the interface has 501 files (expected: at most 500)`,
    ]);
    const big = { 'main.xsd': M(''), 'big.bin': ' '.repeat(20 * 1024 * 1024) };
    expect(said(await checkXsd(big))[0]).toMatch(/the interface has \d+ bytes \(expected: at most 20971520\)$/);
  });

  it('2: refuses more than 50 levels of import', async () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [
          i === 0 ? 'main.xsd' : `${i}.xsd`,
          (i === 0 ? M : (body: string) => xsd('urn:m', body))(
            i + 1 < length ? `<xs:include schemaLocation="${i + 1}.xsd"/>` : '',
          ),
        ]),
      );
    expect(said(await checkXsd(chain(51)))).toEqual([]);
    expect(said(await checkXsd(chain(52)))).toEqual([
      `error 51.xsd:1 is more than 50 imports away from the first file`,
    ]);
  });
});
