import { stringify } from 'yaml';
import { jsonSchemaOf } from '../../src/protocol/json/schema.js';
import { buildService } from '../../src/registry/assembly/build-service.js';
import type { ServiceDocument } from '../../src/registry/documents/document-types.js';
import type { Operation } from '../../src/registry/model.js';

export type Files = Readonly<Record<string, string | object>>;

/** A service over files in memory; every problem that was noted. */
export function build(files: Files, more: Partial<ServiceDocument> = { openapi: 'api.yaml' }) {
  const problems: string[] = [];
  const read = (path: string) => {
    const file = files[path.slice('/files/'.length)];
    return file === undefined ? null : Buffer.from(typeof file === 'string' ? file : stringify(file));
  };
  const value: ServiceDocument = { kind: 'service', id: 'S', version: 1, title: 'S', ...more };
  const written = { value, file: 'service.yaml', absolute: '/files/service.yaml', line: () => 1 };
  const service = buildService(written, read, (_, message) => problems.push(message));
  return { service, problems };
}

export const api = (paths: object, components: object = {}, openapi = '3.0.3') => ({ openapi, paths, components });
export const post = (schema: object, more: object = {}) => ({
  post: { operationId: 'invia', requestBody: { content: { 'application/json': { schema } } }, responses: {}, ...more },
});

export const errorsOf = ({ jsonSchema }: Pick<Operation, 'jsonSchema'>, value: unknown) => {
  if (!jsonSchema) throw new Error('no schema');
  const validate = jsonSchemaOf(jsonSchema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
};

export function operation(files: Files, more?: Partial<ServiceDocument>): Operation {
  const { service, problems } = build(files, more);
  expect(problems).toEqual([]);
  return service.operations[0] as Operation;
}
