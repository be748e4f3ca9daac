import { createHash } from 'node:crypto';
import type { SchemaBundle } from '../../../message/document.js';
import type { ExchangeProfile } from '../../../message/message.js';
import type { InterfaceFiles } from '../interface-files.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';
import type { InterfacePlace } from '../interface-problem.js';
import { isObject, type JsonObject } from './json-documents.js';
import { pointerTo, type JsonReferences, type Located } from './json-references.js';
import type { RestBinding, RestParameter } from '../../rest-binding.js';
import type { OpenApiSchemas } from './open-api-schemas.js';
import { isPathTemplate } from '../../path-template.js';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** An operation as a description lists it; `describe` reads the rest of it and notes what is wrong there. */
export interface OpenApiOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  describe(): DescribedOperation;
  /** Where one of its schemas begins. */
  placeOf(schema: SchemaBundle): InterfacePlace | undefined;
}

export interface DescribedOperation {
  readonly profile: ExchangeProfile;
  readonly rest: RestBinding;
  /** Of the request's JSON body; null where it has none. */
  readonly jsonSchema: SchemaBundle | null;
  /** Of the JSON body of the callback, or of the polled result; null where none is described. */
  readonly answerSchema: SchemaBundle | null;
}

/** What operations are read with. */
interface Description {
  readonly paths: Located;
  readonly references: JsonReferences;
  readonly schemas: OpenApiSchemas;
  readonly files: InterfaceFiles;
}

/**
 * The operations under `paths:`. Those under `callbacks:` and `webhooks:` are not among them: there the provider calls.
 * A callback describes what the operation is answered with later.
 */
export function openApiOperations(
  root: JsonObject,
  file: string,
  reading: Omit<Description, 'paths'>,
): readonly OpenApiOperation[] {
  const { files, references } = reading;
  const description = { ...reading, paths: { value: root['paths'], file, pointer: '/paths' } };
  const operations = entriesOf(root['paths']).flatMap(([path, value]) => {
    const item = references.resolved({ value, file, pointer: pointerTo('', 'paths', path) });
    return item ? operationsAt(path, item, description) : [];
  });
  if (operations.length > INTERFACE_LIMITS.openApiOperations)
    files.problem(`more than ${INTERFACE_LIMITS.openApiOperations} operations`, 'publish it as several services');
  for (const { name, method, path } of repeated(operations))
    files.problem(`${method} ${path}: the name ${name} stands twice`, 'give each operation an operationId of its own');
  return operations.slice(0, INTERFACE_LIMITS.openApiOperations);
}

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isObject(value) ? Object.entries(value) : [];

const repeated = (operations: readonly OpenApiOperation[]) =>
  operations.filter(({ name }, index) => operations.findIndex((one) => one.name === name) < index);

function operationsAt(path: string, item: Located, description: Description): readonly OpenApiOperation[] {
  return entriesOf(item.value)
    .filter(([method, value]) => METHODS.includes(method) && isObject(value))
    .map(([key, value]) => {
      const method = key.toUpperCase();
      const operation = { value: value as JsonObject, file: item.file, pointer: pointerTo(item.pointer, key) };
      const name = nameOf(operation.value['operationId'], key, path);
      const describe = () => described(method, path, [item, operation], description);
      const placeOf = (schema: SchemaBundle) => description.schemas.placeOf(schema);
      return { name, method, path, describe, placeOf };
    });
}

/** The operationId where an agreement can name it; else method and path, `get_instance_cui_uuid`. */
function nameOf(operationId: unknown, method: string, path: string): string {
  if (typeof operationId === 'string' && NAME.test(operationId)) return operationId;
  const name = `${method}${path.replace(/\/$/, '').replace(/[^A-Za-z0-9.-]+/g, '_')}`.replace(/_$/, '');
  if (name.length <= 64) return name;
  return `${name.slice(0, 55)}_${createHash('sha256').update(`${method} ${path}`).digest('hex').slice(0, 8)}`;
}

/** `levels`: the path item, then the operation, whose parameters come before those of the item. */
function described(
  method: string,
  path: string,
  levels: readonly [Located, Located],
  description: Description,
): DescribedOperation {
  const operation = levels[1];
  if (!isPathTemplate(path))
    description.files.problem(`"${path}" is no path template`, 'segments of A-Z a-z 0-9 _ . ~ -, or {name}');
  const body = memberOf(operation, 'requestBody', description);
  const answers = responsesOf(operation, description);
  const later = laterAnswer(path, operation, description);
  const parameters = levels.flatMap((level) => parametersOf(level, description));
  if (!description.schemas.fit)
    description.files.problem('its schemas refer to one another too often', 'publish it as several services');
  return {
    profile: profileOf(method, Object.keys(answers.responses), later),
    jsonSchema: contentOf(body, description).schema,
    answerSchema: later && contentOf(later.at, description).schema,
    rest: {
      method,
      path,
      parameters: parameters.filter((one, index) => parameters.findLastIndex((other) => same(one, other)) === index),
      bodyRequired: isObject(body?.value) && body.value['required'] === true,
      ...opaqueTypes(body),
      ...answers,
    },
  };
}

