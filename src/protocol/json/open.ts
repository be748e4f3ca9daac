import type { Examination, ExaminationOrder } from '../../message/document.js';
import { examineJson } from './examine.js';
import { parseJson } from './parse.js';
import { jsonSchemaOf } from './schema.js';
import type { JsonLimits } from './survey.js';

/** JSON parsed in this thread. */
export interface JsonInThread {
  readonly value: unknown;
  examine(order: ExaminationOrder): Examination;
}

/** Throws the faults of reading. */
export function openJsonInThread(bytes: Buffer, limits: JsonLimits): JsonInThread {
  const parsed = parseJson(bytes, limits);
  return {
    value: parsed.value,
    examine: (order) => examineJson(bytes, parsed, order, order.schema && jsonSchemaOf(order.schema)),
  };
}
