import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { wrong } from './query-values.js';

const ajv = new Ajv2020({ strict: false, verbose: true });
addFormats.default(ajv);

export const TIME = 'a time such as 2026-11-27T02:00:00Z';

/** A schema that is compiled with the first body that it is asked about: no start waits for it. */
export type Compiled = () => ValidateFunction;

export const compiled = (schema: object): Compiled => {
  let validate: ValidateFunction | null = null;
  return () => (validate ??= ajv.compile(schema));
};

/** A body that fits. Throws parameter-wrong, which names the first member that does not. */
export function checked<T>(schema: Compiled, value: unknown): T {
  const validate = schema();
  if (validate(value)) return value as T;
  const [error] = validate.errors ?? [];
  throw error ? wrong(placeOf(error), expectedBy(error)) : wrong('body', 'an order');
}

function placeOf({ instancePath, params }: ErrorObject): string {
  const member: unknown = params['additionalProperty'] ?? params['missingProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof member === 'string' ? [member.slice(0, 64)] : [])];
  return path.join('.') || 'body';
}

function expectedBy({ keyword, message, params, parentSchema }: ErrorObject): string {
  if (keyword === 'enum') return `one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
  if (keyword === 'format' && params['format'] === 'date-time') return TIME;
  if (keyword !== 'additionalProperties') return message ?? keyword;
  return `one of ${Object.keys((parentSchema?.['properties'] ?? {}) as object).join(', ')}`;
}
