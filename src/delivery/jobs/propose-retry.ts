import { DEAD_STATES } from '../../message/delivery.js';
import { Fault } from '../../message/fault.js';
import type { Actor, JobOrder, Jobs } from './jobs.js';
import type { Job } from './ports.js';

interface OneRetry {
  /** The gateway's id of a delivery, or of a message with all its deliveries. */
  readonly id: string;
  readonly reason: string;
  readonly again: boolean;
}

/** Orders the retry of one message as a job, where another operator has to approve it. Throws delivery-state-wrong, and what jobs throw. */
export async function proposeRetry(
  { id, reason, again }: OneRetry,
  actor: Actor,
  jobs: Pick<Jobs, 'preview' | 'create'>,
): Promise<Job> {
  const states = again ? [...DEAD_STATES, 'DELIVERED' as const] : DEAD_STATES;
  const order: JobOrder = { action: 'retry', filter: { ids: [id], states }, rate: 1, again, system: null };
  const { total, confirm } = await jobs.preview(order, actor);
  if (total > 0) return jobs.create({ ...order, reason, confirm }, actor);
  throw new Fault('delivery-state-wrong', {
    detail: 'Nothing of it is in a state to be sent anew.',
    place: 'address',
    expected: states.join(', '),
  });
}
