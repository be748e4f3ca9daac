import { Fault } from '../message/fault.js';
import type { Operation } from '../registry/model.js';
import type { RestBinding, RestParameter } from '../registry/rest-binding.js';
import { memberFor, parametersOf } from './parameter-names.js';
import { misfit, pairsOf, placeOf, SEPARATORS, type Pair } from './parameter-text.js';

/** What a payload becomes at a REST operation. */
export interface RestRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What of the payload no parameter took; null: no body. */
  readonly body: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Takes path, query and header parameters from the members of a JSON payload that are called like them; the others are
 * the body. Throws mediation-failed for a required parameter that has no member, a value that cannot be written, and
 * members that are left over where the operation takes no body.
 */
export function restRequest({ rest, name, jsonSchema }: Operation, payload: unknown): RestRequest {
  if (!rest)
    throw new Fault('mediation-failed', {
      detail: `${name} has no REST address.`,
      place: 'operation',
      expected: 'rest',
    });
  const parameters = parametersOf(rest);
  const takesBody = ['POST', 'PUT', 'PATCH'].includes(rest.method);
  if (parameters.length === 0 && takesBody)
    return { method: rest.method, address: rest.path, headers: {}, body: payload };
  const given = membersOf(payload);
  const found = parameters.map((parameter) => ({ parameter, member: memberFor(parameter, Object.keys(given)) }));
  const taken = found.map(({ member }) => member);
  const left = Object.entries(given).filter(([member]) => !taken.includes(member));
  if (left.length > 0 && !takesBody)
    throw leftOver(
      rest,
      left.map(([member]) => member),
      parameters,
    );
  const values = found.flatMap(({ parameter, member }) => valueOf(parameter, member === null ? null : given[member]));
  const hasBody = left.length > 0 || (takesBody && (rest.bodyRequired ?? jsonSchema !== null));
  return { method: rest.method, ...written(rest, values), body: hasBody ? Object.fromEntries(left) : null };
}

function membersOf(payload: unknown): Members {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload as Members;
  if (payload === '') return {};
  throw new Fault('mediation-failed', {
    detail: 'The payload has no members.',
    place: 'payload',
    expected: 'elements',
  });
}

interface Value {
  readonly parameter: RestParameter;
  readonly pairs: readonly Pair[];
}

/** An empty list is as if it were absent. */
function valueOf(parameter: RestParameter, value: unknown): readonly Value[] {
  const isAbsent = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  if (!isAbsent) return [{ parameter, pairs: pairsOf(parameter, value) }];
  if (!parameter.required) return [];
  throw misfit(parameter, `${placeOf(parameter)} is required but missing.`, `${parameter.name} in the payload`);
}

function leftOver({ method, path }: RestBinding, members: readonly string[], parameters: readonly RestParameter[]) {
  return new Fault('mediation-failed', {
    detail: `${method} ${path} takes no body, and no parameter takes ${members.slice(0, 12).join(', ')}.`,
    place: `/${members[0]}`,
    expected: parameters.map(({ name }) => name).join(', ') || 'nothing',
  });
}

function written({ path }: RestBinding, values: readonly Value[]): Pick<RestRequest, 'address' | 'headers'> {
  const of = (where: RestParameter['in']) => values.filter(({ parameter }) => parameter.in === where);
  const inPath = new Map(of('path').map((value) => [value.parameter.name, value]));
  const query = of('query').flatMap(({ parameter, pairs }) =>
    pairs.map(
      ([name, parts]) => `${encodeURIComponent(name)}=${joined(parts, SEPARATORS[parameter.style ?? ''] ?? ',')}`,
    ),
  );
  const headers = of('header').map(({ parameter: { name }, pairs }) => [
    name.toLowerCase(),
    pairs.flatMap(([, parts]) => parts).join(','),
  ]);
  const filled = path.split('/').map((segment) => fill(segment, inPath));
  return {
    address: filled.join('/') + (query.length > 0 ? `?${query.join('&')}` : ''),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

const joined = (parts: readonly string[], separator: string) => parts.map(encodeURIComponent).join(separator);

/** Ways to write a dot segment (RFC 3986 §5.2.4) that some provider understands once it has decoded the path. */
const DOT_SEGMENT = /(^|[/\\;])\.{1,2}($|[/\\;])/;

/** Encoded once, a value is one segment whatever it holds, but for an empty one and dot segments. */
function fill(segment: string, values: ReadonlyMap<string, Value>): string {
  const filled = segment.replace(/\{([^}]*)\}/, (_, name: string) => {
    const { parameter, pairs } = values.get(name) ?? {};
    const parts = pairs?.flatMap(([, texts]) => texts) ?? [];
    if (parameter && parts.join('') !== '') return joined(parts, ',');
    throw new Fault('mediation-failed', {
      detail: `path: ${name} has no value that a path can hold.`,
      place: `path: ${name}`,
      expected: 'a text that is not empty',
    });
  });
  if (filled === segment || !DOT_SEGMENT.test(decodeURIComponent(filled))) return filled;
  throw new Fault('mediation-failed', {
    detail: 'A value would make a dot segment of the path.',
    place: `path: ${segment.replace(/^[^{]*\{|\}.*$/g, '')}`,
    expected: 'a value without . and .. between slashes',
  });
}
