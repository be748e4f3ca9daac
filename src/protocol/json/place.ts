import { Fault } from '../../message/fault.js';

/** 1-based line and column of an index. */
export function positionOf(text: string, index: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: index - start + 1 };
}

export function notWellFormed(text: string, index: number, reason: string): Fault {
  const { line, column } = positionOf(text, index);
  const place = `line ${line}, column ${column}`;
  return new Fault('not-well-formed', { detail: `Line ${line}, column ${column}: ${reason}`, place });
}

/** One step of a JSON Pointer (RFC 6901 §3). */
export function pointerStep(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
