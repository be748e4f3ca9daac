import type { ApiResponseOptions } from '@nestjs/swagger';
import type { SCHEMAS } from './schemas.js';

type Answer = Omit<ApiResponseOptions, 'status'>;

export const schemaOf = (name: keyof typeof SCHEMAS) => ({ $ref: `#/components/schemas/${name}` });

/** An answer in JSON, for the decorators of @nestjs/swagger. */
export const json = (description: string, name: keyof typeof SCHEMAS): Answer => ({
  description,
  content: { 'application/json': { schema: schemaOf(name) } },
});

/** An answer that is text of a media type. */
export const text = (description: string, mediaType: string): Answer => ({
  description,
  content: { [mediaType]: { schema: { type: 'string' } } },
});

/** A refusal. */
export const problem = (description: string): Answer => ({
  description,
  content: { 'application/problem+json': { schema: schemaOf('Problem') } },
});
