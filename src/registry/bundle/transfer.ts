import { posix } from 'node:path';
import { stringify, type Pair } from 'yaml';
import { packBundle, readBundle } from './bundle.js';
import type { RegistryDocument, ServiceDocument } from '../documents/document-types.js';
import type { Noted, Written } from '../documents/documents.js';
import { TRANSFER_LIMITS } from '../interface/interface-limits.js';
import { rewritten, type PortableDocument } from '../documents/portable.js';
import { keyOf, keyText } from '../registry-store.js';
import { RegistryError, type RegistryProblem } from '../registry.js';
import { documentsIn } from './transfer-documents.js';

/** File at the root of an archive -> the kind of the documents in it. */
const KINDS = {
  'participants.yaml': 'participant',
  'systems.yaml': 'system',
  'agreements.yaml': 'agreement',
  'operators.yaml': 'operator',
  'issuers.yaml': 'issuer',
} as const;

const SERVICES = 'services/';
const IN_FOLDER = 'service.yaml';

/**
 * A ZIP of the documents that can be unpacked, read and changed: one YAML file for each kind, and a folder
 * `services/{id}-v{version}` with `service.yaml` beside the interface files. The same documents give the same bytes.
 */
export async function packTransfer(inputs: readonly PortableDocument[]): Promise<Buffer> {
  const documents = inputs.map(({ document }) => document).sort((a, b) => (a.id < b.id ? -1 : 1));
  const files = new Map<string, Buffer>();
  for (const [file, kind] of Object.entries(KINDS))
    files.set(file, yamlOf(documents.filter((one) => one.kind === kind)));
  for (const input of inputs) if (input.document.kind === 'service') addService(input.document, input.files, files);
  return packBundle(files);
}

/** A ZIP of one service as `packTransfer` lays it out: its document beside its interface files. */
export function packService(document: ServiceDocument, own: PortableDocument['files']): Promise<Buffer> {
  const files = new Map<string, Buffer>();
  addService(document, own, files);
  return packBundle(files);
}

/** Where an interface file is itself named service.yaml, the document stands beside the folder: `{id}-v{version}.yaml`. */
function addService(document: ServiceDocument, own: PortableDocument['files'], files: Map<string, Buffer>): void {
  const name = `${document.id}-v${document.version}`;
  for (const [path, bytes] of own) files.set(`${SERVICES}${name}/${path}`, bytes);
  if (own.has(IN_FOLDER))
    files.set(`${SERVICES}${name}.yaml`, yamlOf([rewritten(document, (path) => `${name}/${path}`)]));
  else files.set(`${SERVICES}${name}/${IN_FOLDER}`, yamlOf([document]));
}

const FIRST = ['kind', 'id', 'version', 'name', 'title'];
const place = ({ key }: Pair) => {
  const name = typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);
  return `${FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length} ${name}`;
};

/** Members in one order, whatever order a database gave them back in. */
export function yamlText(document: unknown): string {
  const sortMapEntries = (a: Pair, b: Pair) => (place(a) < place(b) ? -1 : 1);
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries });
}

const yamlOf = (documents: readonly RegistryDocument[]): Buffer => Buffer.from(documents.map(yamlText).join('---\n'));

/**
 * The documents of an archive that `packTransfer` made, or that was made by hand in the same layout; it may hold a part of a
 * registry. Each has its shape; what they say of each other and whether interfaces can be read is not looked at. Throws
 * RegistryError with every problem by file and line, BundleError for an archive that cannot be unpacked within
 * TRANSFER_LIMITS.
 */
export async function readTransfer(archive: Buffer): Promise<readonly PortableDocument[]> {
  const files = await readBundle(archive, TRANSFER_LIMITS);
  const problems: RegistryProblem[] = [];
  const note: Noted = (problem) => {
    problems.push(problem);
    if (problems.length >= TRANSFER_LIMITS.problems) throw new RegistryError(problems);
  };
  const { roots, folders } = sorted(files, note);
  const found: Found[] = [];
  for (const [file, bytes] of roots) found.push(...(await readRoot(file, bytes, note)));
  for (const [name, own] of folders) found.push(...(await readFolder(name, own, files, note)));
  requireUnique(found, note);
  if (problems.length > 0) throw new RegistryError(problems);
  return found.map(({ input }) => input);
}

interface Found {
  readonly input: PortableDocument;
  readonly written: Written<RegistryDocument>;
}

/** What stands at the root, and the files of each service by their paths in its folder. */
function sorted(files: ReadonlyMap<string, Buffer>, note: Noted) {
  const roots = new Map<string, Buffer>();
  const folders = new Map<string, Map<string, Buffer>>();
  for (const [path, bytes] of files) {
    const [, name, rest] = /^services\/([^/]+?)(?:\.yaml|\/(.+))$/.exec(path) ?? [];
    if (name !== undefined) {
      const folder = folders.get(name) ?? new Map<string, Buffer>();
      folders.set(name, rest === undefined ? folder : folder.set(rest, bytes));
    } else if (/^[^/]+\.ya?ml$/.test(path)) roots.set(path, bytes);
    else
      note({
        file: path,
        line: 1,
        message: 'has no place in an archive of a registry',
        hint: 'documents are .yaml files at the root, a service is a folder services/NAME with service.yaml in it',
      });
  }
  return { roots, folders };
}

async function readRoot(file: string, bytes: Buffer, note: Noted): Promise<readonly Found[]> {
  const documents = await documentsIn(file, bytes, note);
  return documents.flatMap((written): Found[] => {
    if (written.value.kind !== 'service') return [{ input: { document: written.value, files: new Map() }, written }];
    const message = `service ${written.value.id} stands at the root`;
    note({
      file,
      line: written.line(['kind']),
      message,
      hint: 'a service is services/NAME/service.yaml with its files',
    });
    return [];
  });
}

async function readFolder(
  name: string,
  own: ReadonlyMap<string, Buffer>,
  files: ReadonlyMap<string, Buffer>,
  note: Noted,
): Promise<readonly Found[]> {
  const beside = files.get(`${SERVICES}${name}.yaml`);
  const file = beside ? `${SERVICES}${name}.yaml` : `${SERVICES}${name}/${IN_FOLDER}`;
  const bytes = beside ?? own.get(IN_FOLDER);
  if (!bytes) {
    note({ file, line: 1, message: 'is missing', hint: 'write the document of the service there' });
    return [];
  }
  let noted = false;
  const documents = await documentsIn(file, bytes, (problem) => ((noted = true), note(problem)));
  const [written] = documents;
  if (noted) return [];
  if (!written || documents.length > 1 || written.value.kind !== 'service') {
    note({ file, line: 1, message: 'is not one document of kind: service', hint: 'one folder holds one service' });
    return [];
  }
  const document = beside ? rewritten(written.value, (path) => posix.relative(name, path)) : written.value;
  const interfaceFiles = beside ? own : new Map([...own].filter(([path]) => path !== IN_FOLDER));
  return [{ input: { document, files: interfaceFiles }, written }];
}

function requireUnique(found: readonly Found[], note: Noted): void {
  const first = new Map<string, string>();
  for (const { input, written } of found) {
    const key = keyText(keyOf(input.document));
    const line = written.line(['id']);
    const before = first.get(key);
    if (before === undefined) first.set(key, `${written.file}:${line}`);
    else note({ file: written.file, line, message: `${key} is written twice`, hint: `${before} has it` });
  }
}
