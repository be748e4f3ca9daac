import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Fault, type Violation } from '../../src/message/fault.js';
import type { Receipt } from '../../src/message/receipt.js';
import { acceptedAsJson, problem } from '../../src/protocol/answer.js';
import { refusedInSoap } from '../../src/protocol/soap/refused.js';
import { schemaBundle } from '../../src/registry/interface/document-names.js';
import type { SchemaBundle } from '../../src/message/document.js';
import { openJsonInThread } from '../../src/protocol/json/open.js';
import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { diskFiles } from '../../src/registry/interface/disk-files.js';
import { interfaceFiles, type InterfaceFiles } from '../../src/registry/interface/interface-files.js';
import { jsonSchemaBundle } from '../../src/registry/interface/json/json-bundle.js';
import type { Registry } from '../../src/registry/registry.js';

const AREAS = ['anagrafe', 'tributi', 'protocollo', 'suap'] as const;
const SERVICES = {
  anagrafe: 'VariazioneAnagrafica',
  tributi: 'PosizioneTributaria',
  protocollo: 'InoltroProtocollo',
  suap: 'PraticaSuap',
} as const;

interface Instance {
  readonly file: string;
  readonly message: string;
  /** Of an invalid one: where its error is. */
  readonly path?: string;
  readonly line?: number;
  readonly rule?: string;
}

interface Index {
  readonly valid: readonly Instance[];
  readonly invalid: readonly Instance[];
}

const folder = (area: string) => join('schemas', area, '1.0');
const indexOf = (area: string) => JSON.parse(readFileSync(join(folder(area), 'examples/index.json'), 'utf8')) as Index;

const files: InterfaceFiles = interfaceFiles({
  directory: '.',
  catalog: {},
  read: diskFiles().read,
  problem: (message) => {
    throw new Error(message);
  },
});

let registry: Registry;
beforeAll(async () => {
  registry = await createFileRegistry({ directory: 'examples/registry', env: {} }).reload();
});

function violationsOf(area: (typeof AREAS)[number], { file, message }: Instance): readonly Violation[] {
  const bytes = readFileSync(join(folder(area), 'examples', file));
  return file.endsWith('.xml')
    ? xmlViolations(bytes, registry.service(SERVICES[area], 1)?.operations[0]?.xsd ?? null)
    : jsonViolations(bytes, jsonSchemaBundle(join(folder(area), `${message}.schema.json`), files));
}

function xmlViolations(bytes: Buffer, schema: SchemaBundle | null): readonly Violation[] {
  const document = openXmlInThread(bytes, null, XML_LIMITS);
  try {
    return document.examine({ schema, extract: {} }).violations;
  } finally {
    document.close();
  }
}

/** In XML line and column are those of the start tag that the path names; in JSON they are within the text. */
function standsThere(area: (typeof AREAS)[number], { file }: Instance, { path, line, column }: Violation): boolean {
  const lines = readFileSync(join(folder(area), 'examples', file), 'utf8').split('\n');
  const rest = lines[(line ?? 0) - 1]?.slice((column ?? 0) - 1) ?? '';
  if (file.endsWith('.json')) return /^\S/.test(rest);
  const element = path
    .replace(/\/@.*/, '')
    .replace(/\[\d+\]$/, '')
    .split('/')
    .at(-1);
  return /^<(?:[\w-]+:)?([\w.-]+)[\s/>]/.exec(`${rest} `)?.[1] === element;
}

const jsonViolations = (bytes: Buffer, schema: SchemaBundle | null) =>
  openJsonInThread(bytes, XML_LIMITS).examine({ schema, extract: {} }).violations;

