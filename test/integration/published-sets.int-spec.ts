import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { SchemaBundle } from '../../src/message/document.js';
import { Fault, type Violation } from '../../src/message/fault.js';
import { openJsonInThread } from '../../src/protocol/json/open.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { buildService } from '../../src/registry/assembly/build-service.js';
import type { ServiceDocument } from '../../src/registry/documents/document-types.js';
import type { Service } from '../../src/registry/model.js';
import { corpus } from '../support/corpus.js';

interface Row {
  readonly file: string;
  readonly schema?: string;
  readonly why?: string;
  readonly xmllint?: string;
  readonly ajv?: string;
}
interface PublishedSet {
  readonly name: string;
  readonly kind: string;
  readonly entry: string;
  readonly more_entries?: readonly string[];
  readonly registration_cases?: readonly { readonly file: string; readonly expect: string }[];
  readonly valid: readonly Row[];
  readonly invalid: readonly Row[];
}

/** Entries beside the registration cases that are no interface to register. */
const REFUSED: Readonly<Record<string, string>> = {
  'xroad-wsdl-registration/admin/error.wsdl': 'swaref.xsd is on the web alone, and the schema uses it',
  'xroad-wsdl-registration/admin/invalid-servicecode-all.wsdl': 'names of operations that are no NCName',
  'xroad-wsdl-registration/admin/invalid-servicecode-colon.wsdl': 'names of elements that are no NCName',
};

/**
 * Rows that xmllint could not judge: the fault or the place by which each is refused. Null: accepted, because the message
 * is valid and the gateway follows no schema hint in it.
 */
const UNJUDGED: Readonly<Record<string, string | null>> = {
  'modi-soap-patterns/invalid/push-response-double-gt.soap.xml': 'envelope-malformed',
  'sdi-trasmissione/invalid/fileSdIAccoglienza-not-b64.body.xml': '/fileSdIAccoglienza/File',
  'hostile-xml/hostile/xxe.xml': 'dtd-forbidden',
  'hostile-xml/hostile/xxe-parameter.xml': 'dtd-forbidden',
  'hostile-xml/hostile/billion-laughs.xml': 'dtd-forbidden',
  'hostile-xml/hostile/quadratic-blowup.xml': 'dtd-forbidden',
  'hostile-xml/hostile/xinclude.xml': '/r/v',
  'hostile-xml/hostile/schemalocation-hint.xml': null,
  'hostile-xml/hostile/deep-nesting.xml': 'too-deep',
  'hostile-xml/hostile/soap-with-dtd.xml': 'dtd-forbidden',
  'hostile-xml/hostile/two-bodies.soap.xml': 'envelope-malformed',
  'hostile-xml/hostile/signature-wrapping.soap.xml': '/Envelope/Body/pay',
  'hostile-xml/hostile/encoding-lie.xml': 'encoding-wrong',
};

/** The interface of the rows that the index gives no schema, because xmllint could not judge them. */
const UNNAMED: Readonly<Record<string, string>> = {
  'modi-soap-patterns/invalid/push-response-double-gt.soap.xml': 'modi-soap-patterns/NONBLOCK_PUSH_erogatore.wsdl',
  'hostile-xml/hostile/': 'hostile-xml/target.xsd',
  'sdi-trasmissione/invalid/': 'sdi-trasmissione/SdIRiceviFile/SdIRiceviFile_v1.0.wsdl',
};

const directory = corpus('schemas') ?? '';
const read = (name: string) => readFileSync(join(directory, name));

interface Registered {
  readonly service: Service;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const registered = new Map<string, Registered>();

/** What a service makes of an interface file as it is published, out of nothing but the files of its set. */
function register(entry: string): Registered {
  const known = registered.get(entry) ?? readInterface(entry);
  registered.set(entry, known);
  return known;
}

function readInterface(entry: string): Registered {
  const root = join(directory, entry.split('/')[0] ?? '');
  const files = new Set(readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => resolve(root, name)));
  const said: Record<'error' | 'warning', string[]> = { error: [], warning: [] };
  const service = buildService(
    { value: documentOf(entry), file: 'service.yaml', absolute: join(directory, 'service.yaml'), line: () => 1 },
    (path) => (files.has(path) ? readFileSync(path) : null),
    ([member], message, _hint, at) => {
      if (member === 'operations' && !at) return;
      const place = at ? `${relative(directory, at.file)}:${at.line}` : '';
      said[at?.severity ?? 'error'].push(`${place} ${message}`);
    },
  );
  return { service, errors: said.error, warnings: said.warning };
}

