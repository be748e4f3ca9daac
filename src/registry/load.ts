import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { buildService } from './build-service.js';
import { buildSystem } from './build-system.js';
import { withShape } from './check-shape.js';
import type { AgreementDocument, ParticipantDocument } from './document-types.js';
import { readDocuments, type Noted, type Written, type WrittenDocument } from './documents.js';
import type { Environment, Problem } from './environment.js';
import type { Agreement, Participant, Service } from './model.js';
import { diskFiles, isFileError } from './disk-files.js';
import { checkReferences, sortDocuments } from './references.js';
import { RegistryError, type Registry, type RegistryProblem } from './registry.js';
import { snapshot } from './snapshot.js';

const EXPIRES_AFTER = 5 * 24 * 3600;

export interface Loaded {
  readonly registry: Registry;
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
  const sorted = sortDocuments(documents);
  checkReferences(sorted, note);
  const systems = sorted.systems.map((one) => buildSystem(one.value, env, problemAt(one, note)));
  const services = sorted.services.map((one) => buildService(one, readFile, problemAt(one, note)));
  checkOperations(sorted.agreements, services, note);
  refuseIfAny(problems, read);
  const participants = sorted.participants.map(({ value }) => buildParticipant(value));
  const agreements = sorted.agreements.map(({ value }) => buildAgreement(value));
  return {
    registry: snapshot({ revision: revisionOf(read), participants, systems, services, agreements }),
    files: [...read.keys()],
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

const problemAt =
  (document: Written<unknown>, note: Noted): Problem =>
  (path, message, hint, at) => {
    if (at?.severity === 'warning') return;
    const place = at ? `${relative(dirname(document.absolute), at.file)}, line ${at.line}: ` : '';
    note({ file: document.file, line: document.line(path), message: place + message, hint });
  };

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

function checkOperations(
  agreements: readonly WrittenDocument<'agreement'>[],
  services: readonly Service[],
  note: Noted,
): void {
  for (const agreement of agreements) {
    const { service: id, version, operations = [] } = agreement.value;
    const names = services.find((one) => one.id === id && one.version === version)?.operations.map(({ name }) => name);
    operations.forEach((operation, index) => {
      if (!names || names.includes(operation)) return;
      const said = `${id} v${version} has no operation ${operation}`;
      note({
        file: agreement.file,
        line: agreement.line(['operations', index]),
        message: said,
        hint: `known: ${names.join(', ')}`,
      });
    });
  }
}

const buildParticipant = ({ id, name, type, parent }: ParticipantDocument): Participant => ({
  id,
  name,
  kind: type,
  parent: parent ?? null,
});

const buildAgreement = (document: AgreementDocument): Agreement => ({
  id: document.id,
  consumer: document.consumer,
  provider: document.provider,
  service: document.service,
  version: document.version,
  operations: document.operations ?? null,
  status: document.status ?? 'active',
  validFrom: document.validFrom === undefined ? null : new Date(document.validFrom),
  validUntil: document.validUntil === undefined ? null : new Date(document.validUntil),
  subscribes: document.subscribes ?? false,
  expiresAfter: document.expiresAfter ?? EXPIRES_AFTER,
  filtersDuplicates: document.filtersDuplicates ?? false,
});
