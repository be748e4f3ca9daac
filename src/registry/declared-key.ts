import type { KeyKind, KeyPath } from '../message/business-key.js';

/** A business key as people know it, and where it stands in a payload. */
export interface DeclaredKey extends KeyPath {
  readonly label: { readonly it: string; readonly en: string };
  readonly kind: KeyKind;
}
