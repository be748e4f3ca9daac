import { Fault } from '../message/fault.js';
import type { Decoded, OperationHints } from '../message/stages.js';
import type { Operation, Service, System } from '../registry/model.js';
import { below } from '../registry/below.js';
import { matchesPath, variablesIn } from '../registry/path-template.js';
import type { Registry } from '../registry/registry.js';
import type { Resolved } from './stages.js';

/** Finds service, operation and receivers in the registry; every unknown or contradictory name is its own fault. */
export function resolve(decoded: Decoded, registry: Registry): Resolved {
  const resolved =
    decoded.binding === 'cloudevents' ? resolveEvent(decoded, registry) : resolveAddress(decoded, registry);
  decoded.clock.mark('resolve');
  return resolved;
}

function resolveAddress(decoded: Decoded, registry: Registry): Resolved {
  const { participant, service } = addressed(decoded, registry);
  const receiver = findProvider(participant, service, registry);
  if (decoded.binding === 'soap') requireSoap(service, participant);
  const operation = decoded.binding === 'soap' ? fromHints(decoded.hints, service) : fromPath(decoded.address, service);
  return { ...decoded, service, operation, receivers: [receiver] };
}

/**
 * As `resolve`, but the participant of a REST address stands for itself and every one below it: the receivers are those
 * of them that provide the service, by their codes.
 */
export function resolveBelow(decoded: Decoded, registry: Registry): Resolved {
  const { participant, service } = addressed(decoded, registry);
  const operation = fromPath(decoded.address, service);
  const receivers = [...below(participant, registry.participants())]
    .sort()
    .flatMap((one) => registry.provider(one, service.id, service.version) ?? []);
  if (receivers.length === 0)
    throw new Fault('service-unknown', {
      detail: `Neither ${participant} nor anybody below it provides ${service.id} v${service.version}.`,
      place: 'address: participant',
      expected: 'a body with providers of the service below it',
    });
  decoded.clock.mark('resolve');
  return { ...decoded, service, operation, receivers };
}

function addressed({ address }: Decoded, registry: Registry) {
  const { participant, version, service: name } = address;
  if (participant === null || version === null || name === null)
    throw new Fault('route-unknown', { detail: 'The address is not complete.' });
  const service = findService(participant, name, version, registry);
  requireAlive(service);
  return { participant, service };
}

/** The published service at an address; throws participant-, service- or version-unknown. */
export function findService(participant: string, name: string, version: number, registry: Registry): Service {
  if (!registry.participant(participant)) {
    throw new Fault('participant-unknown', {
      detail: `No participant "${participant}".`,
      place: 'address: participant',
      expected: 'an IPA code in lower case, like c_i804',
    });
  }
  const versions = registry.versions(name);
  if (versions.length === 0) throw serviceUnknown(`No service "${name}".`, participant, registry);
  const service = registry.service(name, version);
  if (service) return service;
  const expected = versions.map((known) => `v${known}`).join(', ');
  throw new Fault('version-unknown', {
    detail: `Service ${name} has no version ${version}.`,
    place: 'address: version',
    expected,
  });
}

function requireAlive({ id, version, status, sunset }: Service): void {
  if (status !== 'retired') return;
  const since = sunset ? ` since ${sunset.toISOString().slice(0, 10)}` : '';
  throw new Fault('service-retired', {
    detail: `${id} v${version} is no longer offered${since}.`,
    place: 'address: version',
  });
}

function findProvider(participant: string, service: Service, registry: Registry): System {
  const provider = registry.provider(participant, service.id, service.version);
  if (provider) return provider;
  throw serviceUnknown(`${participant} does not provide ${service.id} v${service.version}.`, participant, registry);
}

/** The interfaces are published, so naming them tells nobody anything new. */
function serviceUnknown(detail: string, participant: string, registry: Registry): Fault {
  const offered = registry
    .systems()
    .filter((system) => system.participant === participant)
    .flatMap(({ provides }) => provides);
  const expected = offered.map(({ service, version }) => `${service} v${version}`).join(', ');
  return new Fault('service-unknown', { detail, place: 'address: service', ...(expected && { expected }) });
}

function requireSoap({ id, version, operations }: Service, participant: string): void {
  if (operations.some(({ element, soapAction }) => element ?? soapAction)) return;
  throw new Fault('operation-unknown', {
    detail: `${id} v${version} publishes no SOAP interface.`,
    place: 'address',
    expected: `/rest/${participant}/v${version}/${id}/...`,
  });
}

/** SOAPAction, action parameter, wsa:Action and body element must name one operation (WS-I BP 2.0 R2744, R1144). */
function fromHints(hints: OperationHints, service: Service): Operation {
  const found = namedOperations(hints, service);
  const [first] = found;
  if (!first) throw operationUnknown(hints, service);
  const other = found.find((candidate) => candidate.operation !== first.operation);
  if (!other) return first.operation;
  throw new Fault('operation-ambiguous', {
    detail: `${first.place} names ${first.operation.name}, ${other.place} names ${other.operation.name}.`,
    place: `${first.place}, ${other.place}`,
    expected: 'one operation everywhere',
  });
}

interface Candidate {
  readonly place: string;
  readonly operation: Operation;
}

