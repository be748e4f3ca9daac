import type { OpenDocument } from '../message/document.js';
import { Fault, faultFrom, type FaultRecord } from '../message/fault.js';
import type { Arrival, Decoded, Identified, OperationHints, StationClock } from '../message/stages.js';
import type { Agreement, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { authorise } from './authorise.js';
import { isInForce } from './in-force.js';
import { priorityOf } from './priority.js';
import { callerOf, represent } from './represent.js';
import { resolve } from './resolve.js';
import type { Authorised, Resolved, Route } from './stages.js';

/** A message as somebody describes it: what the gateway would learn of it without its content. */
export interface Described {
  /** The system that would send it. */
  readonly system: System;
  readonly binding: Arrival['binding'];
  readonly address: Arrival['address'];
  /** Lower-case names. */
  readonly headers: Arrival['headers'];
  readonly hints: OperationHints;
  readonly claimedSender: string | null;
  readonly claimedReceivers: readonly string[];
  readonly messageId: string | null;
}

export const STATIONS = ['identify', 'represent', 'resolve', 'authorise'] as const;
export type Station = (typeof STATIONS)[number];

/** What one station of the path decides; those behind a refusal are not asked. */
export interface Decision {
  readonly station: Station;
  /** What it goes by, or has found. */
  readonly facts: Readonly<Record<string, string>>;
  /** Null: it lets the message pass. */
  readonly fault: FaultRecord | null;
}

export interface SimulatedRoute {
  readonly participant: string;
  readonly system: string;
  readonly agreement: Pick<Agreement, 'id' | 'status'> | null;
  /** Of a question the protocol of the endpoint that answers it; null: the system takes nothing in this way. */
  readonly channel: string | null;
  /** True: it waits as long as an operator holds the system back. */
  readonly paused: boolean;
  /** 0 to 9; null where it is refused, and of a question. */
  readonly priority: number | null;
  readonly ordered: boolean;
  /** Seconds after acceptance. */
  readonly expiresAfter: number | null;
  /** Why this receiver would get nothing. */
  readonly fault: FaultRecord | null;
}

export interface Simulation {
  /** `asked`: a question, which waits for its answer; `answered-here`: the gateway answers about an earlier message. */
  readonly wouldBe: 'accepted' | 'asked' | 'answered-here' | 'refused';
  readonly decisions: readonly Decision[];
  readonly routes: readonly SimulatedRoute[];
}

/**
 * Which way a message would take, decided by the code that decides it for messages; nothing is stored, counted or sent. Its
 * content, its size, and how much was sent before are not judged.
 */
export function simulate(described: Described, registry: Registry, now: Date): Simulation {
  const decisions: Decision[] = [];
  const decide = <T>(station: Station, work: () => T, factsOf: (found: T) => Decision['facts']): T | null => {
    const { found, fault } = outcomeOf(work);
    decisions.push({ station, facts: found === null ? {} : factsOf(found), fault });
    return found;
  };
  const known = decide('identify', () => identified(described, registry, now), identifyFacts);
  const spoken = known && decide('represent', () => represent(decodedOf(known, described)), representFacts);
  const resolved = spoken && decide('resolve', () => resolve(spoken, registry), resolveFacts);
  if (resolved?.operation.follows) return { wouldBe: 'answered-here', decisions, routes: [] };
  const authorised = resolved && decide('authorise', () => admitted(resolved, registry, now), authoriseFacts);
  const taken = resolved?.operation.profile === 'query' ? 'asked' : 'accepted';
  return {
    wouldBe: authorised ? taken : 'refused',
    decisions,
    routes: (resolved?.receivers ?? []).map((receiver) => routeTo(receiver, resolved!, registry, now)),
  };
}

/** Throws what authorise throws, and parameter-wrong for a priority that is none, as acceptance does. */
function admitted(resolved: Resolved, registry: Registry, now: Date): Authorised {
  const authorised = authorise(resolved, registry, now);
  for (const route of authorised.routes) priorityIn(resolved, route);
  return authorised;
}

/** Null: a question, which goes ahead of no other. */
const priorityIn = ({ headers, operation }: Resolved, { agreement }: Route): number | null =>
  operation.profile === 'query' ? null : priorityOf(headers, operation, agreement);

function outcomeOf<T>(work: () => T): { readonly found: T | null; readonly fault: FaultRecord | null } {
  try {
    return { found: work(), fault: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { found: null, fault: faultFrom(error).toRecord() };
  }
}

/** Throws credentials-expired where the system has nothing by which it could prove who it is now. */
function identified({ system, binding, address, headers }: Described, registry: Registry, now: Date): Identified {
  if (!system.credentials.some((credential) => isInForce(credential, now)))
    throw new Fault('credentials-expired', {
      detail: `No credential of ${system.id} is in force.`,
      place: `system ${system.id}: credentials`,
      expected: 'a credential that is in force',
    });
  const caller = callerOf(system, registry);
  return { door: 'http', binding, address, headers, arrivedAt: now, clock: NO_CLOCK, caller };
}

const NO_CLOCK: StationClock = { mark: () => undefined, note: () => undefined, marks: [], fork: () => NO_CLOCK };

const NO_DOCUMENT: OpenDocument = {
  format: 'json',
  xml: null,
  json: undefined,
  examine: () => Promise.reject(new Error('there is no content to examine')),
  close: () => undefined,
};

const PROTOCOLS = { soap: 'soap11', rest: 'rest', cloudevents: 'cloudevents' } as const;

const decodedOf = (known: Identified, { hints, claimedSender, claimedReceivers, messageId }: Described): Decoded => ({
  ...known,
  protocol: PROTOCOLS[known.binding],
  format: known.binding === 'soap' ? 'xml' : 'json',
  content: Buffer.alloc(0),
  contentHeaders: {},
  document: NO_DOCUMENT,
  attachments: [],
  hints,
  messageId,
  correlationId: null,
  relatesTo: null,
  replyTo: null,
  conversation: null,
  sequence: null,
  claimedSender,
  claimedReceivers,
});

const identifyFacts = ({ caller: { system, participant } }: Identified) => ({ system, body: participant });
const representFacts = ({ caller: { participant } }: Decoded) => ({ body: participant });
const resolveFacts = ({ service, operation, receivers }: Resolved) => ({
  service: `${service.id} v${service.version}`,
  status: service.status,
  operation: operation.name,
  profile: operation.profile,
  receivers: receivers.map(({ participant }) => participant).join(', '),
});
const authoriseFacts = ({ routes }: Authorised) => ({
  agreements: routes.map(({ agreement }) => agreement.id).join(', '),
});

/** Each receiver is judged for itself, as if it were the only one that is named. */
function routeTo(receiver: System, resolved: Resolved, registry: Registry, now: Date): SimulatedRoute {
  const { caller, service } = resolved;
  const { participant, id: system, paused } = receiver;
  const found = registry.agreement(caller.participant, participant, service.id, service.version);
  const alone = { ...resolved, receivers: [receiver], claimedReceivers: [participant] };
  const judged = outcomeOf(() => {
    const [route] = authorise(alone, registry, now).routes;
    return { agreement: route!.agreement, priority: priorityIn(resolved, route!) };
  });
  return {
    participant,
    system,
    agreement: found ? { id: found.id, status: found.status } : null,
    channel: channelOf(receiver, resolved),
    paused,
    priority: judged.found?.priority ?? null,
    ordered: judged.found?.agreement.ordered ?? false,
    expiresAfter: judged.found?.agreement.expiresAfter ?? null,
    fault: judged.fault,
  };
}

function channelOf({ receives, provides }: System, { service, operation }: Resolved): string | null {
  if (operation.profile !== 'query') return receives?.channel ?? null;
  const provided = provides.find((one) => one.service === service.id && one.version === service.version);
  return provided?.endpoint?.protocol ?? null;
}