/** A service document as an operator would write it; an XSD names no operation, so one stands for all. */
function documentOf(entry: string): ServiceDocument {
  const service = { kind: 'service', id: 'Prova', version: 1, title: entry } as const;
  if (entry.endsWith('.wsdl')) return { ...service, wsdl: entry };
  const operation = { name: 'prova', profile: 'one-way' } as const;
  if (entry.endsWith('.json')) return { ...service, operations: [{ ...operation, jsonSchema: entry }] };
  return { ...service, xsd: entry, operations: [{ ...operation, element: { namespace: '', name: 'prova' } }] };
}

/** The published interface of a row, where the index names a file that was derived from it. */
function interfaceOf({ file, schema }: Row, { entry }: PublishedSet): string {
  if (schema === undefined) return UNNAMED[Object.keys(UNNAMED).find((start) => file.startsWith(start)) ?? ''] ?? entry;
  return schema.endsWith('merged/_all.xsd') ? entry : schema.replace(/\.all\.xsd$/, '.wsdl');
}

function bundleOf(row: Row, set: PublishedSet): SchemaBundle {
  const [operation] = register(interfaceOf(row, set)).service.operations;
  const bundle = operation?.jsonSchema ?? operation?.xsd;
  if (!bundle) throw new Error(`no schema for ${row.file}`);
  return bundle;
}

let judged = 0;
/** The violations, or the code of the fault by which the document was refused before its schema was asked. */
function verdict(row: Row, set: PublishedSet): readonly Violation[] | string {
  judged++;
  const order = { schema: bundleOf(row, set), extract: {} };
  const bytes = read(row.file);
  try {
    if (row.file.endsWith('.json')) return openJsonInThread(bytes, XML_LIMITS).examine(order).violations;
    const document = openXmlInThread(bytes, null, XML_LIMITS);
    try {
      return document.examine(order).violations;
    } finally {
      document.close();
    }
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

/** The element that the independent validator named must be the last step, and stand on the line. */
function expectPlace(row: Row, { path, line }: Violation): void {
  if (row.ajv !== undefined) {
    const [, pointer = '', missing] = /^data(\S*) must .*?(?:property '([^']*)')?$/.exec(row.ajv) ?? [];
    expect(path.startsWith(missing === undefined ? pointer : `${pointer}/${missing}`)).toBe(true);
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

const index = directory ? (JSON.parse(read('index.json').toString()) as PublishedSet[]) : [];
const sets = index.filter(({ kind }) => kind === 'wsdl' || kind === 'xsd');
const entriesOf = ({ entry, more_entries = [], registration_cases = [] }: PublishedSet) => [
  ...new Set([entry, ...more_entries, ...registration_cases.map(({ file }) => file)]),
];
let registrations = 0;

if (!directory) it.skip('2: needs the corpus beside the project', () => undefined);
else
  describe('published sets, read as they are published', () => {
    describe.each(sets)('$name', (set) => {
      it.each(entriesOf(set))(
        '2: gives the right verdict on the registration of %s',
        (entry) => {
          registrations++;
          const { errors, warnings } = register(entry);
          const expected = set.registration_cases?.find(({ file }) => file === entry)?.expect ?? 'accept';
          if (expected.startsWith('refuse') || entry in REFUSED) return expect(errors).not.toEqual([]);
          expect(errors).toEqual([]);
          if (expected === 'accept with warnings') expect(warnings).not.toEqual([]);
        },
        30_000,
      );

      it.each(set.valid)('2: accepts $file', (row) => {
        expect(verdict(row, set)).toEqual([]);
      });

      it.each(set.invalid)('2: refuses $file ($why)', (row) => {
        const found = verdict(row, set);
        const first = typeof found === 'string' ? null : (found[0] ?? null);
        if (row.xmllint === undefined && row.ajv === undefined) {
          const outcome = typeof found === 'string' ? found : (first?.path ?? null);
          return expect([row.file, outcome]).toEqual([row.file, UNJUDGED[row.file]]);
        }
        if (!first) throw new Error(`refused by ${String(found)}`);
        expectPlace(row, first);
      });
    });

    it('2: ran every entry and every row of the index', () => {
      const entries = sets.reduce((count, set) => count + entriesOf(set).length, 0);
      const rows = sets.reduce((count, { valid, invalid }) => count + valid.length + invalid.length, 0);
      console.log(
        `published sets: ${registrations} of ${entries} interfaces, ${judged} of ${rows} instances of ${sets.length} sets`,
      );
      expect([sets.length, registrations, judged]).toEqual([18, entries, rows]);
    });
  });
