import { PLATFORM_OPERATOR } from '../registry/documents/references.js';
import type { Operator } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';

/** The operator that needs no document. */
export const PLATFORM: Operator = {
  id: PLATFORM_OPERATOR,
  name: 'Platform',
  role: 'platform',
  scope: null,
  tokens: [],
};

export const operatorOf = (id: string, registry: Pick<Registry, 'operator'>): Operator | undefined =>
  id === PLATFORM_OPERATOR ? PLATFORM : registry.operator(id);
