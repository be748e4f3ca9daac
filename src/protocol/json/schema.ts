import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaBundle } from '../../message/document.js';
import { CompiledSchemas } from '../compiled-schemas.js';
import { requireFinite } from './endless.js';
import { linearPatterns } from './patterns.js';
import { idOf, preparedOf, schemasIn } from './prepared.js';

/** Keywords. */
const MAX_INLINED = 30;
const compiled = new CompiledSchemas(compileJsonSchema);

/** The compiled schema of this thread, by the bundle's key. Throws what `compileJsonSchema` throws. */
export const jsonSchemaOf = (bundle: SchemaBundle): ValidateFunction => compiled.of(bundle);

export const hasJsonSchema = (key: string): boolean => compiled.has(key);

/**
 * Compiles a bundle of JSON Schema 2020-12 or, where the entry's $schema says so, draft-07. A $ref may name a document
 * by its key in the bundle or by its $id. Throws Error for a $ref to anything else, for a schema without end, and with
 * ajv's reasons.
 */
export function compileJsonSchema(bundle: SchemaBundle): ValidateFunction {
  const { start, documents } = preparedOf(bundle);
  const ajv = engineFor(start);
  for (const [id, schema] of documents) ajv.addSchema({ ...schema, $id: id });
  requireFinite(start, documents, schemasIn);
  const validate = ajv.getSchema(idOf(bundle.entry));
  if (!validate) throw new Error(`JSON Schema ${bundle.entry} does not compile`);
  return validate as ValidateFunction;
}

function engineFor(start: AnySchemaObject): Ajv {
  const options = {
    allErrors: true,
    strict: false,
    verbose: true,
    // A big schema that much refers to would else be copied as often.
    inlineRefs: MAX_INLINED,
    code: { regExp: linearPatterns },
    logger: false,
  } as const;
  const ajv = String(start.$schema ?? '').includes('draft-07') ? new Ajv(options) : new Ajv2020(options);
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv);
  return ajv;
}
