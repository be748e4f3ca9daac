import { Fault } from '../../message/fault.js';
import type { Party } from '../../message/message.js';
import type { Participant } from '../../registry/model.js';
import type { RateLimit } from '../../registry/rate-limit.js';
import type { Registry } from '../../registry/registry.js';
import type { Authorised, Route } from '../stages.js';

/** So many of something in a window of time, over all nodes. */
export interface Limit {
  readonly kind: 'system' | 'participant' | 'service' | 'agreement';
  /** Id of the kind; of a service also the body that calls it. */
  readonly whose: string;
  readonly unit: 'requests' | 'messages' | 'bytes';
  readonly count: number;
  /** Seconds from the first use on; a day and a month are those of UTC. */
  readonly window: number | 'day' | 'month';
}

/** Names the counter: one of another window is another counter. */
export const keyOf = ({ kind, whose, unit, window }: Limit): string => `${kind} ${whose} ${unit} ${window}`;

/** Held before the body is read: what every request of the system counts for. */
export function limitsOfCaller({ system, participant }: Party, registry: Registry, perMinute: number): Limit[] {
  const own = rateOf('system', system, { perMinute, ...registry.system(system)?.limits });
  return [...own, ...rateOf('participant', participant, registry.participant(participant)?.limits)];
}

/** What a message or question that is authorised counts for. */
export const limitsOfRoutes = ({ caller, service, routes }: Authorised): Limit[] => [
  ...routes.flatMap(limitsOfAgreement),
  ...rateOf('service', `${service.id} v${service.version} of ${caller.participant}`, service.limits, 'messages'),
];

const limitsOfAgreement = ({ agreement: { id, perMinute } }: Route): Limit[] =>
  perMinute === null ? [] : rateOf('agreement', id, { perMinute }, 'messages');

/** The same, of those that are counted for long. */
export function quotasOf(participant: Participant | undefined): Limit[] {
  const { id = '', limits = {} } = participant ?? {};
  const quota = (count: number | undefined, unit: 'messages' | 'bytes', window: 'day' | 'month'): Limit[] =>
    count === undefined ? [] : [{ kind: 'participant', whose: id, unit, count, window }];
  return [
    ...quota(limits.messagesPerDay, 'messages', 'day'),
    ...quota(limits.messagesPerMonth, 'messages', 'month'),
    ...quota(limits.bytesPerDay, 'bytes', 'day'),
    ...quota(limits.bytesPerMonth, 'bytes', 'month'),
  ];
}

/** A burst is a whole window: 600 a minute with a burst of 100 are 100 in 10 seconds. */
function rateOf(kind: Limit['kind'], whose: string, rate: RateLimit = {}, unit: Limit['unit'] = 'requests'): Limit[] {
  const { perMinute, burst = perMinute } = rate;
  if (perMinute === undefined || burst === undefined) return [];
  return [{ kind, whose, unit, count: burst, window: (60 * burst) / perMinute }];
}

const MS = 1_000;

/** `resetMs`: when the next are free. */
export function usedUp(limit: Limit, resetMs: number): Fault {
  const { kind, whose } = limit;
  const seconds = Math.max(1, Math.ceil(resetMs / MS));
  const at = new Date(Date.now() + seconds * MS).toISOString().replace(/\.\d+Z$/, 'Z');
  return new Fault('rate-limited', {
    detail: `The limit of ${kind} ${whose} is used up: ${allowed(limit)}. It is free again at ${at}.`,
    place: `limit of ${kind} ${whose}`,
    expected: `at most ${allowed(limit)}`,
    retryAfterSeconds: seconds,
  });
}

const allowed = ({ count, unit, window }: Limit) =>
  `${count} ${unit} ${typeof window === 'string' ? `a ${window}` : window === 60 ? 'a minute' : `in ${Math.round(window * 10) / 10} seconds`}`;
