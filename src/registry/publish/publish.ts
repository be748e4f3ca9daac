import type { InterfaceChange } from '../../compatibility/change.js';
import { readBundle } from '../bundle/bundle.js';
import { checkedDocument } from '../documents/check-shape.js';
import type { ServiceDocument } from '../documents/document-types.js';
import {
  checkAgainst,
  checkInterface,
  mainFile,
  type Checked,
  type InterfaceReport,
  type WrittenAs,
} from './interface-check.js';
import { inSlot } from './interface-thread.js';
import { reason } from '../interface/interface-files.js';
import { TRANSFER_LIMITS } from '../interface/interface-limits.js';
import { isObject, parseYaml, requireSize, YamlError } from '../interface/json/json-documents.js';
import { statusOf } from '../lifecycle.js';
import type { Service } from '../model.js';
import { contentOf, portable, type PortableDocument } from '../documents/portable.js';
import { RegistryError, type Registry, type RegistryProblem } from '../registry.js';
import { keyOf, keyText, type Decision, type Documents } from '../registry-store.js';

/** What the sender of a bundle says of the service; each wins over what a service document in the bundle says. */
export interface PublicationOrder {
  readonly id?: string;
  readonly version?: number;
  readonly title?: string;
  readonly owner?: string;
}

export interface Publication {
  readonly document: ServiceDocument;
  readonly report: InterfaceReport;
  /** Against the newest version that can be called; null where there is none, or a warning of the report says why not. */
  readonly compatibility: readonly InterfaceChange[] | null;
  readonly decide: (documents: Documents) => Decision;
}

const DOCUMENTS = ['service.yaml', 'service.yml', 'service.json'];

/**
 * Reads and checks a bundle (ZIP) as a draft of a service version. Throws RegistryError with every problem of the bundle and
 * its interface, overloaded where too many are being checked.
 */
export async function publicationOf(
  archive: Buffer,
  order: PublicationOrder,
  registry: Registry,
  deadlineMs?: number,
): Promise<Publication> {
  const { given, isTitled, files, before, checked } = await inSlot(async () => {
    const files = new Map(await readBundle(archive));
    const { document: given, writtenAs, isTitled } = serviceDocument(files, order);
    const before = versionBefore(given, registry);
    const checked = await checkAgainst(before, { document: given, files, writtenAs }, deadlineMs);
    return { given, isTitled, files, before, checked };
  });
  const { report } = checked;
  const title = isTitled ? given.title : (report.title ?? before?.title ?? given.title);
  const document = { ...given, title };
  const errors = report.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new RegistryError(errors);
  const used = new Map(report.documents.map((path) => [path, files.get(path) as Buffer]));
  return { document, ...compared(document, before, checked), decide: drafting(document, used) };
}

/**
 * Compiles the interface of every service that the inputs would make or change, one after the other. Gives the errors,
 * each with the service's name before its file.
 */
export async function interfaceProblems(
  inputs: readonly PortableDocument[],
  decision: Decision,
): Promise<readonly RegistryProblem[]> {
  const changing = new Set(decision.edits.flatMap(({ key, after }) => (after ? [keyText(key)] : [])));
  const problems: RegistryProblem[] = [];
  for (const { document, files } of inputs) {
    if (document.kind !== 'service' || !changing.has(keyText(keyOf(document)))) continue;
    const report = await inSlot(() => checkInterface(document, files));
    for (const { severity, file, ...rest } of report.problems)
      if (severity === 'error') problems.push({ file: `${keyText(keyOf(document))}: ${file}`, ...rest });
  }
  return problems;
}

/** The newest other version that can be called. */
function versionBefore({ id, version }: ServiceDocument, registry: Registry): Service | null {
  const newest = registry.versions(id).findLast((one) => one !== version);
  return (newest === undefined ? undefined : registry.service(id, newest)) ?? null;
}

/** A comparison that came to nothing is a warning, and the interface is taken. */
function compared(
  document: ServiceDocument,
  before: Service | null,
  { report, changes }: Checked,
): Pick<Publication, 'report' | 'compatibility'> {
  if (typeof changes !== 'string') return { report, compatibility: changes };
  const warning = {
    severity: 'warning' as const,
    file: mainFile(document),
    line: 1,
    message: `it could not be compared with v${before?.version}: the comparison ${changes}`,
    hint: 'it is taken nevertheless; compare the versions before you publish it',
  };
  return { report: { ...report, problems: [...report.problems, warning] }, compatibility: null };
}

