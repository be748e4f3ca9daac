import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SchemaBundle } from '../../src/message/document.js';
import { openJsonInThread } from '../../src/protocol/json/open.js';
import { loadRegistry } from '../../src/registry/assembly/load.js';
import type { Service } from '../../src/registry/model.js';
import { RegistryError } from '../../src/registry/registry.js';
import { corpus } from '../support/corpus.js';

interface Instance {
  readonly file: string;
  /** A JSON Schema file, or `file#/components/schemas/Name` of an OpenAPI description. */
  readonly schema: string;
  /** What ajv says of an invalid one, `data/a/b must be ...`. */
  readonly ajv?: string;
}

interface SchemaSet {
  readonly name: string;
  readonly kind: string;
  readonly entry: string;
  readonly more_entries: readonly string[];
  readonly valid: readonly Instance[];
  readonly invalid: readonly Instance[];
}

const directory = corpus('schemas');
const index = directory ? (JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as SchemaSet[]) : [];
const sets = index.filter(({ kind }) => kind === 'openapi');
const entries = [...new Set(sets.flatMap(({ entry, more_entries }) => [entry, ...more_entries]))];
const LIMITS = { maxDepth: 100, maxNodes: 100_000 };

const REMOTE = 'https://raw.githubusercontent.com/AgID/specifiche-tecniche-DPR-160-2010/json-schema';
const missing = (name: string) => `"${REMOTE}/${name}" in instance-descriptor-schema.yaml is not at hand`;

/** What the publisher got wrong: refused, and why. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  // A brace too many: no address can be made of this path.
  'suap-ssu-openapi/openAPI/catalogo-ssu_meta.yaml': [
    '"/competent-administration/{competent_administration_ipacode}/{competent_administration_code}/{competent_administration_version}}/third-party-system" is no path template',
  ],
  // A quotation mark is missing in line 222: this is no YAML.
  'suap-ssu-openapi/openAPI/ri_to_bo.yaml': ['Missing closing "quote'],
  // Three documents stand on the web only, and nothing is fetched; with a catalog they are found (below).
  'suap-ssu-openapi/json-schema/instance-descriptor-schema.yaml': [
    ...['cui-schema.yaml', 'times-schema.yaml', 'administration-schema.yaml'].map(missing),
    `JSON Schema instance-descriptor-schema.yaml refers to what is not there: ${['cui', 'times', 'administration']
      .map((name) => `${REMOTE}/${name}-schema.yaml`)
      .join(', ')}`,
  ],
};

/** The service that publishes one entry; a list of problems where it is refused. */
function publish(entry: string, more: object = {}): Service | readonly string[] {
  const path = join(directory ?? '', entry);
  const operation = { name: 'deposita', profile: 'one-way', jsonSchema: path };
  const published = entry.includes('/json-schema/') ? { operations: [operation] } : { openapi: path };
  const registry = mkdtempSync(join(tmpdir(), 'crocevia-openapi-'));
  try {
    writeFileSync(
      join(registry, 'service.yaml'),
      stringify({ kind: 'service', id: 'S', version: 1, title: 'S', ...published, ...more }),
    );
    return loadRegistry(registry, {}).registry.services()[0] as Service;
  } catch (error) {
    if (error instanceof RegistryError)
      return error.problems.map(({ message }) => message.replace(/^\S+, line \d+: /, ''));
    throw error;
  } finally {
    rmSync(registry, { recursive: true });
  }
}

/** The bundle of the schema that the index names, out of the published service. */
function schemaOf(name: string): SchemaBundle {
  const [file = '', pointer] = name.split('#', 2);
  const service = publish(file);
  if (!('operations' in service)) throw new Error(service.join('\n'));
  const bundle = service.operations[0]?.jsonSchema;
  if (!bundle) throw new Error(`${name} has no schema`);
  if (pointer === undefined) return bundle;
  // The operation's body is this component and nothing else.
  const { $ref } = JSON.parse(bundle.documents[bundle.entry] ?? '') as Record<string, unknown>;
  expect($ref).toBe(`#/$defs/1-${pointer.split('/').at(-1)}`);
  return bundle;
}

const violationsOf = ({ file, schema }: Instance) =>
  openJsonInThread(readFileSync(join(directory ?? '', file)), LIMITS).examine({ schema: schemaOf(schema), extract: {} })
    .violations;

/** `data/a must have required property 'b'` -> `/a/b`. */
function placeIn(ajv: string): string {
  const [, place = '', member] = /^data(\S*) must (?:have required property '(.*)')?/.exec(ajv) ?? [];
  return member === undefined ? place : `${place}/${member}`;
}

(directory ? describe : describe.skip)('published OpenAPI descriptions of public bodies', () => {
  it('2: registers every entry but those that their publishers got wrong', () => {
    const verdicts = entries.map((entry) => [entry, publish(entry)] as const);
    const refused = verdicts.filter(([, service]) => !('operations' in service));
    const operations = verdicts.flatMap(([, service]) => ('operations' in service ? service.operations : []));
    console.log(`${entries.length} entries, ${refused.length} refused, ${operations.length} operations`);
    expect(Object.fromEntries(refused.map(([entry, problems]) => [entry, [...(problems as string[])].sort()]))).toEqual(
      Object.fromEntries(Object.entries(REFUSED).map(([entry, problems]) => [entry, [...problems].sort()])),
    );
    expect(entries).toHaveLength(25);
    expect(operations).toHaveLength(52);
  });

  it('2: registers what the publisher got wrong elsewhere once the document lists what it needs', () => {
    const service = publish('suap-ssu-openapi/openAPI/catalogo-ssu_meta.yaml', {
      operations: [{ name: 'get_typologies-lifeevents' }],
    });
    expect(service).toMatchObject({
      operations: [{ profile: 'query', rest: { method: 'GET', path: '/typologies-lifeevents' }, jsonSchema: null }],
    });
  });

  it('2: finds documents published elsewhere in the catalog', () => {
    const catalog = Object.fromEntries(
      ['cui', 'times', 'administration'].map((name) => [
        `${REMOTE}/${name}-schema.yaml`,
        join(directory ?? '', `suap-ssu-openapi/json-schema/${name}-schema.yaml`),
      ]),
    );
    const service = publish('suap-ssu-openapi/json-schema/instance-descriptor-schema.yaml', { catalog });
    const [operation] = 'operations' in service ? service.operations : [];
    expect(Object.keys(operation?.jsonSchema?.documents ?? {}).sort()).toEqual([
      'administration-schema.yaml',
      'cui-schema.yaml',
      'instance-descriptor-schema.yaml',
      'times-schema.yaml',
    ]);
  });

  it('2: accepts every valid instance and refuses every invalid one at its place', () => {
    const valid = sets.flatMap((set) => set.valid);
    const invalid = sets.flatMap((set) => set.invalid);
    const refused = valid.map((one) => [one.file, violationsOf(one)]).filter(([, found]) => found?.length !== 0);
    const elsewhere = invalid
      .map((one) => [one.file, placeIn(one.ajv ?? ''), violationsOf(one).map(({ path }) => path)] as const)
      .filter(([, place, found]) => !found.includes(place));
    console.log(`${valid.length} valid and ${invalid.length} invalid instances of ${sets.length} sets`);
    expect(refused).toEqual([]);
    expect(elsewhere).toEqual([]);
    expect([sets.length, valid.length, invalid.length]).toEqual([2, 5, 6]);
  });
});
