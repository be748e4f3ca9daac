import { KINDS } from './document-answers.js';
import { PAGE } from './query-values.js';

/** Parameters that several routes take, for the decorators of @nestjs/swagger. */
const text = { type: 'string' } as const;
const fromOne = { type: 'integer', minimum: 1 } as const;

/** A text in the query that may be left out. */
export const optional = (name: string, description?: string) =>
  ({ name, required: false, schema: text, ...(description && { description }) }) as const;

/** A time in the query that may be left out. */
export const moment = (name: string, description: string) =>
  ({ name, required: false, schema: { type: 'string', format: 'date-time' }, description }) as const;

/** One of several values in the query that may be left out. */
export const choice = (name: string, values: readonly string[]) =>
  ({ name, required: false, schema: { ...text, enum: [...values] } }) as const;

export const KIND = { name: 'kind', schema: { type: 'string', enum: [...KINDS] } } as const;
export const ID = { name: 'id', schema: text } as const;
export const VERSION = { name: 'version', schema: fromOne } as const;
export const REASON = optional('reason', 'kept in the history');
export const LIMIT = {
  name: 'limit',
  required: false,
  schema: { ...fromOne, maximum: PAGE.maximum, default: PAGE.standard },
} as const;
export const AFTER = optional('after', '`next` of the page before');
