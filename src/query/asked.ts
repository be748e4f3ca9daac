import type { Validated } from '../policy/stages.js';
import type { Endpoint } from '../registry/model.js';
import type { QueryItem } from './ports.js';

/** A question under way, as the asking process knows it. */
export interface Question {
  readonly asked: Validated;
  readonly item: QueryItem;
  /** Where it was sent. */
  readonly endpoint: Endpoint;
}
