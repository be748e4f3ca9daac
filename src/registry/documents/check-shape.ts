import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { RegistryDocument } from './document-types.js';
import type { Noted, Path, Written } from './documents.js';
import { REGISTRY_SCHEMA } from './registry-schema.js';
import { RegistryError, type RegistryProblem } from '../registry.js';
import { keyOf, keyText, type DocumentKey } from '../registry-store.js';

let validator: ValidateFunction | null = null;

function validate(value: unknown): readonly ErrorObject[] {
  if (!validator) {
    const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, validateSchema: false });
    addFormats.default(ajv);
    validator = ajv.compile(REGISTRY_SCHEMA);
  }
  return validator(value) ? [] : (validator.errors ?? []);
}

/** The documents that have the shape of their kind; the others are noted, error by error. */
export function withShape(documents: readonly Written<unknown>[], note: Noted): readonly Written<RegistryDocument>[] {
  return documents.filter((document): document is Written<RegistryDocument> => {
    const errors = validate(document.value).filter(({ keyword }) => keyword !== 'if');
    for (const error of errors) note(toProblem(error, document));
    return errors.length === 0;
  });
}

/**
 * A document that was sent under a key; `line` finds its members in the text that it was read from. Throws RegistryError where
 * it has not the shape of its kind or names another key.
 */
export function checkedDocument(
  value: unknown,
  key: DocumentKey,
  line: Written<unknown>['line'] = () => 1,
): RegistryDocument {
  const problems: RegistryProblem[] = [];
  const file = key.id === '' ? `new ${key.kind}` : keyText(key);
  const place = { file, absolute: '', line };
  const [document] = withShape([{ value, ...place }], (problem) => void problems.push(problem));
  if (document && keyText(keyOf(document.value)) !== keyText(key))
    problems.push({
      file: place.file,
      line: line(['id']),
      message: 'the document has another key than its address',
      hint: place.file,
    });
  if (document && problems.length === 0) return document.value;
  throw new RegistryError(problems);
}

function toProblem(error: ErrorObject, document: Written<unknown>) {
  const at = pathOf(error.instancePath);
  const extra: unknown = error.params['additionalProperty'] ?? error.params['propertyName'];
  const path = typeof extra === 'string' ? [...at, extra] : at;
  const place = path.length === 0 ? 'the document' : path.join('.');
  return { file: document.file, line: document.line(path), message: `${place} ${saying(error)}`, hint: hintFor(error) };
}

const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

function saying({ keyword, message, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return 'is not known here';
  if (keyword === 'false schema') return 'does not belong here';
  if (keyword === 'required') return `lacks ${String(params['missingProperty'])}`;
  return message ?? keyword;
}

function hintFor({ keyword, params, parentSchema }: ErrorObject): string {
  const known = parentSchema?.['properties'] as Record<string, unknown> | undefined;
  if (keyword === 'additionalProperties') return `known: ${Object.keys(known ?? {}).join(', ')}`;
  if (keyword === 'format') return `${String(params['format'])}, such as 2026-12-31T23:59:59+01:00`;
  if (keyword === 'enum') return `one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
  const property = known?.[String(params['missingProperty'])] as { description?: string } | undefined;
  const description: unknown = property?.description ?? parentSchema?.['description'];
  return typeof description === 'string' ? description : 'see schemas/crocevia/1.0/registry.schema.json';
}
