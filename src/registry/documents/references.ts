import type { AgreementDocument, RegistryDocument, SystemDocument } from './document-types.js';
import type { Noted, Path, Written, WrittenDocument } from './documents.js';
import { remembered } from '../remembered.js';
import { checkCredentials } from './credentials.js';

/** The documents of one registry by kind, in the order of their files. */
export interface Sorted {
  readonly participants: readonly WrittenDocument<'participant'>[];
  readonly systems: readonly WrittenDocument<'system'>[];
  readonly services: readonly WrittenDocument<'service'>[];
  readonly agreements: readonly WrittenDocument<'agreement'>[];
  readonly operators: readonly WrittenDocument<'operator'>[];
  readonly issuers: readonly WrittenDocument<'issuer'>[];
}

export function sortDocuments(documents: readonly Written<RegistryDocument>[]): Sorted {
  const sorted = { participant: [], system: [], service: [], agreement: [], operator: [], issuer: [] };
  for (const document of documents) (sorted[document.value.kind] as Written<RegistryDocument>[]).push(document);
  const { participant, system, service, agreement, operator, issuer } = sorted;
  const standing = { participants: participant, systems: system, services: service, agreements: agreement };
  return { ...standing, operators: operator, issuers: issuer };
}

/** Notes every id used twice and every name that leads nowhere. */
export function checkReferences(sorted: Sorted, note: Noted): void {
  const { participants, systems, services, agreements, operators, issuers } = sorted;
  unique(participants, ({ id }) => id, ['id'], 'participant', note);
  unique(systems, ({ id }) => id, ['id'], 'system', note);
  unique(services, versioned, ['id'], 'service', note);
  unique(agreements, ({ id }) => id, ['id'], 'agreement', note);
  // A revoked one stays in the history of the two and is in nobody's way.
  const standing = agreements.filter(({ value }) => value.status !== 'revoked');
  unique(standing, (one) => namesIn(one).parties, ['service'], 'agreement between the same two on', note);
  unique(operators, ({ id }) => id, ['id'], 'operator', note);
  unique(issuers, ({ id }) => id, ['id'], 'issuer', note);
  unique(issuers, ({ issuer }) => issuer, ['issuer'], 'issuer of tokens', note);
  const known: Known = {
    participants: new Map(participants.map((one) => [one.value.id, one])),
    services: new Map(services.map((one) => [versioned(one.value), one])),
    providers: new Set(
      systems.flatMap(({ value }) => (value.provides ?? []).map((one) => providerKey(value.participant, one))),
    ),
  };
  for (const participant of participants) checkParent(participant, known, note);
  for (const system of systems) checkSystem(system, known, note);
  for (const agreement of agreements) checkAgreement(agreement, known, note);
  for (const operator of operators) checkOperator(operator, known, note);
  checkTokens(operators, note);
  checkCredentials(systems, new Set(issuers.map(({ value }) => value.issuer)), note);
  checkIdentities(operators, note);
  checkProviders(systems, note);
}

interface Known {
  readonly participants: ReadonlyMap<string, WrittenDocument<'participant'>>;
  readonly services: ReadonlyMap<string, WrittenDocument<'service'>>;
  readonly providers: ReadonlySet<string>;
}

const versioned = ({ id, version }: { readonly id: string; readonly version: number }) => `${id} v${version}`;
const reference = ({ service, version }: { readonly service: string; readonly version: number }) =>
  `${service} v${version}`;
const providerKey = (participant: string, one: { readonly service: string; readonly version: number }) =>
  `${participant} ${reference(one)}`;
/** Made once: a registry has many agreements, and each check asks for the names of all. */
const namesIn = remembered((agreement: AgreementDocument) => ({
  service: reference(agreement),
  provider: providerKey(agreement.provider, agreement),
  parties: `${reference(agreement)} from ${agreement.consumer} to ${agreement.provider}`,
}));

function unique<T>(
  written: readonly Written<T>[],
  key: (value: T) => string,
  path: Path,
  what: string,
  note: Noted,
): void {
  const first = new Map<string, Written<T>>();
  for (const document of written) {
    const name = key(document.value);
    const before = first.get(name);
    if (!before) first.set(name, document);
    else
      say(
        document,
        path,
        `${what} ${name} is written twice`,
        `the first is at ${before.file}:${before.line(path)}`,
        note,
      );
  }
}

const say = (document: Written<unknown>, path: Path, message: string, hint: string, note: Noted) =>
  note({ file: document.file, line: document.line(path), message, hint });

const choices = (names: Iterable<string>) => {
  const all = [...names];
  return all.length === 0
    ? 'none is written'
    : `known: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', ...' : ''}`;
};

