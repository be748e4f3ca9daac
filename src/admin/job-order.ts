import type { DeliveryFilter } from '../delivery/jobs/filter.js';
import type { Actor, JobOrder } from '../delivery/jobs/jobs.js';
import { checked, compiled, TIME } from './checked.js';
import { JOB_SCHEMAS, RATE } from './job-schemas.js';
import type { ActingOperator } from './permissions.js';
import { wrong } from './query-values.js';

const isOrder = compiled(JOB_SCHEMAS.JobOrder);
const isFilter = compiled(JOB_SCHEMAS.DeliveryFilter);

type Written = Pick<JobOrder, 'action' | 'filter'> &
  Partial<JobOrder> & { readonly reason?: string; readonly confirm?: string | null };

/** An order as it was sent, with what it leaves out. Throws parameter-wrong. */
export function orderIn(body: unknown): JobOrder & { readonly reason: string | null; readonly confirm: string | null } {
  const { action, filter, rate, again, system, reason, confirm } = checked<Written>(isOrder, body);
  return {
    action,
    filter: withTimes(filter, 'filter.'),
    rate: rate ?? RATE.standard,
    again: again ?? false,
    system: system ?? null,
    reason: reason?.trim() ?? null,
    confirm: confirm ?? null,
  };
}

const MEMBERS = Object.keys(JOB_SCHEMAS.DeliveryFilter.properties);

/** The filter that a query names; `state` and `ids` are lists with commas. Throws parameter-wrong. */
export function filterIn({ state, ids, ...query }: Readonly<Record<string, string | undefined>>): DeliveryFilter {
  const given = Object.entries(query).filter(([name, value]) => value !== undefined && MEMBERS.includes(name));
  const filter = {
    ...Object.fromEntries(given),
    ...(state !== undefined && { states: state.split(',') }),
    ...(ids !== undefined && { ids: ids.split(',') }),
  };
  return withTimes(checked<DeliveryFilter>(isFilter, filter), '');
}

export const actorOf = ({ id, participants }: ActingOperator): Actor => ({
  id,
  scope: participants === null ? null : [...participants],
});

/** The format lets a leap second pass, which no clock here knows. */
function withTimes(filter: DeliveryFilter, at: string): DeliveryFilter {
  for (const name of ['acceptedAfter', 'acceptedBefore', 'endedAfter', 'endedBefore'] as const)
    if (Number.isNaN(Date.parse(filter[name] ?? '2000-01-01'))) throw wrong(`${at}${name}`, TIME);
  return filter;
}
