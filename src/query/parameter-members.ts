import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../message/fault.js';
import { parameterValue } from '../policy/parameters.js';
import type { Payload } from '../protocol/protocol.js';
import type { RestBinding, RestParameter } from '../registry/rest-binding.js';
import { variablesOf } from '../registry/path-template.js';
import { memberFor, parametersOf } from './parameter-names.js';
import { placeOf } from './parameter-text.js';
import type { QueryTarget } from './ports.js';

/**
 * The payload with the parameters of a REST question as members, each of the type that its schema gives; a header
 * parameter that has no member in the other interface is left out. `payload` null: there was no body. Throws mediation-failed.
 */
export function withParameters(
  rest: RestBinding | null,
  target: QueryTarget,
  payload: Payload | null,
  names: readonly string[],
): Payload {
  const given = rest ? givenIn(rest, target) : [];
  if (given.length === 0 && payload !== null) return payload;
  const members = given.flatMap(({ parameter, values }) => {
    const member = memberFor(parameter, names);
    if (member === null && parameter.in === 'header') return [];
    return [{ parameter, member: member ?? parameter.name, value: parameterValue(parameter.schema, values) }];
  });
  const body = membersOf(payload);
  for (const { parameter, member, value } of members)
    if (Object.hasOwn(body, member) && !isDeepStrictEqual(body[member], value))
      throw misfit(`${placeOf(parameter)} and the body say different things.`, placeOf(parameter));
  const all = Object.fromEntries([...Object.entries(body), ...members.map(({ member, value }) => [member, value])]);
  return { format: 'json', bytes: Buffer.from(JSON.stringify(all)), attachments: payload?.attachments ?? [] };
}

function givenIn(rest: RestBinding, { path, query, headers }: QueryTarget) {
  const variables = variablesOf(rest.path, path);
  const inQuery = new URLSearchParams(query);
  const valuesOf = ({ in: where, name }: RestParameter): readonly (string | undefined)[] => {
    if (where === 'query') return inQuery.getAll(name);
    return [where === 'path' ? variables.get(name) : headers[name.toLowerCase()]];
  };
  return parametersOf(rest)
    .map((parameter) => ({ parameter, values: valuesOf(parameter).filter((value) => value !== undefined) }))
    .filter(({ values }) => values.length > 0);
}

function membersOf(payload: Payload | null): Readonly<Record<string, unknown>> {
  if (payload === null) return {};
  const body: unknown = payload.format === 'json' ? JSON.parse(payload.bytes.toString('utf8')) : null;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw misfit('Parameters can be added to a JSON object only.', 'body', 'a JSON object');
}

const misfit = (detail: string, place: string, expected?: string) =>
  new Fault('mediation-failed', { detail, place, ...(expected !== undefined && { expected }) });
