import type { Registry } from './registry.js';
import { remembered } from './remembered.js';

/** Deliveries a second of those systems that have a limit. */
export const ratesIn = remembered(
  (registry: Registry) =>
    new Map(registry.systems().flatMap(({ id, receives }) => (receives?.rate ? [[id, receives.rate] as const] : []))),
);