function checkParent(participant: WrittenDocument<'participant'>, { participants }: Known, note: Noted): void {
  const { id, parent } = participant.value;
  if (parent === undefined) return;
  if (!participants.has(parent))
    return say(participant, ['parent'], `no participant ${parent}`, choices(participants.keys()), note);
  const above = [id];
  for (let up: string | undefined = parent; up !== undefined; up = participants.get(up)?.value.parent) {
    if (above.includes(up)) {
      if (up === id)
        say(participant, ['parent'], `${[...above, up].join(' > ')} is a circle`, 'a tree has a top', note);
      return;
    }
    above.push(up);
  }
}

function checkSystem(system: WrittenDocument<'system'>, { participants, services }: Known, note: Noted): void {
  const { id, participant, provides = [], receives, actsFor = [] } = system.value;
  if (!participants.has(participant))
    say(system, ['participant'], `no participant ${participant}`, choices(participants.keys()), note);
  actsFor.forEach((code, index) => {
    if (!participants.has(code))
      say(system, ['actsFor', index], `no participant ${code}`, choices(participants.keys()), note);
  });
  provides.forEach((one, index) => {
    if (!services.has(reference(one)))
      say(system, ['provides', index], `no service ${reference(one)}`, choices(services.keys()), note);
  });
  if (provides.some(({ endpoint }) => !endpoint) && !receives)
    say(
      system,
      ['provides'],
      `${id} provides services and has no receives:`,
      'say how it receives: push-soap, push-rest, box or amqp-queue; or give what only answers queries an endpoint:',
      note,
    );
}

function checkAgreement(agreement: WrittenDocument<'agreement'>, known: Known, note: Noted): void {
  const { value } = agreement;
  for (const side of ['consumer', 'provider'] as const) {
    if (!known.participants.has(value[side]))
      say(agreement, [side], `no participant ${value[side]}`, choices(known.participants.keys()), note);
  }
  const { service, provider } = namesIn(value);
  if (!known.services.has(service))
    return say(agreement, ['service'], `no service ${service}`, choices(known.services.keys()), note);
  const isStanding = value.status !== 'revoked';
  if (isStanding && known.participants.has(value.provider) && !known.providers.has(provider))
    say(
      agreement,
      ['provider'],
      `no system of ${value.provider} provides ${service}`,
      'write it under provides: of the system that receives it',
      note,
    );
  checkTimes(agreement, note);
}

/** The name of the operator that CROCEVIA_ADMIN_TOKEN lets in: no document may take it. */
export const PLATFORM_OPERATOR = 'platform';

function checkOperator(operator: WrittenDocument<'operator'>, { participants }: Known, note: Noted): void {
  const { id, scope } = operator.value;
  if (id === PLATFORM_OPERATOR)
    say(operator, ['id'], `${id} is the operator of CROCEVIA_ADMIN_TOKEN`, 'choose another id', note);
  if (scope !== undefined && !participants.has(scope))
    say(operator, ['scope'], `no participant ${scope}`, choices(participants.keys()), note);
}

function checkTokens(operators: readonly WrittenDocument<'operator'>[], note: Noted): void {
  const first = new Map<string, string>();
  for (const operator of operators)
    operator.value.tokens?.forEach(({ id }, index) => {
      const before = first.get(id);
      if (before === undefined) first.set(id, operator.value.id);
      else
        say(
          operator,
          ['tokens', index],
          `token ${id} is written twice`,
          `${before} has it; a token names one operator`,
          note,
        );
    });
}

function checkIdentities(operators: readonly WrittenDocument<'operator'>[], note: Noted): void {
  const first = new Map<string, string>();
  for (const operator of operators) {
    const { id, identity } = operator.value;
    if (identity === undefined) continue;
    const before = first.get(identity);
    if (before === undefined) first.set(identity, id);
    else say(operator, ['identity'], `identity ${identity} is written twice`, `${before} has it`, note);
  }
}

function checkTimes(agreement: WrittenDocument<'agreement'>, note: Noted): void {
  const { validFrom, validUntil } = agreement.value;
  if (validFrom !== undefined && validUntil !== undefined && new Date(validFrom) >= new Date(validUntil))
    say(agreement, ['validUntil'], 'validUntil is not after validFrom', 'exchange the two', note);
}

function checkProviders(systems: readonly Written<SystemDocument>[], note: Noted): void {
  const first = new Map<string, string>();
  for (const system of systems)
    (system.value.provides ?? []).forEach((one, index) => {
      const key = providerKey(system.value.participant, one);
      const before = first.get(key);
      if (before === undefined) first.set(key, system.value.id);
      else
        say(
          system,
          ['provides', index],
          `${reference(one)} of ${system.value.participant} is provided twice`,
          `${before} provides it`,
          note,
        );
    });
}