describe.each(AREAS)('the published schemas of %s', (area) => {
  const { valid, invalid } = indexOf(area);

  it.each(valid.map((instance) => [instance.file, instance] as const))('3: accept %s', (_, instance) => {
    expect(violationsOf(area, instance)).toEqual([]);
  });

  it.each(invalid.map((instance) => [instance.file, instance] as const))(
    '3: refuse %s where it is wrong',
    (_, instance) => {
      const violations = violationsOf(area, instance);
      const places = violations.map(({ path }) => path);
      const wanted = instance.path ?? 'no path in the index';
      expect(places.some((path) => path === wanted || path.startsWith(`${wanted}/`))).toBe(true);
      expect(violations.map((violation) => standsThere(area, instance, violation))).not.toContain(false);
      if (instance.line !== undefined) expect(violations[0]?.line).toBe(instance.line);
    },
  );

  it('3: have an example of every message, in XML and in JSON', () => {
    const elements = [
      ...readFileSync(join(folder(area), `${area}.xsd`), 'utf8').matchAll(/^ {2}<xs:element name="(\w+)"/gm),
    ];
    const shown = new Set(valid.map(({ file }) => file));
    const wanted = elements.flatMap(([, name]) => [`${name}.xml`, `${name}.json`]);
    expect(wanted.filter((file) => !shown.has(file))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(0);
  });

  it('3: agree with xmllint, an independent validator', () => {
    const verdicts = [...valid.map((one) => ({ ...one, status: 0 })), ...invalid.map((one) => ({ ...one, status: 3 }))]
      .filter(({ file }) => file.endsWith('.xml'))
      .map(({ file, status }) => {
        const instance = join(folder(area), 'examples', file);
        const { status: found } = spawnSync('xmllint', [
          '--noout',
          '--nonet',
          '--schema',
          join(folder(area), `${area}.xsd`),
          instance,
        ]);
        return { file, status, found };
      });
    expect(verdicts.filter(({ status, found }) => status !== found)).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(2);
  });

  it('3: say the same paths in OpenAPI as the registry does', () => {
    const openapi = parse(readFileSync(join(folder(area), 'openapi.yaml'), 'utf8')) as {
      openapi: string;
      paths: Record<string, { post?: { operationId: string } }>;
    };
    // What is only read there is the status of a polled operation, which the gateway itself answers.
    const published = Object.entries(openapi.paths).flatMap(([path, { post }]) =>
      post ? [{ name: post.operationId, path }] : [],
    );
    const operations = registry.service(SERVICES[area], 1)?.operations ?? [];
    expect(openapi.openapi).toMatch(/^3\.1\./);
    expect(published).toEqual(operations.map(({ name, rest }) => ({ name, path: rest?.path })));
  });
});

describe('the published interfaces', () => {
  it('3: are read by an independent SOAP client, with both versions of SOAP and the typed fault', () => {
    const script = `
import sys, zeep
for path in sys.argv[1:]:
    client = zeep.Client(path)
    for service in client.wsdl.services.values():
        for name, port in service.ports.items():
            for operation in port.binding._operations.values():
                print(name, operation.name, operation.input.body.type is not None, ','.join(operation.faults))
`;
    const wsdls = AREAS.map((area) => join(folder(area), `${SERVICES[area]}.wsdl`));
    const said = execFileSync('/usr/bin/python3', ['-c', script, ...wsdls], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(said).toHaveLength(18);
    expect(said.filter((line) => line.includes(' echo '))).toHaveLength(8);
    expect(said).toContain('InoltroProtocolloSoap12 confermaProtocollazione True errore');
    expect(said.every((line) => line.endsWith('True errore'))).toBe(true);
  });

  it('3: are listed with version and sha256', () => {
    expect(spawnSync(process.execPath, ['scripts/manifest.mjs', '--check'], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it.each(['accepted', 'problem', 'receipt'] as const)('3: describe the JSON that the gateway answers: %s', (name) => {
    const bundle = jsonSchemaBundle('schemas/crocevia/1.0/gateway.schema.json', files);
    const documents = { ...bundle?.documents, entry: JSON.stringify({ $ref: `gateway.schema.json#/$defs/${name}` }) };
    const validate = (value: unknown) =>
      jsonViolations(Buffer.from(JSON.stringify(value)), schemaBundle('json-schema', 'entry', documents));
    expect(validate(ANSWERS[name])).toEqual([]);
    expect(validate({})).not.toEqual([]);
  });

  it.each(['soap11', 'soap12'] as const)('3: describe the errore of a %s fault', (version) => {
    const { body } = refusedInSoap(FAULT, version, CONTEXT);
    const errore = /<g:errore[^]*<\/g:errore>/.exec(String(body))?.[0] ?? '';
    const xsd = readFileSync('schemas/crocevia/1.0/gateway.xsd', 'utf8');
    const schema = schemaBundle('xsd', 'gateway.xsd', { 'gateway.xsd': xsd });
    expect(xmlViolations(Buffer.from(errore), schema)).toEqual([]);
    expect(errore).toContain('violazione>');
  });
});

const CONTEXT = {
  statusUrl: 'https://gateway.example/messages/1',
  acknowledged: true,
  id: '1',
  language: 'it',
} as const;
const VIOLATION = {
  path: '/a/b',
  line: 3,
  column: 9,
  rule: 'pattern',
  expected: '[0-9]{5}',
  found: '6703',
  message: 'no',
};
const FAULT = new Fault('schema-violation', {
  detail: 'one error',
  place: '/a/b, line 3',
  expected: '[0-9]{5}',
  violations: [VIOLATION, { ...VIOLATION, line: null, column: null, found: null }],
  truncated: true,
});
const RECEIPT: Receipt = {
  kind: 'refused',
  id: '1',
  messageId: 'a',
  correlationId: 'a',
  receiver: 'c_i804',
  at: '2026-11-23T09:15:00.000Z',
  fault: FAULT.toRecord(),
};
const ACCEPTANCE = {
  duplicate: false,
  message: { id: '1', messageId: 'a', correlationId: 'a', acceptedAt: new Date() },
};
const ANSWERS = {
  accepted: JSON.parse(String(acceptedAsJson(ACCEPTANCE, CONTEXT).body)) as unknown,
  problem: JSON.parse(String(problem(FAULT, CONTEXT).body)) as unknown,
  receipt: RECEIPT,
};