function drafting(document: ServiceDocument, files: ReadonlyMap<string, Buffer>): Publication['decide'] {
  const placed = new Map([...files].map(([path, one]) => [`/${path}`, one]));
  const { content, bytes } = contentOf(portable(document, '/', placed));
  const key = keyOf(document);
  return (documents) => {
    const before = documents.get(keyText(key));
    if (before) requireDraft(before.document as ServiceDocument, documents);
    return { edits: [{ key, after: content, applied: before?.applied ?? null }], files: bytes };
  };
}

/** Throws RegistryError with the number that the new interface can have. */
function requireDraft(document: ServiceDocument, documents: Documents): void {
  const { id, version } = document;
  if (statusOf(document) === 'draft') return;
  const versions = [...documents.values()].flatMap(({ key }) =>
    key.kind === 'service' && key.id === id ? key.version : [],
  );
  throw refusal(
    keyText(keyOf(document)),
    `${id} v${version} is ${statusOf(document)}: its interface cannot change`,
    `publish it as a new version: ${Math.max(...versions) + 1}`,
  );
}

interface Given {
  readonly document: ServiceDocument;
  readonly writtenAs: WrittenAs | null;
  /** False where the title is only the id. */
  readonly isTitled: boolean;
}

/** Takes the service document out of the files, or makes one. Throws RegistryError. */
function serviceDocument(files: Map<string, Buffer>, order: PublicationOrder): Given {
  const name = DOCUMENTS.find((one) => files.has(one));
  const bytes = name === undefined ? undefined : files.get(name);
  const written = name === undefined || !bytes ? interfaceIn(files) : readDocument(name, bytes);
  if (name !== undefined) files.delete(name);
  return {
    document: ordered(name ?? '', written, order),
    writtenAs: name === undefined || !bytes ? null : { file: name, text: bytes.toString('utf8') },
    isTitled: order.title !== undefined || written['title'] !== undefined,
  };
}

function ordered(file: string, written: Record<string, unknown>, order: PublicationOrder): ServiceDocument {
  const document: Record<string, unknown> = {
    title: order.id ?? written['id'],
    ...written,
    kind: 'service',
    ...order,
    status: 'draft',
  };
  requireKey(file, document);
  const key = { kind: 'service' as const, id: String(document['id']), version: Number(document['version']) };
  return checkedDocument(document, key) as ServiceDocument;
}

function requireKey(file: string, document: Readonly<Record<string, unknown>>): void {
  const lacking = ['id', 'version'].filter((member) => document[member] === undefined);
  if (lacking.length === 0) return;
  throw refusal(
    file,
    `nothing says the ${lacking.join(' and ')} of the service`,
    'give --id and --service-version (over HTTP ?id= and &version=), or add a service.yaml with id:, version: and title:',
  );
}

function readDocument(name: string, bytes: Buffer): Record<string, unknown> {
  try {
    const { documentBytes } = TRANSFER_LIMITS;
    if (bytes.length > documentBytes) throw new Error(`is longer than ${documentBytes / 1024} KiB`);
    const { value } = parseYaml(bytes.toString('utf8'), false);
    requireSize(value);
    if (isObject(value)) return value;
    throw new Error('it is no map');
  } catch (error) {
    const [line, said] = error instanceof YamlError ? [error.line, error.said] : [1, reason(error)];
    throw refusal(name, said, 'write it like a service in registry.schema.json', line);
  }
}

/** The only WSDL or OpenAPI description of a bundle without a service document. */
function interfaceIn(files: ReadonlyMap<string, Buffer>): Record<string, unknown> {
  const names = [...files.keys()];
  const wsdls = names.filter((name) => /\.wsdl$/i.test(name));
  const openapis = names.filter((name) => isOpenApi(name, files.get(name) as Buffer));
  if (wsdls.length <= 1 && openapis.length <= 1 && wsdls.length + openapis.length > 0)
    return { ...(wsdls[0] && { wsdl: wsdls[0] }), ...(openapis[0] && { openapi: openapis[0] }) };
  const found = [...wsdls, ...openapis];
  const message =
    found.length === 0
      ? 'the bundle has no WSDL and no OpenAPI description'
      : `the bundle has several interfaces: ${found.join(', ')}`;
  throw refusal('', message, 'add a service.yaml that names wsdl:, openapi: or xsd: and the operations');
}

/** Looks at each line once: nothing in the pattern goes over the end of a line. */
const isOpenApi = (name: string, bytes: Buffer) =>
  /\.(ya?ml|json)$/i.test(name) &&
  /^[ \t]*(?:\{[ \t]*)?["']?openapi["']?[ \t]*:/m.test(bytes.toString('utf8', 0, 4_096));

const refusal = (file: string, message: string, hint: string, line = 1) =>
  new RegistryError([{ file, line, message, hint }]);
