import { Fault } from '../message/fault.js';
import type { Party } from '../message/message.js';
import type { Endpoint, Provided, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { QueryHandler } from './ports.js';

type Provides = Pick<Provided, 'service' | 'version'>;

const registered = (system: System | undefined, { service, version }: Provides): Endpoint | null =>
  system?.provides.find((one) => one.service === service && one.version === version)?.endpoint ?? null;

/** Where a system answers the queries of a service version. Throws destination-missing. */
export function endpointOf(system: System | undefined, receiver: Party, { service, version }: Provides): Endpoint {
  const endpoint = registered(system, { service, version });
  if (endpoint) return endpoint;
  throw new Fault('destination-missing', {
    detail: `System ${receiver.system} has registered no endpoint for the queries of ${service} v${version}.`,
    place: receiver.participant,
  });
}

/** A system that cannot be called and fetches its questions: all its endpoints are of that kind. */
export const fetchesQuestions = (system: System | undefined): boolean =>
  system?.provides.some(({ endpoint }) => endpoint?.by === 'fetch') ?? false;

/** The RabbitMQ users of a system: two while one takes the place of the other. */
export const amqpUsers = (system: System | undefined): readonly string[] =>
  system?.credentials.flatMap((credential) => (credential.kind === 'amqp' ? credential.username : [])) ?? [];

/** Hands each question to the handler for the way in which its endpoint is asked now. */
export function byEndpoint(
  handlers: Readonly<Record<Endpoint['by'], QueryHandler>>,
  registry: () => Pick<Registry, 'system'>,
): QueryHandler {
  return (item, signal) => {
    const endpoint = registered(registry().system(item.receiver.system), item.message);
    return handlers[endpoint?.by ?? 'call'](item, signal);
  };
}