/** Media types of the body that are neither JSON nor XML nor of several parts. */
function opaqueTypes(body: Located | null): { readonly bodyTypes?: readonly string[] } {
  const content = isObject(body?.value) ? body.value['content'] : undefined;
  const types = entriesOf(content).map(([type]) => type.split(';', 1)[0]!.trim().toLowerCase());
  const bodyTypes = types.filter((type) => !/json$|xml$|^multipart\//.test(type));
  return bodyTypes.length > 0 ? { bodyTypes } : {};
}

const same = (a: RestParameter, b: RestParameter) => a.name === b.name && a.in === b.in;

/** What only is taken in (202 and no other success) is one-way, or answered later; everything else comes back with its answer. */
function profileOf(method: string, statuses: readonly string[], later: LaterAnswer | null): ExchangeProfile {
  const successes = statuses.filter((status) => status.startsWith('2'));
  const isTaken = method === 'POST' && successes.length > 0 && successes.every((status) => status === '202');
  return isTaken ? (later?.profile ?? 'one-way') : 'query';
}

interface LaterAnswer {
  readonly profile: 'async-receipt' | 'async-polled';
  /** What has its `content`. */
  readonly at: Located;
}

/** NONBLOCK_PUSH: the first callback; NONBLOCK_PULL: what is read below a status that redirects (303) to it. Else null. */
function laterAnswer(path: string, operation: Located, description: Description): LaterAnswer | null {
  const called = callbackOf(operation, description);
  if (called) return { profile: 'async-receipt', at: called };
  const names = entriesOf(description.paths.value).map(([name]) => name);
  const status = names.find((name) => name.startsWith(`${path}/{`) && answerAt(name, '303', description) !== null);
  const result = status && names.find((name) => name.startsWith(`${status}/`));
  const polled = result && answerAt(result, '200', description);
  return polled ? { profile: 'async-polled', at: polled } : null;
}

function callbackOf(operation: Located, description: Description): Located | null {
  const [first] = entriesOf(memberOf(operation, 'callbacks', description)?.value);
  return first ? within(operation, ['callbacks', first[0], 0, 'post', 'requestBody'], description) : null;
}

const answerAt = (path: string, status: string, description: Description) =>
  within(description.paths, [path, 'get', 'responses', status], description);

/** What stands at a way of member names; 0 is the first member, whatever its name. */
function within(at: Located, way: readonly (string | 0)[], description: Description): Located | null {
  return way.reduce<Located | null>((found, step) => {
    const name = step === 0 ? entriesOf(found?.value)[0]?.[0] : step;
    return found && name !== undefined ? memberOf(found, name, description) : null;
  }, at);
}

function memberOf(parent: Located, name: string, { references }: Description): Located | null {
  const value = isObject(parent.value) ? parent.value[name] : undefined;
  if (value === undefined || value === null) return null;
  return references.resolved({ value, file: parent.file, pointer: pointerTo(parent.pointer, name) });
}

/** By status: `200`, `4XX`, `default`. */
function responsesOf(
  operation: Located,
  description: Description,
): Pick<Required<RestBinding>, 'responses' | 'mediaTypes'> {
  const responses = memberOf(operation, 'responses', description);
  const read = entriesOf(responses?.value).map(([status]) => {
    const response = responses && memberOf(responses, status, description);
    return { status, ...contentOf(response, description) };
  });
  return {
    responses: Object.fromEntries(read.map(({ status, schema }) => [status, schema])),
    mediaTypes: Object.fromEntries(read.map(({ status, types }) => [status, types])),
  };
}

function parametersOf(level: Located, description: Description): readonly RestParameter[] {
  const list = memberOf(level, 'parameters', description);
  if (!list || !Array.isArray(list.value)) return [];
  return Object.keys(list.value).flatMap((index) => {
    const value: unknown = (list.value as unknown[])[Number(index)];
    const parameter = description.references.resolved({ ...list, value, pointer: pointerTo(list.pointer, index) });
    return parameter && isObject(parameter.value) ? [parameterOf(parameter, parameter.value, description)] : [];
  });
}

function parameterOf(at: Located, value: JsonObject, description: Description): RestParameter {
  return {
    name: String(value['name']),
    in: value['in'] as RestParameter['in'],
    required: value['required'] === true || value['in'] === 'path',
    schema: schemaIn(at, value, description) ?? contentOf(at, description).schema,
    ...(typeof value['style'] === 'string' && { style: value['style'] }),
    ...(typeof value['explode'] === 'boolean' && { explode: value['explode'] }),
  };
}

interface Content {
  /** Lower case, without parameters. */
  readonly types: readonly string[];
  /** Of the JSON media type; null where there is none. */
  readonly schema: SchemaBundle | null;
}

/** What stands under `content:`. */
function contentOf(at: Located | null, description: Description): Content {
  const content = at && memberOf(at, 'content', description);
  const types = entriesOf(content?.value).map(([type]) => type);
  const type =
    types.find((one) => /^application\/json(;|$)/i.test(one)) ??
    types.find((one) => /^[^;]+\+json(;|$)/i.test(one)) ??
    types.find((one) => one === '*/*' || one === 'application/*');
  const media = content && type !== undefined ? memberOf(content, type, description) : null;
  return {
    types: types.map((one) => one.replace(/;.*$/s, '').trim().toLowerCase()),
    schema: media && isObject(media.value) ? schemaIn(media, media.value, description) : null,
  };
}

function schemaIn(at: Located, value: JsonObject, { schemas }: Description): SchemaBundle | null {
  const { schema } = value;
  if (schema === undefined || schema === null) return null;
  return schemas.bundle({ value: schema, file: at.file, pointer: pointerTo(at.pointer, 'schema') });
}
