import { APPROVAL_MS } from '../delivery/jobs/jobs.js';
import type { Job, JobItem } from '../delivery/jobs/ports.js';
import { FAULTS } from '../message/fault-catalogue.js';

/** A job with its progress. */
export function showJob({ scope: _scope, ...job }: Job) {
  const { total, done, skipped, failed } = job;
  const approveBefore = job.state === 'PROPOSED' ? new Date(job.createdAt.getTime() + APPROVAL_MS) : null;
  return { ...job, waiting: total - done - skipped - failed, approveBefore };
}

/** What became of an item, and where its delivery is today. */
export function showItem(item: JobItem, action: Job['action']) {
  const { n, messageId, deliveryId, receiver, seen, result, at, state } = item;
  return { n, messageId, deliveryId, receiver, seen, result: result ?? 'waiting', why: whyOf(item, action), at, state };
}

const PARTICIPLE = { retry: 'sent anew', cancel: 'withdrawn', discard: 'discarded' } as const;

function whyOf({ result, fault, found, seen }: JobItem, action: Job['action']): string | null {
  if (result === 'failed') return fault && `${fault}: ${FAULTS[fault].en}`;
  if (result !== 'skipped') return null;
  if (found === null) return 'It is no longer stored.';
  if (action === 'retry' && found === 'DELIVERED')
    return 'It is delivered: only an order that says so twice sends it again.';
  if (found !== seen) return `It has moved on from ${seen}: its turn found it ${found}.`;
  if (action === 'retry' && ['FAILED', 'EXPIRED', 'CANCELLED'].includes(found)) return 'It was sent anew meanwhile.';
  return `What is ${found} cannot be ${PARTICIPLE[action]}.`;
}
