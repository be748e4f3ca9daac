import { Fault } from '../message/fault.js';

export const PAGE = { standard: 50, maximum: 500 };

/** Throws parameter-wrong. */
export function wholeFrom(name: string, text: string | undefined, fallback: number, max: number, min = 1): number {
  const value = Number(text ?? fallback);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(name, `${min} to ${max}`);
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** A time in the query that may be left out. Throws parameter-wrong. */
export function timeIn(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw wrong(name, 'a time with its zone, 2026-11-27T10:00:00Z');
  return new Date(time);
}

/** One of the values, undefined where nothing was given. Throws parameter-wrong. */
export function oneOf<T extends string>(name: string, text: string | undefined, values: readonly T[]): T | undefined {
  const found = values.find((value) => value === text);
  if (text !== undefined && found === undefined) throw wrong(name, `one of ${values.join(', ')}`);
  return found;
}

export const wrong = (place: string, expected: string) =>
  new Fault('parameter-wrong', { detail: `${place} is not right.`, place, expected });
