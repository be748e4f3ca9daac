import type { InterfaceChange } from '../../compatibility/change.js';
import type { Comparable } from '../../compatibility/compare-services.js';
import type { ExchangeProfile, QName } from '../../message/message.js';
import type { ServiceDocument } from '../documents/document-types.js';
import { INTERFACE_LIMITS } from '../interface/interface-limits.js';
import type { InterfaceProblem } from '../interface/interface-problem.js';
import { comparable } from './comparison.js';
import { answersOf, DEADLINE_MS } from './interface-thread.js';

/** One operation of an interface as the gateway would take it. */
export interface CheckedOperation {
  readonly name: string;
  readonly profile: ExchangeProfile;
  readonly soapAction: string | null;
  readonly element: QName | null;
  readonly rest: { readonly method: string; readonly path: string } | null;
  readonly eventType: string | null;
  /** By what its messages are checked; `parameters`: of REST, and it takes no body. */
  readonly input: 'xsd' | 'json-schema' | 'both' | 'parameters';
}

/** What comes of reading and compiling a published interface. It can be used where no problem is an error. */
export interface InterfaceReport {
  /** Sorted by file and line. */
  readonly problems: readonly InterfaceProblem[];
  readonly operations: readonly CheckedOperation[];
  /** Files of the bundle that the interface is made of. */
  readonly documents: readonly string[];
  /** The other files of the bundle. */
  readonly unused: readonly string[];
  /** What the OpenAPI description calls itself; null where it does not, or there is none. */
  readonly title: string | null;
}

/** The file that the service document was read from. */
export interface WrittenAs {
  readonly file: string;
  readonly text: string;
}

/** An interface as it was sent: `files` are the bundle by paths with slashes relative to its root, as those of the document are. */
export interface SentInterface {
  readonly document: ServiceDocument;
  /** Null where it was made of what the sender said. */
  readonly writtenAs: WrittenAs | null;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface CheckTask extends SentInterface {
  readonly what: 'check';
  readonly before: Comparable | null;
}

/** A report, and what the interface changes for those who keep to the version before. */
export interface Checked {
  readonly report: InterfaceReport;
  /** Null where there is nothing before or the interface cannot be used; a text where it could not be compared: why. */
  readonly changes: readonly InterfaceChange[] | string | null;
}

/** As `checkAgainst` with nothing before. */
export async function checkInterface(
  document: ServiceDocument,
  files: ReadonlyMap<string, Buffer>,
  deadlineMs?: number,
): Promise<InterfaceReport> {
  const { report } = await checkAgainst(null, { document, files, writtenAs: null }, deadlineMs);
  return report;
}

/**
 * Reads and compiles the interface of a service out of a bundle, then compares it with the version before, in a thread of
 * its own that is ended where either passes the deadline.
 */
export async function checkAgainst(
  before: Comparable | null,
  sent: SentInterface,
  deadlineMs = DEADLINE_MS,
): Promise<Checked> {
  const { document, files } = sent;
  const refuse = (message: string, hint: string): Checked => ({
    report: refused(files, mainFile(document), message, hint),
    changes: null,
  });
  const tooMuch = beyondLimits(files);
  if (tooMuch !== null) return refuse(tooMuch, 'leave out what the interface does not need');
  const task: CheckTask = { what: 'check', ...sent, before: before && comparable(before) };
  const [report, changes] = await answersOf(task, 2, deadlineMs);
  if (typeof report !== 'string') return { report, changes } as Checked;
  return refuse(
    `reading and compiling ${report}`,
    'make the content models smaller: lower maxOccurs, fewer choices inside choices',
  );
}

/** The file that stands for the whole interface. */
export const mainFile = ({ wsdl, xsd, openapi, operations = [] }: ServiceDocument): string =>
  wsdl ?? xsd ?? openapi ?? operations.find(({ jsonSchema }) => jsonSchema !== undefined)?.jsonSchema ?? '';

function beyondLimits(files: ReadonlyMap<string, Uint8Array>): string | null {
  const { maxFiles, maxBytes } = INTERFACE_LIMITS;
  if (files.size > maxFiles) return `the interface has ${files.size} files (expected: at most ${maxFiles})`;
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return bytes > maxBytes ? `the interface has ${bytes} bytes (expected: at most ${maxBytes})` : null;
}

function refused(files: ReadonlyMap<string, Uint8Array>, file: string, message: string, hint: string): InterfaceReport {
  const problem: InterfaceProblem = { severity: 'error', file, line: 1, message, hint };
  return { problems: [problem], operations: [], documents: [], unused: [...files.keys()].sort(), title: null };
}
