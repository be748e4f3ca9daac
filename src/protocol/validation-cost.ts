import { LRUCache } from 'lru-cache';
import type { SchemaBundle } from '../message/document.js';
import type { Cost } from './cost-bound.js';
import { jsonCost } from './json/cost.js';
import { xsdCost } from './xml/cost.js';

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
