import type { Agreement, Issuer, Operator, Participant, Service, System } from './model.js';
import { credentialName } from './documents/credentials.js';
import type { KnownCredential, KnownToken, Registry } from './registry.js';
import { remembered } from './remembered.js';

export interface Contents {
  readonly participants: readonly Participant[];
  readonly systems: readonly System[];
  readonly services: readonly Service[];
  readonly agreements: readonly Agreement[];
  readonly operators: readonly Operator[];
  readonly issuers: readonly Issuer[];
}

/** No id holds a blank, so joined keys cannot meet. */
const key = (...parts: readonly (string | number)[]) => parts.join(' ');

/** The registry over maps made once; the agreements of a consumer are indexed when it is first asked for. */
export function snapshot({
  revision,
  participants,
  systems,
  services,
  agreements,
  operators,
  issuers,
}: Contents & { readonly revision: string }): Registry {
  // A draft is nobody's to call yet.
  const callable = services.filter(({ status }) => status !== 'draft');
  const drafts = services.filter(({ status }) => status === 'draft');
  const participantById = new Map(participants.map((one) => [one.id, one]));
  const systemById = new Map(systems.map((one) => [one.id, one]));
  const serviceByVersion = new Map(callable.map((one) => [key(one.id, one.version), one]));
  const versions = grouped(
    [...callable].sort((a, b) => a.version - b.version),
    ({ id }) => id,
    ({ version }) => version,
  );
  const providers = new Map(
    systems.flatMap((system) =>
      system.provides.map(({ service, version }) => [key(system.participant, service, version), system] as const),
    ),
  );
  const agreementsOf = agreementsByConsumer(agreements, serviceByVersion);
  const credentials = indexCredentials(systems);
  const operatorByIdentity = new Map(operators.flatMap((one) => (one.identity ? [[one.identity, one] as const] : [])));
  const operatorById = new Map(operators.map((one) => [one.id, one]));
  const tokens = indexTokens(operators);
  const issuerByName = new Map(issuers.map((one) => [one.issuer, one]));
  return {
    revision,
    participant: (id) => participantById.get(id),
    participants: () => participants,
    system: (id) => systemById.get(id),
    systems: () => systems,
    service: (id, version) => serviceByVersion.get(key(id, version)),
    versions: (service) => versions.get(service) ?? [],
    services: () => callable,
    drafts: () => drafts,
    provider: (participant, service, version) => providers.get(key(participant, service, version)),
    agreements: () => agreements,
    agreement: (consumer, provider, service, version) =>
      agreementsOf(consumer)?.byProvider.get(key(provider, service, version)),
    agreementsForEvent: (consumer, eventType) => agreementsOf(consumer)?.byEvent.get(eventType) ?? [],
    operator: (id) => operatorById.get(id),
    credentials: (kind, name) => credentials.get(key(kind, name)) ?? [],
    issuer: (iss) => issuerByName.get(iss),
    operatorByIdentity: (identity) => operatorByIdentity.get(identity),
    operatorToken: (id) => tokens.get(id),
  };
}

const indexCredentials = (systems: readonly System[]): ReadonlyMap<string, readonly KnownCredential[]> =>
  grouped(
    systems.flatMap((system) => system.credentials.map((credential) => ({ system, credential }))),
    ({ credential }) => key(credential.kind, credentialName(credential)),
    (known) => known,
  );

const indexTokens = (operators: readonly Operator[]): ReadonlyMap<string, KnownToken> =>
  new Map(operators.flatMap((operator) => operator.tokens.map(({ id, hash }) => [id, { operator, hash }] as const)));

function agreementsByConsumer(agreements: readonly Agreement[], services: ReadonlyMap<string, Service>) {
  const byConsumer = grouped(
    agreements,
    ({ consumer }) => consumer,
    (one) => one,
  );
  const indexed = remembered((own: readonly Agreement[]) => ({
    // The one that stands, if there is one, comes after those that were revoked.
    byProvider: new Map(
      [...own.filter(isRevoked), ...own.filter((one) => !isRevoked(one))].map((one) => [
        key(one.provider, one.service, one.version),
        one,
      ]),
    ),
    byEvent: indexEvents(
      own.filter((one) => !isRevoked(one)),
      services,
    ),
  }));
  return (consumer: string) => {
    const own = byConsumer.get(consumer);
    return own && indexed(own);
  };
}

const isRevoked = ({ status }: Agreement) => status === 'revoked';

function indexEvents(
  agreements: readonly Agreement[],
  services: ReadonlyMap<string, Service>,
): ReadonlyMap<string, readonly Agreement[]> {
  const entries = agreements.flatMap((agreement) =>
    [...eventTypes(agreement, services)].map((type) => ({ type, agreement })),
  );
  return grouped(
    entries,
    ({ type }) => type,
    ({ agreement }) => agreement,
  );
}

function grouped<T, V>(all: readonly T[], keyOf: (one: T) => string, valueOf: (one: T) => V): ReadonlyMap<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(valueOf(one));
    else groups.set(keyOf(one), [valueOf(one)]);
  }
  return groups;
}

function eventTypes(agreement: Agreement, services: ReadonlyMap<string, Service>): ReadonlySet<string> {
  const { operations = [] } = services.get(key(agreement.service, agreement.version)) ?? {};
  const covered = operations.filter(({ name }) => agreement.operations?.includes(name) ?? true);
  return new Set(covered.flatMap(({ eventType }) => eventType ?? []));
}
