import fc from 'fast-check';
import type { SchemaBundle } from '../../src/message/document.js';

interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
}

/** Any content that a published JSON Schema of ours allows, hard strings included. */
export function contentOf(bundle: SchemaBundle): fc.Arbitrary<unknown> {
  const documents = new Map(
    Object.entries(bundle.documents).map(([name, text]) => [name, JSON.parse(text) as unknown]),
  );
  const resolve = (ref: string, document: string) => {
    const [file, pointer = ''] = ref.split('#');
    const name = file || document;
    const steps = pointer.split('/').slice(1);
    const schema = steps.reduce((at, step) => (at as Record<string, unknown>)[step], documents.get(name));
    return valueOf(schema as JsonSchema, name);
  };
  const objectOf = (schema: JsonSchema, document: string): fc.Arbitrary<unknown> => {
    const members = Object.entries(schema.properties ?? {});
    const branches = schema.oneOf ?? [{ required: [] }];
    const records = branches.map((branch) => {
      const others = branches.filter((one) => one !== branch).flatMap(({ required }) => required);
      const allowed = members.filter(([name]) => !others.includes(name));
      const model = Object.fromEntries(allowed.map(([name, member]) => [name, valueOf(member, document)]));
      const requiredKeys = [...(schema.required ?? []), ...branch.required];
      return fc.record(model, { requiredKeys, noNullPrototype: true });
    });
    return fc.oneof(...records);
  };
  const valueOf = (schema: JsonSchema, document: string): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined) return resolve(schema.$ref, document);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.type === 'object') return objectOf(schema, document);
    if (schema.type === 'boolean') return fc.boolean();
    if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9 });
    if (schema.type === 'array')
      // An empty list is written as nothing, and comes back as nothing.
      return fc.array(valueOf(schema.items as JsonSchema, document), { minLength: 1, maxLength: 3 });
    if (schema.type === 'string') return stringOf(schema);
    throw new Error(`no values for ${JSON.stringify(schema)}`);
  };
  return valueOf(documents.get(bundle.entry) as JsonSchema, bundle.entry);
}

const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

function stringOf({ contentEncoding, format, pattern, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (contentEncoding === 'base64') return fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));
  if (format === 'date') return day.map((at) => at.slice(0, 10));
  if (format === 'date-time') return day;
  if (format?.startsWith('uri')) return fc.webUrl({ withQueryParameters: true });
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc
    .string({ unit: 'binary', minLength: 1, maxLength: Math.min(maxLength ?? 50, 50) })
    .map((text) => text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?'));
}
