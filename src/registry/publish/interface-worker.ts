import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { compareServices } from '../../compatibility/compare-services.js';
import { buildService } from '../assembly/build-service.js';
import type { CompareTask } from './comparison.js';
import type { Checked, CheckedOperation, CheckTask, InterfaceReport } from './interface-check.js';
import { mainFile } from './interface-check.js';
import type { ServiceDocument } from '../documents/document-types.js';
import { lineFinder, type Path } from '../documents/documents.js';
import { reason } from '../interface/interface-files.js';
import { isObject, parseJsonDocument, parseYaml } from '../interface/json/json-documents.js';
import type { InterfacePlace, InterfaceProblem } from '../interface/interface-problem.js';
import type { Operation, Service } from '../model.js';
import { isStandard } from '../interface/standard-schemas.js';

/** Where the bundle lies for those who read it. Nothing is there above it, and no path leads out of it and back. */
const ROOT = `/${randomUUID()}`;

interface Read {
  readonly report: InterfaceReport;
  /** Null where it could not be built. */
  readonly service: Service | null;
}

function checkedInterface({ document, files, writtenAs }: CheckTask): Read {
  const used = new Set<string>();
  const problems = new Map<string, InterfaceProblem>();
  const note = (message: string, hint: string, at: InterfacePlace) => {
    const { line, severity = 'error' } = at;
    const file = shown(at.file);
    const said = message.replaceAll(`${ROOT}/`, '');
    problems.set(`${file}:${line} ${severity} ${said}`, { severity, file, line, message: said, hint });
  };
  const main = { file: posix.join(ROOT, mainFile(document)), line: 1 };
  const lineIn = writtenAs && linesOf(writtenAs.text);
  /** What is said of a listed operation is said of the line that lists it. */
  const placeOf = (path: Path): InterfacePlace =>
    writtenAs && lineIn && path[0] === 'operations' && document.operations
      ? { file: posix.join(ROOT, writtenAs.file), line: lineIn(path) }
      : main;
  const service = build();
  const report: InterfaceReport = {
    problems: [...problems.values()].sort(byPlace),
    operations: service?.operations.map(checked) ?? [],
    documents: [...used].sort(),
    unused: [...files.keys()].filter((name) => !used.has(name)).sort(),
    title: titleIn(document, files),
  };
  return { report, service };

  function read(path: string): Buffer | null {
    const name = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : '';
    const bytes = files.get(name);
    if (!bytes) return null;
    used.add(name);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  function build(): Service | null {
    const written = { value: document, file: '', absolute: `${ROOT}/service`, line: () => 1 };
    try {
      return buildService(written, read, (path, message, hint, at) => note(message, hint, at ?? placeOf(path)));
    } catch (error) {
      note(reason(error), 'this is a defect of the gateway, or the schema is too large for it', main);
      return null;
    }
  }
}

function linesOf(text: string): (path: Path) => number {
  const { document, lines } = parseYaml(text, false);
  return lineFinder(document, lines);
}

/** `info: title:` of the OpenAPI description. */
function titleIn({ openapi }: ServiceDocument, files: CheckTask['files']): string | null {
  const bytes = openapi === undefined ? undefined : files.get(openapi);
  try {
    const root = bytes && parseJsonDocument(Buffer.from(bytes).toString('utf8'), /\.json$/.test(openapi ?? ''));
    const info = isObject(root) ? root['info'] : null;
    const title = isObject(info) ? info['title'] : null;
    return typeof title === 'string' && title.trim() !== '' ? title.trim().slice(0, 200) : null;
  } catch {
    // What cannot be read has been told.
    return null;
  }
}

const shown = (path: string) => (isStandard(path) ? `standard/${posix.basename(path)}` : posix.relative(ROOT, path));

const byPlace = (a: InterfaceProblem, b: InterfaceProblem) =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;

function checked({ xsd, jsonSchema, ...operation }: Operation): CheckedOperation {
  const { name, profile, soapAction, element, rest, eventType } = operation;
  const input = xsd && jsonSchema ? 'both' : jsonSchema ? 'json-schema' : xsd ? 'xsd' : 'parameters';
  return { name, profile, soapAction, element, rest, eventType, input };
}

/** Null where there is nothing to compare. A comparison that fails refuses no interface: it gives the reason. */
function changesFrom({ before }: CheckTask, { report, service }: Read): Checked['changes'] {
  if (!before || !service || report.problems.some(({ severity }) => severity === 'error')) return null;
  try {
    return compareServices(before, service);
  } catch (error) {
    return `failed: ${reason(error)}`;
  }
}

const task = workerData as CheckTask | CompareTask;
const answer = (given: unknown) => parentPort?.postMessage(given);
if (task.what === 'compare') answer(compareServices(task.before, task.after));
else {
  const read = checkedInterface(task);
  answer(read.report);
  answer(changesFrom(task, read));
}
