import { Fault } from '../message/fault.js';
import type { Party } from '../message/message.js';
import type { Endpoint, System } from '../registry/model.js';

/** Where a system answers the queries of a service version. Throws destination-missing. */
export function endpointOf(
  system: System | undefined,
  receiver: Party,
  { service, version }: { readonly service: string; readonly version: number },
): Endpoint {
  const endpoint = system?.provides.find((one) => one.service === service && one.version === version)?.endpoint;
  if (endpoint) return endpoint;
  throw new Fault('destination-missing', {
    detail: `System ${receiver.system} has registered no endpoint for the queries of ${service} v${version}.`,
    place: receiver.participant,
  });
}

/** A system that cannot be called: all its endpoints are without an address. */
export const fetchesQuestions = (system: System | undefined): boolean =>
  system?.provides.some(({ endpoint }) => endpoint?.url === null) ?? false;