function namedOperations(hints: OperationHints, service: Service): readonly Candidate[] {
  const actions = [
    ['SOAPAction', hints.soapAction],
    ['action parameter', hints.actionParameter],
    ['wsa:Action', hints.wsaAction],
  ] as const;
  const byAction = actions.flatMap(([place, action]) =>
    action ? [{ place, operation: forAction(place, action, service) }] : [],
  );
  const byElement = service.operations
    .filter((operation) => isElement(operation, hints))
    .map((operation) => ({ place: 'body element', operation }));
  if (byAction.length > 0 && hints.element && byElement.length === 0)
    throw elementUnexpected(byAction[0] as Candidate, hints);
  return [...byAction, ...byElement];
}

function isElement(operation: Operation, { element }: OperationHints): boolean {
  return (
    element !== null && operation.element?.name === element.name && operation.element.namespace === element.namespace
  );
}

function forAction(place: string, action: string, service: Service): Operation {
  const operation = service.operations.find((known) => known.soapAction === action);
  if (operation) return operation;
  const expected = service.operations.flatMap((known) => known.soapAction ?? []).join(', ');
  throw new Fault('operation-unknown', {
    detail: `${place} "${action}" is no operation of ${service.id}.`,
    place,
    expected,
  });
}

function elementUnexpected(named: Candidate, { element }: OperationHints): Fault {
  const wanted = named.operation.element;
  return new Fault('operation-ambiguous', {
    detail: `${named.place} names ${named.operation.name}, but the body holds {${element?.namespace}}${element?.name}.`,
    place: `${named.place}, body element`,
    expected: wanted ? `{${wanted.namespace}}${wanted.name}` : 'the element of that operation',
  });
}

function operationUnknown({ element }: OperationHints, service: Service): Fault {
  return new Fault('operation-unknown', {
    detail: `{${element?.namespace ?? ''}}${element?.name ?? ''} is no operation of ${service.id} v${service.version}.`,
    place: 'body element',
    expected: service.operations
      .flatMap(({ element: known }) => (known ? `{${known.namespace}}${known.name}` : []))
      .join(', '),
  });
}

function fromPath(address: Decoded['address'], service: Service): Operation {
  const atPath = operationsAt(address.path, service);
  if (atPath.length === 0) {
    const expected = service.operations.flatMap(({ rest }) => rest?.path ?? []).join(', ');
    throw new Fault('route-unknown', {
      detail: `${service.id} has no operation at "${address.path}".`,
      place: 'address: path',
      expected,
    });
  }
  const operation = operationFor(address.method, atPath);
  if (operation) return operation;
  const expected = atPath.map(({ rest }) => rest?.method).join(', ');
  throw new Fault('method-not-allowed', {
    detail: `${address.method} is not allowed at "${address.path}".`,
    place: 'method',
    expected,
  });
}

/** HEAD is GET without the content (RFC 9110 §9.3.2), also where only GET is published. */
export function operationFor(method: string, operations: readonly Operation[]): Operation | undefined {
  const find = (wanted: string) => operations.find(({ rest }) => rest?.method === wanted);
  return find(method) ?? (method === 'HEAD' ? find('GET') : undefined);
}

/** A path without variables comes before a template that it fits (OpenAPI 3.1 §4.8.8.2). */
function operationsAt(path: string, { operations }: Service): readonly Operation[] {
  const fitting = operations.filter(({ rest }) => rest !== null && matchesPath(rest.path, path));
  const fewest = Math.min(...fitting.map(({ rest }) => variablesIn(rest?.path ?? '')));
  return fitting.filter(({ rest }) => variablesIn(rest?.path ?? '') === fewest);
}

/** An event goes to the receivers that it names, else to every agreement of the sender that subscribes to its type. */
function resolveEvent(decoded: Decoded, registry: Registry): Resolved {
  const type = decoded.hints.eventType ?? '';
  const named = decoded.claimedReceivers;
  const all = registry.agreementsForEvent(decoded.caller.participant, type);
  for (const receiver of named) requireAgreement(receiver, type, all, registry);
  const chosen =
    named.length > 0
      ? all.filter(({ provider }) => named.includes(provider))
      : all.filter(({ subscribes }) => subscribes);
  const [first] = chosen;
  if (!first)
    throw new Fault('no-subscriber', {
      detail: `No agreement of ${decoded.caller.participant} covers the type "${type}".`,
      place: 'type',
    });
  const service = registry.service(first.service, first.version);
  const operation = service?.operations.find(({ eventType }) => eventType === type);
  if (!service || !operation)
    throw new Fault('operation-unknown', { detail: `No operation takes the type "${type}".`, place: 'type' });
  requireAlive(service);
  const same = chosen.filter((agreement) => agreement.service === service.id && agreement.version === service.version);
  return {
    ...decoded,
    service,
    operation,
    receivers: same.map(({ provider }) => findProvider(provider, service, registry)),
  };
}

function requireAgreement(
  receiver: string,
  type: string,
  all: readonly { provider: string }[],
  registry: Registry,
): void {
  if (!registry.participant(receiver)) {
    throw new Fault('receiver-unknown', {
      detail: `No participant "${receiver}".`,
      place: 'receiver',
      expected: 'an IPA code',
    });
  }
  if (!all.some(({ provider }) => provider === receiver)) {
    throw new Fault('not-authorised', {
      detail: `No agreement covers the type "${type}" towards ${receiver}.`,
      place: 'receiver',
    });
  }
}
