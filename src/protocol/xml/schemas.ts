import type { SchemaBundle } from '../../message/document.js';
import { CompiledSchemas } from '../compiled-schemas.js';
import type { SchemaPointer } from './libxml.js';
import { compileXsd } from './xsd.js';

const compiled = new CompiledSchemas(compileXsd, (schema) => schema.dispose());

/** The compiled schema of this thread, to be used before the next one is asked for. Throws what `compileXsd` throws. */
export const xsdOf = (bundle: SchemaBundle): SchemaPointer => compiled.of(bundle).schema;

export const hasXsd = (key: string): boolean => compiled.has(key);
