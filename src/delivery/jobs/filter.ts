import {
  CANCELLABLE_STATES,
  DEAD_STATES,
  END_STATES,
  LOST_STATES,
  TRANSITIONS,
  type DeliveryState,
} from '../../message/delivery.js';
import { Fault } from '../../message/fault.js';

/** What deliveries have in common; what is left out is not asked for. Times are RFC 3339. */
export interface DeliveryFilter {
  readonly states?: readonly DeliveryState[];
  /** IPA code or system id. */
  readonly receiver?: string;
  /** IPA code or system id. */
  readonly sender?: string;
  readonly service?: string;
  readonly operation?: string;
  readonly agreement?: string;
  /** Code of the last fault: the cause. */
  readonly fault?: string;
  readonly acceptedAfter?: string;
  readonly acceptedBefore?: string;
  readonly endedAfter?: string;
  readonly endedBefore?: string;
  /** The gateway's ids of deliveries, or of messages with all their deliveries. */
  readonly ids?: readonly string[];
}

/** A filter that says which states, and is narrow enough to be looked for. */
export type Search = DeliveryFilter & { readonly states: readonly DeliveryState[] };

export const JOB_ACTIONS = ['retry', 'cancel', 'discard'] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

export const STATES = Object.keys(TRANSITIONS) as readonly DeliveryState[];
const OPEN = STATES.filter((state) => !END_STATES.includes(state));

const DAY_MS = 86_400_000;
const STANDARD_DAYS = 7;
const MOST_DAYS = 31;

/** By which index of the ledger a search goes; `window`: through everything of its days. */
export function reachOf({ ids, states }: Search): 'named' | 'dead' | 'open' | 'window' {
  if (ids !== undefined) return 'named';
  if (states.every((state) => DEAD_STATES.includes(state))) return 'dead';
  return states.every((state) => OPEN.includes(state)) ? 'open' : 'window';
}

/**
 * What is to be looked through. What is delivered is looked through for the last 7 days unless the filter says since
 * when, at most 31 days. Throws filter-too-wide.
 */
export function searchOf(filter: DeliveryFilter, now: Date): Search {
  const search = { ...filter, states: filter.states ?? STATES };
  if (reachOf(search) !== 'window') return search;
  const until = Date.parse(filter.acceptedBefore ?? now.toISOString());
  const acceptedAfter = filter.acceptedAfter ?? new Date(until - STANDARD_DAYS * DAY_MS).toISOString();
  if (until - Date.parse(acceptedAfter) <= MOST_DAYS * DAY_MS) return { ...search, acceptedAfter };
  throw new Fault('filter-too-wide', {
    detail: 'Among what was delivered it looks through too many days.',
    place: 'acceptedAfter',
    expected: `at most ${MOST_DAYS} days between acceptedAfter and acceptedBefore`,
  });
}

/** What an action is for: it names the states that it is meant for, and ends now, so that it means the same a minute later. */
export function searchFor(action: JobAction, again: boolean, filter: DeliveryFilter, now: Date): Search {
  if (filter.ids !== undefined) return searchOf(filter, now);
  const states: readonly DeliveryState[] =
    filter.states ?? (action === 'cancel' ? CANCELLABLE_STATES : again ? [...LOST_STATES, 'DELIVERED'] : LOST_STATES);
  const end = states.every((state) => END_STATES.includes(state)) ? 'endedBefore' : 'acceptedBefore';
  return searchOf({ [end]: now.toISOString(), ...filter, states }, now);
}
