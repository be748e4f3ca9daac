import { Fault } from '../message/fault.js';

export const PAGE = { standard: 50, maximum: 500 };

/** Throws parameter-wrong. */
export function wholeFrom(name: string, text: string | undefined, fallback: number, max: number, min = 1): number {
  const value = Number(text ?? fallback);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(name, `${min} to ${max}`);
}

/** One of the values, undefined where nothing was given. Throws parameter-wrong. */
export function oneOf<T extends string>(name: string, text: string | undefined, values: readonly T[]): T | undefined {
  const found = values.find((value) => value === text);
  if (text !== undefined && found === undefined) throw wrong(name, `one of ${values.join(', ')}`);
  return found;
}

export const wrong = (place: string, expected: string) =>
  new Fault('parameter-wrong', { detail: `${place} is not right.`, place, expected });
