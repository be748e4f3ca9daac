import { sample } from 'openapi-sampler';
import type { SchemaBundle } from '../message/document.js';
import type { Operation, Service } from '../registry/model.js';

type Json = Record<string, unknown>;

/** What is laid into the example where the service says that a payload names it. */
export interface ExampleParties {
  readonly consumer: string;
  readonly provider: string;
}

const OPTIONS = { enablePatterns: true, skipNonRequired: true, maxSampleDepth: 12, quiet: true } as const;

/**
 * A JSON payload made of the published schema and its examples, naming sender and receiver; null where the operation publishes no JSON
 * Schema. It has what is required and may still miss what no generator can know, so that it is examined like any other.
 */
export function exampleBody({ jsonSchema }: Operation, service: Service, parties: ExampleParties): string | null {
  if (jsonSchema === null) return null;
  const { entry, schemas } = inOneDocument(jsonSchema);
  const made: unknown = sample(schemas[entry] as object, OPTIONS, schemas);
  named(made, service.senderPath, parties.consumer);
  named(made, service.receiverPath, parties.provider);
  return JSON.stringify(made, null, 2);
}

function named(made: unknown, path: string | null, code: string): void {
  if (path === null) return;
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  let at: unknown = made;
  for (const step of steps) at = isObject(at) ? at[step] : undefined;
  if (isObject(at)) at[last] = code;
}

/** Every document under its name, and each $ref a pointer from the root of them all (RFC 6901). */
function inOneDocument({ entry, documents }: SchemaBundle) {
  const parsed = Object.entries(documents).map(([name, text]) => [name, JSON.parse(text) as Json] as const);
  const names = new Map(
    parsed.flatMap(([name, { $id }]) => [[name, name] as const, [String($id ?? name), name] as const]),
  );
  const schemas = Object.fromEntries(parsed.map(([name, schema]) => [name, pointed(schema, name, schema.$id, names)]));
  return { entry, schemas: schemas as Record<string, unknown> };
}

function pointed(value: unknown, name: string, base: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => pointed(one, name, base, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([word, inner]) =>
      word === '$ref' && typeof inner === 'string'
        ? [word, pointerTo(inner, name, base, names)]
        : [word, pointed(inner, name, base, names)],
    ),
  );
}

function pointerTo(ref: string, name: string, base: unknown, names: ReadonlyMap<string, string>): string {
  const [target = '', pointer = ''] = ref.split('#', 2);
  const absolute = typeof base === 'string' && URL.canParse(target, base) ? new URL(target, base).href : target;
  const meant = target === '' ? name : (names.get(target) ?? names.get(absolute) ?? target);
  return `#/${meant.replaceAll('~', '~0').replaceAll('/', '~1')}${pointer}`;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
