import type { Agreement, Participant, Service, ServiceStatus } from '../model.js';
import { publishedAddresses, type PublishedAddresses } from './publication.js';
import type { Registry } from '../registry.js';

/** A service version that a participant offers, as one caller may see it. */
export interface Offer {
  readonly participant: Participant;
  readonly service: Service;
  /** The caller's own with this participant; null: none. */
  readonly agreement: Agreement | null;
  /** Those of the other bodies that the caller acts for. */
  readonly actingFor: readonly { readonly participant: string; readonly agreement: Agreement | null }[];
}

export interface OfferFilter {
  readonly participant?: string;
  readonly service?: string;
  readonly status?: ServiceStatus;
  /** Part of an id, a name, a title or an operation's name, in any case. */
  readonly text?: string;
}

/**
 * What a caller may see, by all the bodies that it speaks for, its own first: what is published or deprecated; what is retired
 * where one of them still has an agreement; a draft where one of them owns or provides it. In the order of {@link offerKey}.
 */
export function offersFor(
  [own, ...others]: readonly [string, ...string[]],
  registry: Registry,
  filter: OfferFilter = {},
): readonly Offer[] {
  return [...callable(registry), ...draftsFor([own, ...others], registry)]
    .flatMap(([id, service]): Offer[] => {
      const participant = registry.participant(id);
      if (!participant) return [];
      const agreementOf = (body: string) => registry.agreement(body, id, service.id, service.version) ?? null;
      const actingFor = others.map((body) => ({ participant: body, agreement: agreementOf(body) }));
      return [{ participant, service, agreement: agreementOf(own), actingFor }];
    })
    .filter((offer) => isOpen(offer) && fits(offer, filter))
    .sort((a, b) => (offerKey(a) < offerKey(b) ? -1 : 1));
}

/** Unlike that of any other offer. */
export const offerKey = ({ participant, service }: Offer): string =>
  `${participant.id}/${service.id}/${String(service.version).padStart(4, '0')}`;

type Provided = readonly [participant: string, service: Service];

const callable = (registry: Registry): readonly Provided[] =>
  registry.systems().flatMap(({ participant, provides }) =>
    provides.flatMap(({ service, version }): Provided[] => {
      const found = registry.service(service, version);
      return found ? [[participant, found]] : [];
    }),
  );

/** A draft that nobody provides yet stands under its owner. */
function draftsFor(bodies: readonly string[], registry: Registry): readonly Provided[] {
  return registry.drafts().flatMap((draft): Provided[] => {
    const providers = registry
      .systems()
      .filter(({ provides }) => provides.some((one) => one.service === draft.id && one.version === draft.version))
      .map(({ participant }) => participant);
    const owner = bodies.find((body) => body === draft.owner);
    if (owner === undefined && !bodies.some((body) => providers.includes(body))) return [];
    return (providers.length > 0 || owner === undefined ? providers : [owner]).map((id) => [id, draft]);
  });
}

const isOpen = ({ service, agreement, actingFor }: Offer): boolean =>
  service.status !== 'retired' ||
  [agreement, ...actingFor.map((one) => one.agreement)].some((one) => one !== null && one.status !== 'revoked');

function fits({ participant, service }: Offer, filter: OfferFilter): boolean {
  const { id, name } = participant;
  const words = [id, name, service.id, service.title, ...service.operations.map((operation) => operation.name)];
  return (
    (filter.participant === undefined || filter.participant === id) &&
    (filter.service === undefined || filter.service === service.id) &&
    (filter.status === undefined || filter.status === service.status) &&
    (filter.text === undefined || words.some((word) => includesText(word, filter.text as string)))
  );
}

const includesText = (word: string, text: string) => word.toLowerCase().includes(text.toLowerCase());

/** An offer as the directory answers it; times in ISO 8601. */
export function showOffer({ participant, service, agreement, actingFor }: Offer, publicUrl: string) {
  const { id, version, title, status, deprecated, sunset, operations } = service;
  return {
    participant: { id: participant.id, name: participant.name, kind: participant.kind },
    service: id,
    version,
    title,
    status,
    deprecated: iso(deprecated),
    sunset: iso(sunset),
    operations: operations.map(({ name, profile, rest, soapAction, eventType }) => ({
      name,
      profile,
      rest: rest && { method: rest.method, path: rest.path },
      soapAction,
      eventType,
    })),
    ...addressesOf(service, participant.id, publicUrl),
    agreement: agreement && showAgreement(agreement),
    ...(actingFor.length > 0 && {
      actingFor: actingFor.map((one) => ({ ...one, agreement: one.agreement && showAgreement(one.agreement) })),
    }),
  };
}

/** Nothing of a draft is served; what is retired can be read and no longer called. */
function addressesOf(service: Service, participant: string, publicUrl: string): PublishedAddresses {
  if (service.status === 'draft') return { interfaces: { documents: [] }, endpoints: {} };
  const { interfaces, endpoints } = publishedAddresses(service, participant, publicUrl);
  return { interfaces, endpoints: service.status === 'retired' ? {} : endpoints };
}

const showAgreement = ({ id, status, operations, validFrom, validUntil }: Agreement) => ({
  id,
  status,
  operations,
  validFrom: iso(validFrom),
  validUntil: iso(validUntil),
});

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
