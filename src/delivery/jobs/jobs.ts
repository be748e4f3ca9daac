import { newId } from '../../new-id.js';
import type { DeliveryState } from '../../message/delivery.js';
import { Fault } from '../../message/fault.js';
import type { Registry } from '../../registry/registry.js';
import { searchFor, type DeliveryFilter, type JobAction, type Search } from './filter.js';
import type { DeliverySearch, FoundDelivery, Job, JobAct, JobLedger, JobState, NewJob, Place, Scope } from './ports.js';
import { requireOtherSystem } from './other-system.js';

/** Items of one job at most. */
export const MOST_ITEMS = 100_000;
/** Time for another operator to approve a job. */
export const APPROVAL_MS = 86_400_000;
const CHUNK = 5_000;
const SAMPLES = 5;

export interface JobOrder {
  readonly action: JobAction;
  readonly filter: DeliveryFilter;
  /** Items a second. */
  readonly rate: number;
  /** What was delivered too; its receiver gets it twice. */
  readonly again: boolean;
  /** Another system of the receiver; null: the one that each was for. */
  readonly system: string | null;
}

/** An operator. */
export interface Actor {
  readonly id: string;
  readonly scope: Scope;
}

/** What a job would do. */
export interface JobPreview {
  /** The order as it can be given: with the filter that was looked for. */
  readonly order: Omit<JobOrder, 'filter'> & { readonly filter: Search };
  readonly total: number;
  /** True where there are more than `total`: too many for one job. */
  readonly more: boolean;
  readonly states: Partial<Record<DeliveryState, number>>;
  /** What the order must say to send again what was delivered, or to discard; null where it asks for neither. */
  readonly confirm: string | null;
  /** The newest. */
  readonly samples: readonly FoundDelivery[];
}

/** Bulk orders. Throws parameter-wrong, operator-not-allowed, filter-too-wide, store-unavailable. */
export interface Jobs {
  preview(order: JobOrder, actor: Actor): Promise<JobPreview>;
  /** Fixes the items and begins, or waits for another operator. Throws confirmation-missing too. */
  create(order: JobOrder & { readonly reason: string; readonly confirm: string | null }, actor: Actor): Promise<Job>;
  /** Each throws job-unknown and job-state-wrong. */
  pause(id: string, actor: Actor, reason: string | null): Promise<Job>;
  resume(id: string, actor: Actor, reason: string | null): Promise<Job>;
  /** By another operator than who has ordered it, within a day. Throw operator-not-allowed too. */
  approve(id: string, actor: Actor, reason: string | null): Promise<Job>;
  reject(id: string, actor: Actor, reason: string): Promise<Job>;
  /** What was done stays done. */
  cancel(id: string, actor: Actor, reason: string | null): Promise<Job>;
  changeRate(id: string, actor: Actor, rate: number, reason: string | null): Promise<Job>;
  /** Throws job-unknown. */
  find(id: string, scope: Scope): Promise<Job>;
}

interface JobParts {
  readonly ledger: JobLedger;
  readonly search: DeliverySearch;
  readonly registry: () => Pick<Registry, 'system' | 'systems'>;
  /** True where a job waits until another operator has approved it. */
  readonly fourEyes: boolean;
}

export function createJobs(parts: JobParts): Jobs {
  const { ledger, registry } = parts;
  const turn = async (id: string, actor: Actor, from: readonly JobState[], act: Omit<JobAct, 'by'>, to?: JobState) => {
    const turned = await ledger.turn(id, actor.scope, { from, act: { ...act, by: actor.id }, ...(to && { to }) });
    return turned ?? refuse(await find(id, actor.scope, ledger), act);
  };
  const decide = async (id: string, actor: Actor, act: Omit<JobAct, 'by'>, to: JobState) => {
    const from = ['PROPOSED'] as const;
    const decision = { from, to, act: { ...act, by: actor.id }, byAnotherWithinMs: APPROVAL_MS };
    return (await ledger.turn(id, actor.scope, decision)) ?? undecided(await find(id, actor.scope, ledger), actor);
  };
  return {
    preview: (order, actor) => previewOf(checked(order, actor, registry()), actor, parts),
    create: (order, actor) => create({ ...order, ...checked(order, actor, registry()) }, actor, parts),
    pause: (id, actor, reason) => turn(id, actor, ['RUNNING'], { act: 'paused', reason }, 'PAUSED'),
    resume: (id, actor, reason) => turn(id, actor, ['PAUSED'], { act: 'resumed', reason }, 'RUNNING'),
    approve: (id, actor, reason) => decide(id, actor, { act: 'approved', reason }, 'RUNNING'),
    reject: (id, actor, reason) => decide(id, actor, { act: 'rejected', reason }, 'REJECTED'),
    cancel: (id, actor, reason) => turn(id, actor, [...GOING, 'PROPOSED'], { act: 'cancelled', reason }, 'CANCELLED'),
    changeRate: (id, actor, rate, reason) => turn(id, actor, GOING, { act: 'rate', reason, rate }),
    find: (id, scope) => find(id, scope, ledger),
  };
}

