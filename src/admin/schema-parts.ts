import { TRANSITIONS } from '../message/delivery.js';

/** Parts of the JSON Schemas of the operators' API. */
export const string = { type: 'string' };
export const integer = { type: 'integer' };
export const time = { type: 'string', format: 'date-time' };
export const uuid = { type: 'string', format: 'uuid' };
export const state = { type: 'string', enum: Object.keys(TRANSITIONS) };

export const orNull = (schema: { readonly type: string; readonly enum?: readonly string[] }) => ({
  ...schema,
  type: [schema.type, 'null'],
  ...(schema.enum && { enum: [...schema.enum, null] }),
});
export const listOf = (items: object) => ({ type: 'array', items });
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
export const refOrNull = (name: string) => ({ anyOf: [ref(name), { type: 'null' }] });

/** Every property is always there, unless it is named as optional. */
export const closed = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
