import type { ErrorObject } from 'ajv';
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { Violation } from '../../message/fault.js';
import { pointerStep, positionOf } from './place.js';

/** ajv's errors in document order, with their places in the text. `prefix` is the pointer of what was validated. */
export function toViolations(errors: readonly ErrorObject[], text: string, prefix: string): Violation[] {
  if (errors.length === 0) return [];
  const root = parseTree(text);
  const placed = errors.map((error) => {
    const pointer = prefix + error.instancePath;
    const at = (nodeAt(root, pointer + memberOf(error)) ?? nodeAt(root, pointer))?.offset ?? 0;
    return { at, violation: { ...positionOf(text, at), ...toViolation(error, prefix) } };
  });
  return placed.sort((a, b) => a.at - b.at).map(({ violation }) => violation);
}

function nodeAt(root: Node | undefined, pointer: string): Node | undefined {
  const steps = pointer.split('/').slice(1);
  let node = root;
  for (const step of steps) {
    if (!node) return undefined;
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    node = findNodeAtLocation(node, [node.type === 'array' ? Number(name) : name]);
  }
  return node;
}

function toViolation(error: ErrorObject, prefix: string): Omit<Violation, 'line' | 'column'> {
  const path = prefix + error.instancePath + memberOf(error);
  const expected = expectedBy(error);
  const found = error.keyword === 'required' ? null : shown(error.data);
  return { path, rule: error.keyword, expected, found, message: sentence(error, path, expected, found) };
}

/** The member that the error is about where it is not the value itself. */
function memberOf({ keyword, params }: ErrorObject): string {
  const names: Readonly<Record<string, string>> = {
    required: 'missingProperty',
    additionalProperties: 'additionalProperty',
    unevaluatedProperties: 'unevaluatedProperty',
    propertyNames: 'propertyName',
  };
  const name: unknown = (params as Record<string, unknown>)[names[keyword] ?? ''];
  return typeof name === 'string' ? pointerStep(name) : '';
}

type Expectation = (params: Readonly<Record<string, unknown>>, schema: unknown) => string;

const list = (values: unknown): string => (Array.isArray(values) ? values.map(String).join(', ') : String(values));

const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  type: ({ type }) => `a value of type ${list(type)}`,
  required: ({ missingProperty }) => `member ${String(missingProperty)}`,
  additionalProperties: () => 'no such member',
  unevaluatedProperties: () => 'no such member',
  enum: ({ allowedValues }) => `one of ${list(allowedValues)}`,
  const: ({ allowedValue }) => JSON.stringify(allowedValue),
  pattern: ({ pattern }) => String(pattern),
  format: ({ format }) => `format ${String(format)}`,
  minLength: ({ limit }) => `at least ${String(limit)} characters`,
  maxLength: ({ limit }) => `at most ${String(limit)} characters`,
  minItems: ({ limit }) => `at least ${String(limit)} items`,
  maxItems: ({ limit }) => `at most ${String(limit)} items`,
  minProperties: ({ limit }) => `at least ${String(limit)} members`,
  maxProperties: ({ limit }) => `at most ${String(limit)} members`,
  minimum: ({ limit }) => `${String(limit)} or more`,
  maximum: ({ limit }) => `${String(limit)} or less`,
  exclusiveMinimum: ({ limit }) => `more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `less than ${String(limit)}`,
  multipleOf: ({ multipleOf }) => `a multiple of ${String(multipleOf)}`,
  uniqueItems: () => 'no item twice',
  oneOf: () => 'exactly one of the alternatives',
  anyOf: () => 'one of the alternatives',
  not: () => 'anything but what is excluded',
};

function expectedBy({ keyword, params, schema, message }: ErrorObject): string {
  const expectation = EXPECTATIONS[keyword];
  return cut(expectation ? expectation(params as Record<string, unknown>, schema) : (message ?? keyword), 1_000);
}

function sentence(error: ErrorObject, path: string, expected: string, found: string | null): string {
  const where = path === '' ? 'The document' : path;
  if (error.keyword === 'required') return `${where} is required but missing.`;
  if (expected === 'no such member') return `${where} is not allowed.`;
  return `${where} is ${found ?? 'missing'}; expected is ${cut(expected, 200)}.`;
}

/** A value as JSON, cut to 120 characters; a string as it is. */
function shown(data: unknown): string {
  if (typeof data === 'string') return cut(data, 120);
  if (Array.isArray(data)) return `an array of ${data.length} items`;
  if (typeof data === 'object' && data !== null) return cut(`an object with ${Object.keys(data).join(', ')}`, 120);
  return String(data);
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