const GOING: readonly JobState[] = ['RUNNING', 'PAUSED'];

function checked(order: JobOrder, actor: Actor, registry: Pick<Registry, 'system' | 'systems'>): JobPreview['order'] {
  const { action, filter, rate, again, system } = order;
  if (system !== null) requireOtherSystem(system, order, actor, registry);
  return { action, filter: searchFor(action, again, filter, new Date()), rate, again, system };
}

async function previewOf(order: JobPreview['order'], { scope }: Actor, { search }: JobParts): Promise<JobPreview> {
  const states = await search.count(order.filter, scope, MOST_ITEMS + 1);
  const samples = await search.list(order.filter, scope, { limit: SAMPLES });
  const total = Object.values(states).reduce((sum, one) => sum + one, 0);
  const confirm = asksTwice(order) ? phraseFor(order, { total, delivered: states.DELIVERED ?? 0 }) : null;
  return { order, total: Math.min(total, MOST_ITEMS), more: total > MOST_ITEMS, states, confirm, samples };
}

const asksTwice = ({ again, action }: Pick<JobOrder, 'again' | 'action'>) => again || action === 'discard';
const phraseFor = ({ action }: Pick<JobOrder, 'action'>, { total, delivered }: Collected) =>
  action === 'discard' ? `discard ${total}` : `send ${delivered} delivered again`;

interface Collected {
  readonly total: number;
  readonly delivered: number;
}

type FullOrder = JobPreview['order'] & { readonly reason: string; readonly confirm: string | null };

async function create(order: FullOrder, actor: Actor, { ledger, fourEyes }: JobParts): Promise<Job> {
  const { confirm, ...rest } = order;
  if (asksTwice(order) && confirm === null) throw unconfirmed(null);
  const job: NewJob = { ...rest, id: newId(), operator: actor.id, scope: actor.scope };
  await ledger.open(job);
  try {
    const phrase = phraseFor(order, await collect(job, ledger));
    if (asksTwice(order) && confirm !== phrase) throw unconfirmed(phrase);
  } catch (error) {
    await ledger.discard(job.id);
    throw error;
  }
  const begun = await ledger.begin(job.id, fourEyes ? 'PROPOSED' : 'RUNNING');
  if (begun) return begun;
  throw new Fault('job-unknown', { detail: 'It took too long to collect what matches.', place: 'filter' });
}

async function collect(job: NewJob, ledger: JobLedger): Promise<Collected> {
  let [total, delivered] = [0, 0];
  let after: Place | null = null;
  for (;;) {
    const chunk = await ledger.collect(job, { after, first: total + 1, limit: CHUNK });
    total += chunk.count;
    delivered += chunk.delivered;
    after = chunk.last;
    if (total > MOST_ITEMS) throw tooMany();
    if (chunk.count < CHUNK) return { total, delivered };
  }
}

async function find(id: string, scope: Scope, ledger: JobLedger): Promise<Job> {
  const found = await ledger.find(id, scope);
  if (found) return found;
  throw new Fault('job-unknown', { detail: `No job "${id.slice(0, 64)}".`, place: 'address' });
}

function refuse({ state }: Job, { act }: Omit<JobAct, 'by'>): never {
  throw new Fault('job-state-wrong', {
    detail: `The job is ${state}.`,
    place: 'address',
    expected: act === 'resumed' ? 'PAUSED' : act === 'paused' ? 'RUNNING' : GOING.join(' or '),
  });
}

/** Why nobody has decided. */
function undecided({ state, operator }: Job, { id }: Actor): never {
  if (state === 'PROPOSED' && operator === id)
    throw new Fault('operator-not-allowed', {
      detail: 'Who has ordered a job neither approves nor rejects it.',
      expected: 'another operator with messages.resend and the whole scope of the job; or to cancel it',
    });
  throw new Fault('job-state-wrong', {
    detail: state === 'PROPOSED' ? 'The time to approve it is over.' : `The job is ${state}.`,
    place: 'address',
    expected: 'PROPOSED, for less than a day',
  });
}

const tooMany = () =>
  new Fault('filter-too-wide', {
    detail: `More than ${MOST_ITEMS} deliveries match.`,
    place: 'filter',
    expected: `a filter that at most ${MOST_ITEMS} match: a shorter time, one receiver, one cause`,
  });

const unconfirmed = (phrase: string | null) =>
  new Fault('confirmation-missing', {
    detail:
      phrase === null
        ? 'What was delivered is sent again, and anything discarded, only where the order says so twice.'
        : `What matches now is confirmed by "${phrase}"; the order confirms something else.`,
    place: 'confirm',
    expected: 'the `confirm` of a preview of the same order',
  });
