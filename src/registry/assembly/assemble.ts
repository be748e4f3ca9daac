import { dirname, relative } from 'node:path';
import { buildSystem } from './build-system.js';
import type {
  AgreementDocument,
  IssuerDocument,
  OperatorDocument,
  ParticipantDocument,
  RegistryDocument,
  SystemDocument,
} from '../documents/document-types.js';
import type { Noted, Written, WrittenDocument } from '../documents/documents.js';
import type { Environment, Problem } from '../documents/environment.js';
import {
  EXPIRES_AFTER_S,
  type Agreement,
  type Issuer,
  type Operator,
  type Participant,
  type Service,
} from '../model.js';
import { SIGNATURES } from '../documents/credential-schema.js';
import { checkReferences, sortDocuments, type Sorted } from '../documents/references.js';
import { remembered } from '../remembered.js';
import type { Contents } from '../snapshot.js';

interface AssemblyParts {
  readonly env: Environment;
  /** Builds a service, or gives the one that was built of the same document and files before. */
  readonly service: (document: WrittenDocument<'service'>, problem: Problem) => Service;
  readonly note: Noted;
}

/** The same, and what the documents say of each other is noted too: for documents that nobody has checked together yet. */
export function assembleChecked(documents: readonly Written<RegistryDocument>[], parts: AssemblyParts): Contents {
  const sorted = sortDocuments(documents);
  checkReferences(sorted, parts.note);
  const contents = assembleSorted(sorted, parts);
  checkOperations(sorted.agreements, contents.services, parts.note);
  return contents;
}

/** What a registry holds, made of its documents; every problem is noted, and then the result is not to be used. */
export const assemble = (documents: readonly Written<RegistryDocument>[], parts: AssemblyParts): Contents =>
  assembleSorted(sortDocuments(documents), parts);

function assembleSorted(sorted: Sorted, parts: AssemblyParts): Contents {
  const { env, note } = parts;
  const participants = sorted.participants.map(({ value }) => buildParticipant(value));
  const suspended = new Set(participants.flatMap((one) => (one.suspended ? [one.id] : [])));
  const systems = sorted.systems.map((one) => {
    const { system, problems } = systemsIn(env)(one.value);
    for (const said of problems) problemAt(one, note)(...said);
    return suspended.has(system.participant) ? { ...system, paused: true, suspended: true } : system;
  });
  const services = sorted.services.map((one) => parts.service(one, problemAt(one, note)));
  const agreements = sorted.agreements.map(({ value }) => buildAgreement(value));
  const operators = sorted.operators.map(({ value }) => buildOperator(value));
  const issuers = sorted.issuers.map(({ value }) => buildIssuer(value));
  return { participants, systems, services, agreements, operators, issuers };
}

const systemsIn = remembered((env: Environment) =>
  remembered((document: SystemDocument) => {
    const problems: Parameters<Problem>[] = [];
    const system = buildSystem(document, env, (...said) => void problems.push(said));
    return { system, problems };
  }),
);

const problemAt =
  (document: Written<unknown>, note: Noted): Problem =>
  (path, message, hint, at) => {
    if (at?.severity === 'warning') return;
    const place = at ? `${relative(dirname(document.absolute), at.file)}, line ${at.line}: ` : '';
    note({ file: document.file, line: document.line(path), message: place + message, hint });
  };

function checkOperations(
  agreements: readonly WrittenDocument<'agreement'>[],
  services: readonly Service[],
  note: Noted,
): void {
  const known = new Map(services.map((one) => [`${one.id} ${one.version}`, one.operations.map(({ name }) => name)]));
  for (const agreement of agreements) {
    const { service: id, version, operations } = agreement.value;
    if (!operations) continue;
    const names = known.get(`${id} ${version}`);
    operations.forEach((operation, index) => {
      if (!names || names.includes(operation)) return;
      const line = agreement.line(['operations', index]);
      const message = `${id} v${version} has no operation ${operation}`;
      note({ file: agreement.file, line, message, hint: `known: ${names.join(', ')}` });
    });
  }
}

const buildParticipant = ({
  id,
  name,
  type,
  parent,
  disclosure,
  limits,
  encryptPayloads,
  suspended,
}: ParticipantDocument): Participant => ({
  id,
  name,
  kind: type,
  parent: parent ?? null,
  ...(disclosure === 'minimal' && { disclosure }),
  ...(limits && { limits }),
  ...(encryptPayloads && { encryptPayloads }),
  ...(suspended && { suspended }),
});

const buildIssuer = ({ id, issuer, jwksUri, audience, algorithms }: IssuerDocument): Issuer => ({
  id,
  issuer,
  jwksUri,
  audience,
  algorithms: algorithms ?? SIGNATURES,
});

const buildOperator = ({ id, name, role, scope, tokens, identity }: OperatorDocument): Operator => ({
  id,
  name,
  role,
  scope: scope ?? null,
  tokens: tokens ?? [],
  ...(identity !== undefined && { identity }),
});

/** Of the same document, the same agreement: a registry has many, and a change is of few. */
const buildAgreement = remembered((document: AgreementDocument): Agreement => ({
  id: document.id,
  consumer: document.consumer,
  provider: document.provider,
  service: document.service,
  version: document.version,
  operations: document.operations ?? null,
  status: document.status ?? 'active',
  ...(document.intake === 'paused' && { takesNothing: true }),
  validFrom: document.validFrom === undefined ? null : new Date(document.validFrom),
  validUntil: document.validUntil === undefined ? null : new Date(document.validUntil),
  subscribes: document.subscribes ?? false,
  expiresAfter: document.expiresAfter ?? EXPIRES_AFTER_S,
  filtersDuplicates: document.filtersDuplicates ?? false,
  ...qualityOf(document),
}));

const qualityOf = ({
  ordered,
  maxPriority,
  receipts,
  evidence,
  strictEvidence,
  contentDays,
  recordDays,
  businessKeys,
  maxBytes,
  perMinute,
}: AgreementDocument) => ({
  ordered: ordered ?? false,
  maxPriority: maxPriority ?? null,
  receipts: receipts ?? true,
  evidence: evidence ?? 'digest',
  strictEvidence: strictEvidence ?? false,
  contentDays: contentDays ?? null,
  recordDays: recordDays ?? null,
  businessKeys: businessKeys ?? 'clear',
  maxBytes: maxBytes ?? null,
  perMinute: perMinute ?? null,
});
