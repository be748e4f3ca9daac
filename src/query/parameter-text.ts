import { Fault } from '../message/fault.js';
import type { RestParameter } from '../registry/rest-binding.js';

/** One pair of a query string, a header, or what stands in a path; not encoded. */
export type Pair = readonly [name: string, parts: readonly string[]];

/** How the parts of one value are joined; their own separators are encoded, this one is not. */
export const SEPARATORS: Readonly<Record<string, string>> = { spaceDelimited: '%20', pipeDelimited: '|' };

/**
 * A JSON value as OpenAPI writes a parameter (3.1 §4.8.12.2.1): style simple of paths and headers, form, deepObject,
 * spaceDelimited and pipeDelimited of queries. Throws mediation-failed for another style and for what is nested deeper.
 */
export function pairsOf(parameter: RestParameter, value: unknown): readonly Pair[] {
  const { name } = parameter;
  const { style, explode } = wayOf(parameter);
  const isRepeated = explode && style !== 'simple';
  if (Array.isArray(value)) {
    const parts = value.map((one) => textOf(parameter, one));
    return isRepeated ? parts.map((part) => [name, [part]] as const) : [[name, parts]];
  }
  if (typeof value !== 'object' || value === null) return [[name, [textOf(parameter, value)]]];
  const members = Object.entries(value).map(([key, one]) => [key, textOf(parameter, one)] as const);
  if (style === 'deepObject') return members.map(([key, text]) => [`${name}[${key}]`, [text]] as const);
  if (isRepeated) return members.map(([key, text]) => [key, [text]] as const);
  return [[name, explode ? members.map(([key, text]) => `${key}=${text}`) : members.flat()]];
}

const STYLES = { query: ['form', 'deepObject', 'spaceDelimited', 'pipeDelimited'], other: ['simple'] };

function wayOf(parameter: RestParameter) {
  const known = STYLES[parameter.in === 'query' ? 'query' : 'other'];
  const { style = known[0]! } = parameter;
  if (known.includes(style)) return { style, explode: parameter.explode ?? style === 'form' };
  throw misfit(parameter, `${placeOf(parameter)} is published in the style ${style}.`, known.join(', '));
}

function textOf(parameter: RestParameter, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw misfit(parameter, `The value for ${placeOf(parameter)} is not simple.`, 'a text, number or boolean');
}

export const placeOf = ({ in: where, name }: RestParameter) => `${where}: ${name}`;

export const misfit = (parameter: RestParameter, detail: string, expected?: string) =>
  new Fault('mediation-failed', { detail, place: placeOf(parameter), ...(expected !== undefined && { expected }) });
