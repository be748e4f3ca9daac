import { END_STATES, type DeliveryState } from '../../src/message/delivery.js';

/** What happens to one of two deliveries; `stale`: with an epoch or a lease that is not its own; `isOver`: its lease ends at once. */
export type Happening =
  | { readonly what: 'claim'; readonly at: number; readonly stale: boolean; readonly isOver: boolean }
  | { readonly what: 'settle'; readonly at: number; readonly stale: boolean; readonly to: DeliveryState & Settled }
  | {
      readonly what: 'suspend' | 'expire' | 'take' | 'release' | 'discard';
      readonly at: number;
      readonly stale: boolean;
    }
  | { readonly what: 'due' | 'recover' | 'reserve' | 'publish' | 'unpublish' | 'cancel'; readonly at: number }
  | { readonly what: 'acknowledge'; readonly at: number; readonly to: 'DELIVERED' | 'FAILED' }
  | { readonly what: 'fetch'; readonly at: number; readonly isOver: boolean }
  | { readonly what: 'retry'; readonly at: number; readonly again: boolean }
  /** A retry of what still is as it was seen, to another system. */
  | { readonly what: 'replay'; readonly at: number; readonly again: boolean; readonly stale: boolean };

type Settled = 'DELIVERED' | 'AVAILABLE' | 'WAITING_RETRY' | 'SUSPENDED' | 'FAILED';

/** A delivery as the blueprint's §4 has it, written anew and from the outside. */
export interface Model {
  readonly state: DeliveryState;
  readonly epoch: number;
  readonly attempts: number;
  readonly isPublished: boolean;
  /** A relay has it, and may have published it. */
  readonly isReserved: boolean;
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
  isReserved: false,
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
const resent = (model: Model, again: boolean) =>
  END_STATES.includes(model.state) && (again || model.state !== 'DELIVERED') ? queued(model) : model;
const waits = ({ state }: Model) => state === 'WAITING_RETRY' || state === 'SUSPENDED';

/** The events of one name. */
export type Of<W extends Happening['what']> = Happening & { readonly what: W };

type Rules = { readonly [W in Happening['what']]: (model: Model, event: Of<W>) => Model };

/** Where each is allowed, what it makes. */
const RULES: Rules = {
  claim: (model, { isOver }) =>
    model.state === 'QUEUED'
      ? {
          ...model,
          state: 'DELIVERING',
          epoch: model.epoch + 1,
          attempts: model.attempts + 1,
          lease: isOver ? 'over' : 'held',
        }
      : model,
  settle: (model, { to }) =>
    model.state === 'DELIVERING'
      ? { ...into(model, to), attempts: model.attempts - (to === 'SUSPENDED' ? 1 : 0) }
      : model,
  suspend: (model) => (model.state === 'QUEUED' ? into(model, 'SUSPENDED') : model),
  expire: (model) => (END_STATES.includes(model.state) ? model : into(model, 'EXPIRED')),
  due: (model) => (waits(model) ? queued(model) : model),
  recover: (model) => (model.state === 'DELIVERING' && model.lease === 'over' ? queued(model) : model),
  publish: (model) => (model.state === 'QUEUED' ? { ...model, isPublished: true } : model),
  reserve: (model) => (model.state === 'QUEUED' && !model.isPublished ? { ...model, isReserved: true } : model),
  unpublish: (model) => (model.state === 'QUEUED' && (model.isPublished || model.isReserved) ? queued(model) : model),
  acknowledge: (model, { to }) =>
    ['AVAILABLE', 'DELIVERING', ...(to === 'DELIVERED' ? LOST : [])].includes(model.state) ? into(model, to) : model,
  fetch: (model, { isOver }) =>
    model.state === 'AVAILABLE' && model.lease !== 'held'
      ? { ...model, lease: isOver ? 'over' : 'held', isFetched: true }
      : model,
  take: (model) => (model.isFetched && ['AVAILABLE', ...LOST].includes(model.state) ? into(model, 'DELIVERED') : model),
  release: (model) => (model.isFetched && model.state === 'AVAILABLE' ? { ...model, lease: 'over' } : model),
  cancel: (model) =>
    ['QUEUED', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED'].includes(model.state)
      ? { ...into(model, 'CANCELLED'), epoch: model.epoch + 1 }
      : model,
  discard: (model) => (['FAILED', 'EXPIRED'].includes(model.state) ? into(model, 'CANCELLED') : model),
  retry: (model, { again }) => resent(model, again),
  replay: (model, { again }) => resent(model, again),
};

/** The delivery after it; the same where it is not allowed. */
export const after = (model: Model, event: Happening): Model =>
  'stale' in event && event.stale
    ? model
    : (RULES[event.what] as (model: Model, event: Happening) => Model)(model, event);
