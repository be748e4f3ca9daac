import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { assembleChecked } from './assemble.js';
import { buildService } from './build-service.js';
import { withShape } from '../documents/check-shape.js';
import { diskFiles, isFileError } from '../interface/disk-files.js';
import { readDocuments, type Noted, type Written } from '../documents/documents.js';
import type { Environment } from '../documents/environment.js';
import type { ReadFile } from '../interface/interface-files.js';
import { portable, type PortableDocument } from '../documents/portable.js';
import { RegistryError, type Registry, type RegistryProblem } from '../registry.js';
import { snapshot } from '../snapshot.js';

export interface Loaded {
  readonly registry: Registry;
  readonly inputs: readonly PortableDocument[];
  /** Every file that it was made from, interface files included. */
  readonly files: readonly string[];
}

/** A load that failed, with the files it had read: a change of one of them is worth another try. */
export class LoadError extends RegistryError {
  constructor(
    problems: readonly RegistryProblem[],
    readonly files: readonly string[],
  ) {
    super(problems);
  }
}

/**
 * Reads the whole directory into one snapshot. Throws LoadError with every problem, sorted by file and line: first of the
 * documents one by one and, when each has its shape, of what they say of each other and of their interfaces.
 */
export function loadRegistry(directory: string, env: Environment): Loaded {
  const { read: readFile, files: read } = diskFiles();
  const problems = new Map<string, RegistryProblem>();
  const note: Noted = (problem) => problems.set(`${problem.file}:${problem.line} ${problem.message}`, problem);
  const documents = withShape(listDocuments(directory, read, note), note);
  refuseIfAny(problems, read);
  const inputs: PortableDocument[] = documents.flatMap(({ value }) =>
    value.kind === 'service' ? [] : [{ document: value, files: new Map() }],
  );
  const contents = assembleChecked(documents, {
    env,
    note,
    service: (one, problem) => {
      const used = new Map<string, Buffer>();
      const built = buildService(one, remembering(readFile, used), problem);
      inputs.push(portable(one.value, dirname(one.absolute), used));
      return built;
    },
  });
  refuseIfAny(problems, read);
  return { registry: snapshot({ revision: revisionOf(read), ...contents }), inputs, files: [...read.keys()] };
}

function remembering(read: ReadFile, used: Map<string, Buffer>): ReadFile {
  return (path) => {
    const bytes = read(path);
    if (bytes) used.set(path, bytes);
    return bytes;
  };
}

function refuseIfAny(problems: ReadonlyMap<string, RegistryProblem>, read: ReadonlyMap<string, Buffer>): void {
  if (problems.size > 0) throw new LoadError([...problems.values()].sort(byPlace), [...read.keys()]);
}

function listDocuments(directory: string, read: Map<string, Buffer>, note: Noted): readonly Written<unknown>[] {
  try {
    const documents = readDocuments(directory, read, note);
    if (read.size === 0)
      note({ file: directory, line: 1, message: 'holds no document', hint: 'write .yaml or .json documents there' });
    return documents;
  } catch (error) {
    if (!isFileError(error)) throw error;
    note({ file: directory, line: 1, message: error.message, hint: 'name a directory that can be read' });
    return [];
  }
}

const byPlace = (a: RegistryProblem, b: RegistryProblem) =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;

function revisionOf(read: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...read].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const digest = createHash('sha256').update(bytes).digest('hex');
    hash.update(`${path} ${digest}\n`);
  }
  return hash.digest('hex');
}
