import type { SchemaBundle } from '../message/document.js';

/** Method and path template (`/instance/{id}`); the rest is known where an OpenAPI description says it. */
export interface RestBinding {
  readonly method: string;
  readonly path: string;
  readonly parameters?: readonly RestParameter[];
  readonly bodyRequired?: boolean;
  /** Media types and ranges of bodies that no schema describes; lower case, without parameters. */
  readonly bodyTypes?: readonly string[];
  /** Schema of the JSON answer by status (`200`, `4XX`, `default`); null where the answer has no JSON. */
  readonly responses?: Readonly<Record<string, SchemaBundle | null>>;
  /** Media types and ranges (`image/*`) of the answer by the same statuses, lower case and without parameters. */
  readonly mediaTypes?: Readonly<Record<string, readonly string[]>>;
}

export interface RestParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly schema: SchemaBundle | null;
  /** How a list or an object is written (OpenAPI 3.1 §4.8.12.2.1), where it is not the usual way of its place. */
  readonly style?: string;
  readonly explode?: boolean;
}
