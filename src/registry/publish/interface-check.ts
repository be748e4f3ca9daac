import { Worker } from 'node:worker_threads';
import type { ExchangeProfile, QName } from '../../message/message.js';
import { workerFile } from '../../protocol/worker-file.js';
import type { ServiceDocument } from '../documents/document-types.js';
import { INTERFACE_LIMITS } from '../interface/interface-limits.js';
import type { InterfaceProblem } from '../interface/interface-problem.js';

/** One operation of an interface as the gateway would take it. */
export interface CheckedOperation {
  readonly name: string;
  readonly profile: ExchangeProfile;
  readonly soapAction: string | null;
  readonly element: QName | null;
  readonly rest: { readonly method: string; readonly path: string } | null;
  readonly eventType: string | null;
  /** By which schemas its messages are checked. */
  readonly input: 'xsd' | 'json-schema' | 'both';
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

export interface CheckTask {
  readonly document: ServiceDocument;
  /** Null where it was made of what the sender said. */
  readonly writtenAs: WrittenAs | null;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const DEADLINE_MS = 10_000;

/** MiB of the thread's JavaScript heap. */
const MAX_HEAP_MB = 768;

/**
 * Reads and compiles the interface of a service out of a bundle, in a thread of its own that is ended at the deadline.
 * `files` are the bundle by paths with slashes relative to its root, to which the paths of the document are relative too.
 */
export async function checkInterface(
  document: ServiceDocument,
  files: ReadonlyMap<string, Buffer>,
  deadlineMs = DEADLINE_MS,
  writtenAs: WrittenAs | null = null,
): Promise<InterfaceReport> {
  const file = mainFile(document);
  const tooMuch = beyondLimits(files);
  if (tooMuch !== null) return refused(files, file, tooMuch, 'leave out what the interface does not need');
  const report = await inThread({ document, files, writtenAs }, deadlineMs);
  if (typeof report !== 'string') return report;
  return refused(files, file, report, 'make the content models smaller: lower maxOccurs, fewer choices inside choices');
}

/** The file that stands for the whole interface. */
export const mainFile = ({ wsdl, xsd, openapi, operations = [] }: ServiceDocument): string =>
  wsdl ?? xsd ?? openapi ?? operations.find(({ jsonSchema }) => jsonSchema !== undefined)?.jsonSchema ?? '';

function beyondLimits(files: ReadonlyMap<string, Buffer>): string | null {
  const { maxFiles, maxBytes } = INTERFACE_LIMITS;
  if (files.size > maxFiles) return `the interface has ${files.size} files (expected: at most ${maxFiles})`;
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return bytes > maxBytes ? `the interface has ${bytes} bytes (expected: at most ${maxBytes})` : null;
}

function refused(files: ReadonlyMap<string, Buffer>, file: string, message: string, hint: string): InterfaceReport {
  const problem: InterfaceProblem = { severity: 'error', file, line: 1, message, hint };
  return { problems: [problem], operations: [], documents: [], unused: [...files.keys()].sort(), title: null };
}

/** The report, or why there is none: out of time or of memory. Throws Error where the thread failed. */
async function inThread(task: CheckTask, deadlineMs: number): Promise<InterfaceReport | string> {
  const filename = workerFile(import.meta.url, 'registry/publish', 'interface-worker');
  const resourceLimits = { maxOldGenerationSizeMb: MAX_HEAP_MB };
  const worker = new Worker(filename, { workerData: task, resourceLimits });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<InterfaceReport | string>((resolve, reject) => {
      const late = `reading and compiling took too long (expected: under ${deadlineMs / 1000} s)`;
      timer = setTimeout(() => resolve(late), deadlineMs);
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error);
        else resolve(`reading took too much memory (expected: at most ${MAX_HEAP_MB} MiB)`);
      });
      worker.once('exit', (code) => reject(new Error(`The thread that reads interfaces ended with ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
