import type { Validated } from '../policy/stages.js';
import type { Endpoint } from '../registry/model.js';
import type { QueryItem, QueryOutcome } from './ports.js';

export type Answered = Extract<QueryOutcome, { readonly kind: 'answered' }>;

/** A question under way, as the asking process knows it. */
export interface Question {
  readonly asked: Validated;
  readonly item: QueryItem;
  /** Where it was sent. */
  readonly endpoint: Endpoint;
}
