import type { ErrorObject } from 'ajv';
import type { SchemaBundle } from '../message/document.js';
import type { Violation } from '../message/fault.js';
import type { Arrival } from '../message/stages.js';
import { jsonSchemaOf } from '../protocol/json/schema.js';
import type { RestBinding, RestParameter } from '../registry/rest-binding.js';
import { variablesOf } from '../registry/path-template.js';

/** Parameters in one query string. */
const MAX_PARAMETERS = 500;
const FOUND_CHARACTERS = 120;

/**
 * Holds path, query and header parameters against the published ones (OpenAPI 3.1 §4.8.12): each required one is there,
 * each fits its schema, and nothing is in the query that is not published. Values are read as JSON scalars where
 * their schema is one; lists as `a=1&a=2` or `a=1,2`. Cookies are not carried. Nothing is checked without a description.
 */
export function parameterViolations(rest: RestBinding, { address, headers }: Arrival): readonly Violation[] {
  const { parameters, path } = rest;
  if (!parameters) return [];
  const given = new URLSearchParams(address.query);
  if (given.size > MAX_PARAMETERS) return [tooMany(given.size)];
  const query = queryValues(given);
  const variables = variablesOf(path, address.path);
  const valuesOf = ({ in: where, name }: RestParameter): readonly string[] => {
    if (where === 'query') return query.get(name) ?? [];
    const value = where === 'path' ? variables.get(name) : headers[name.toLowerCase()];
    return value === undefined ? [] : [value];
  };
  const published = parameters.filter(({ in: where }) => where !== 'cookie');
  return [
    ...unpublished(query, published),
    ...published.flatMap((parameter) => violationOf(parameter, valuesOf(parameter)) ?? []),
  ];
}

const tooMany = (count: number) =>
  violation('query', 'maxItems', `at most ${MAX_PARAMETERS}`, String(count), `The query has ${count} parameters.`);

function queryValues(given: URLSearchParams): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of given) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function unpublished(
  query: ReadonlyMap<string, readonly string[]>,
  published: readonly RestParameter[],
): readonly Violation[] {
  const names = published.filter(({ in: where }) => where === 'query').map(({ name }) => name);
  // Objects are written as name[member] (style deepObject); their members are the provider's matter.
  const isKnown = (name: string) => names.includes(name) || names.includes(name.replace(/\[.*$/s, ''));
  return [...query.keys()]
    .filter((name) => !isKnown(name))
    .map((name) => {
      const place = `query: ${cut(name)}`;
      const expected = names.join(', ') || 'no parameter';
      return violation(place, 'unexpected-parameter', expected, cut(name), `${place} is not published.`);
    });
}

function violationOf(parameter: RestParameter, values: readonly string[]): Violation | null {
  const place = `${parameter.in}: ${parameter.name}`;
  const [first] = values;
  if (first === undefined) {
    const isMissing = parameter.required && parameter.in !== 'path';
    return isMissing ? violation(place, 'required', parameter.name, null, `${place} is required but missing.`) : null;
  }
  const error = parameter.schema && misreading(parameter.schema, values);
  if (!error) return null;
  const expected = cut(error.message ?? 'is another value');
  const found = cut(values.join(', '));
  return violation(place, error.keyword, expected, found, `${place} is "${found}": it ${expected}.`);
}

/** What the text of a parameter means by its schema: a scalar before a list, text before a number. */
export function parameterValue(schema: SchemaBundle | null, values: readonly string[]): unknown {
  const [first = ''] = values;
  const all = values.length > 1 ? [values] : [first, scalar(first)];
  const validate = schema && jsonSchemaOf(schema);
  return [...all, ...lists(values)].find((one) => validate?.(one) ?? true) ?? first;
}

/**
 * Null where one reading of the values fits; else what stands against the one that was meant. One value is meant as a list
 * only where it is of the wrong type otherwise: a schema that names no type has nothing against any list.
 */
function misreading(schema: SchemaBundle, values: readonly string[]): ErrorObject | null {
  const validate = jsonSchemaOf(schema);
  const errorsOf = (reading: unknown) => (validate(reading) ? [] : [...(validate.errors ?? [])]);
  const ofScalars = scalars(values).map(errorsOf);
  const isList = ofScalars.every((errors) => errors.some(isOfType));
  const all = isList ? [...lists(values).map(errorsOf), ...ofScalars] : ofScalars;
  if (all.some(({ length }) => length === 0)) return null;
  // A reading of the wrong type was not what was meant.
  return all.flat().find((error) => !isOfType(error)) ?? all.at(-1)?.at(-1) ?? null;
}

const isOfType = ({ keyword }: ErrorObject) => keyword === 'type';

/** What the text of one value may mean. */
const scalars = ([first = '', ...more]: readonly string[]) => (more.length > 0 ? [] : [scalar(first), first]);

/** What the texts may mean as a list. */
function lists(values: readonly string[]): readonly unknown[] {
  const [first = ''] = values;
  const list = values.length > 1 ? values : first.split(',');
  return [list, list.map(scalar)];
}

function scalar(text: string): unknown {
  if (!/^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false)$/.test(text)) return text;
  const value: unknown = text === 'true' || text === 'false' ? text === 'true' : Number(text);
  return value;
}

const violation = (path: string, rule: string, expected: string, found: string | null, message: string): Violation => ({
  path,
  line: null,
  column: null,
  rule,
  expected,
  found,
  message,
});

const cut = (text: string) => (text.length <= FOUND_CHARACTERS ? text : `${text.slice(0, FOUND_CHARACTERS - 1)}…`);
