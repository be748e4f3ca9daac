import { END_STATES, type DeliveryState } from '../../src/message/delivery.js';

/** What happens to one of two deliveries; `stale`: with an epoch or a lease that is not its own; `isOver`: its lease ends at once. */
export type Happening =
  | { readonly what: 'claim'; readonly at: number; readonly stale: boolean; readonly isOver: boolean }
  | { readonly what: 'settle'; readonly at: number; readonly stale: boolean; readonly to: DeliveryState & Settled }
  | { readonly what: 'suspend' | 'expire' | 'take' | 'release'; readonly at: number; readonly stale: boolean }
  | { readonly what: 'due' | 'recover' | 'publish' | 'unpublish' | 'cancel'; readonly at: number }
  | { readonly what: 'acknowledge'; readonly at: number; readonly to: 'DELIVERED' | 'FAILED' }
  | { readonly what: 'fetch'; readonly at: number; readonly isOver: boolean }
  | { readonly what: 'retry'; readonly at: number; readonly again: boolean };

type Settled = 'DELIVERED' | 'AVAILABLE' | 'WAITING_RETRY' | 'SUSPENDED' | 'FAILED';

/** A delivery as the blueprint's §4 has it, written anew and from the outside. */
export interface Model {
  readonly state: DeliveryState;
  readonly epoch: number;
  readonly attempts: number;
  readonly isPublished: boolean;
  /** Of the dispatcher or of the box. */
  readonly lease: 'none' | 'held' | 'over';
  /** True where the last lease was the box's and the test still has it. */
  readonly isFetched: boolean;
}

export const LOST: readonly DeliveryState[] = ['FAILED', 'EXPIRED', 'CANCELLED'];

export const born = (): Model => ({
  state: 'QUEUED',
  epoch: 0,
  attempts: 0,
  isPublished: false,
  lease: 'none',
  isFetched: false,
});

const queued = (model: Model): Model => ({ ...born(), epoch: model.epoch + 1, attempts: model.attempts });
const into = (model: Model, state: DeliveryState): Model => ({
  ...model,
  state,
  lease: 'none',
  isFetched: model.isFetched && END_STATES.includes(state),
});
const waits = ({ state }: Model) => state === 'WAITING_RETRY' || state === 'SUSPENDED';

/** The delivery after it; the same where it is not allowed. */
export function after(model: Model, event: Happening): Model {
  const { state } = model;
  if ('stale' in event && event.stale) return model;
  switch (event.what) {
    case 'claim':
      if (state !== 'QUEUED') return model;
      return {
        ...model,
        state: 'DELIVERING',
        epoch: model.epoch + 1,
        attempts: model.attempts + 1,
        lease: event.isOver ? 'over' : 'held',
      };
    case 'settle':
      if (state !== 'DELIVERING') return model;
      return { ...into(model, event.to), attempts: model.attempts - (event.to === 'SUSPENDED' ? 1 : 0) };
    case 'suspend':
      return state === 'QUEUED' ? into(model, 'SUSPENDED') : model;
    case 'expire':
      return END_STATES.includes(state) ? model : into(model, 'EXPIRED');
    case 'due':
      return waits(model) ? queued(model) : model;
    case 'recover':
      return state === 'DELIVERING' && model.lease === 'over' ? queued(model) : model;
    case 'publish':
      return state === 'QUEUED' ? { ...model, isPublished: true } : model;
    case 'unpublish':
      return state === 'QUEUED' && model.isPublished ? queued(model) : model;
    case 'acknowledge':
      return ['AVAILABLE', 'DELIVERING', ...(event.to === 'DELIVERED' ? LOST : [])].includes(state)
        ? into(model, event.to)
        : model;
    case 'fetch':
      if (state !== 'AVAILABLE' || model.lease === 'held') return model;
      return { ...model, lease: event.isOver ? 'over' : 'held', isFetched: true };
    case 'take':
      return model.isFetched && ['AVAILABLE', ...LOST].includes(state) ? into(model, 'DELIVERED') : model;
    case 'release':
      return model.isFetched && state === 'AVAILABLE' ? { ...model, lease: 'over' } : model;
    case 'cancel':
      return ['QUEUED', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED'].includes(state)
        ? { ...into(model, 'CANCELLED'), epoch: model.epoch + 1 }
        : model;
    case 'retry':
      return END_STATES.includes(state) && (event.again || state !== 'DELIVERED') ? queued(model) : model;
  }
}
