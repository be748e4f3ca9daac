import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../message/document.js';
import { jsonCost } from './json/cost.js';
import { xsdCost } from './xml/cost.js';

/** A bound for the steps of a validation: `factor` times the bytes of the document to the power of `degree`. */
export interface Cost {
  readonly factor: number;
  readonly degree: number;
}

/** For a schema that nobody can bound, or that takes long to compile. */
export const UNBOUNDED: Cost = { factor: Infinity, degree: 1 };

/** About a tenth of a second on a slow machine. */
const MOST_STEPS = 1_000_000;

const judged = new LRUCache<string, Cost>({ max: 2_000 });

/** True where a document of so many bytes is validated against what strangers publish without holding up others. */
export function isSwift(bundle: SchemaBundle, bytes: number): boolean {
  const cost = judged.get(bundle.key) ?? judge(bundle);
  return cost.factor * bytes ** cost.degree <= MOST_STEPS;
}

function judge(bundle: SchemaBundle): Cost {
  const cost = bundle.kind === 'xsd' ? xsdCost(bundle) : jsonCost(bundle);
  judged.set(bundle.key, cost);
  return cost;
}
