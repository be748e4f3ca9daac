import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaBundle } from '../../message/document.js';
import { CompiledSchemas } from '../compiled-schemas.js';
import { requireFinite } from './endless.js';
import { linearPatterns } from './patterns.js';
import { idOf, preparedOf, schemasIn } from './prepared.js';

/** Keywords. */
const MAX_INLINED = 30;
/** Engines that hold a dialect's own schema: compiled once in a thread, for it takes longer than most schemas. */
const DIALECTS = {
  'draft-07': withFormats(new Ajv({ strict: false, logger: false })),
  '2020-12': withFormats(new Ajv2020({ strict: false, logger: false })),
} as const;

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
  const dialect = String(start.$schema ?? '').includes('draft-07') ? 'draft-07' : '2020-12';
  const ajv = engineFor(dialect);
  for (const [id, schema] of documents) {
    void DIALECTS[dialect].validateSchema(schema, true);
    ajv.addSchema({ ...schema, $id: id });
  }
  requireFinite(start, documents, schemasIn);
  const validate = ajv.getSchema(idOf(bundle.entry));
  if (!validate) throw new Error(`JSON Schema ${bundle.entry} does not compile`);
  return validate as ValidateFunction;
}

function engineFor(dialect: keyof typeof DIALECTS): Ajv {
  const options = {
    allErrors: true,
    strict: false,
    verbose: true,
    // A big schema that much refers to would else be copied as often.
    inlineRefs: MAX_INLINED,
    code: { regExp: linearPatterns },
    logger: false,
    validateSchema: false,
  } as const;
  return withFormats(dialect === 'draft-07' ? new Ajv(options) : new Ajv2020(options));
}

function withFormats(ajv: Ajv): Ajv {
  return (addFormats as unknown as { default: (ajv: Ajv) => Ajv }).default(ajv);
}
