import type { Validated } from '../policy/stages.js';
import type { Endpoint } from '../registry/model.js';
import type { Answered, QueryItem } from './ports.js';

/** A question under way, as the asking process knows it. */
export interface Question {
  readonly asked: Validated;
  readonly item: QueryItem;
  /** Where it was sent. */
  readonly endpoint: Endpoint;
  /** Told what the provider has answered, before anything of it is judged. */
  readonly heard: (answer: Answered) => void;
}
