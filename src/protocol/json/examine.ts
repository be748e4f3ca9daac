import { hash } from 'node:crypto';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Examination, ExaminationOrder } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import { canonicalJson } from './canonical.js';
import { jsonKeys } from './keys.js';
import type { ParsedJson } from './parse.js';
import { pointerStep } from './place.js';
import { toViolations } from './violations.js';

/** Violations that a fault lists at most. */
const MAX_VIOLATIONS = 100;

/** Examines the value, or the one member that the order names. Throws event-malformed where that is not there. */
export function examineJson(
  bytes: Buffer,
  { text, value }: ParsedJson,
  { extract, member, undigested, keys = [] }: ExaminationOrder,
  validate: ValidateFunction | null,
): Examination {
  const payload = member === undefined ? value : memberOf(value, member);
  const errors = validate && !validate(payload) ? (validate.errors ?? []) : [];
  const shown: readonly ErrorObject[] = errors.slice(0, MAX_VIOLATIONS);
  return {
    violations: toViolations(shown, text, member === undefined ? '' : pointerStep(member)),
    truncated: errors.length > shown.length,
    extracted: extractAll(payload, extract),
    keys: errors.length === 0 ? jsonKeys(payload, keys) : [],
    digest: undigested ? '' : hash('sha256', member === undefined ? bytes : canonicalJson(payload), 'hex'),
  };
}

function memberOf(value: unknown, member: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, member))
    return (value as Record<string, unknown>)[member];
  throw new Fault('event-malformed', { detail: `The member "${member}" is missing.`, place: pointerStep(member) });
}

function extractAll(payload: unknown, extract: ExaminationOrder['extract']): Record<string, string> {
  const extracted: Record<string, string> = {};
  for (const [label, path] of Object.entries(extract)) {
    const found = firstMatch(payload, path.split('/'));
    if (found !== null) extracted[label] = found;
  }
  return extracted;
}

/** Arrays are passed through, as repeated elements are in XML. */
function firstMatch(value: unknown, path: readonly string[]): string | null {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = firstMatch(item, path);
      if (found !== null) return found;
    }
    return null;
  }
  const [name, ...rest] = path;
  if (name === undefined) return typeof value === 'object' || value === undefined ? null : String(value).trim();
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
  return firstMatch((value as Record<string, unknown>)[name], rest);
}
