import { Fault } from '../message/fault.js';

export const PAGE = { standard: 50, maximum: 500 };

/** Throws parameter-wrong. */
export function wholeFrom(name: string, text: string | undefined, fallback: number, max: number): number {
  const value = Number(text ?? fallback);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw wrong(name, `1 to ${max}`);
}

export const wrong = (place: string, expected: string) =>
  new Fault('parameter-wrong', { detail: `${place} is not right.`, place, expected });
