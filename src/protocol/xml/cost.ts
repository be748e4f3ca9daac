import type { SchemaBundle } from '../../message/document.js';
import { UNBOUNDED, type Cost } from '../cost-bound.js';
import { patternCost } from './pattern-cost.js';

/** Bytes of schema that libxml2 compiles in some hundredths of a second. */
const MOST_TEXT = 524_288;
/** What repeats oftener is unrolled when it is compiled. */
const MOST_TIMES = 1_000;
/** Values of a list are compared one after the other, each much faster than a step. */
const VALUES_A_STEP = 20;
/** Of key, unique and keyref: every pair is compared. */
const PAIRS: Cost = { factor: 0.05, degree: 2 };

const PATTERN = /<(?:[\w.-]+:)?pattern(?=[\s/>])(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*/g;
const VALUE = /\svalue\s*=\s*(?:"([^"]*)"|'([^']*)')/;

/** How long a validation against an XSD may take, by what stands in its documents. */
export function xsdCost({ documents }: SchemaBundle): Cost {
  const text = Object.values(documents).join('\n');
  if (text.length > MOST_TEXT || repeatsTooOften(text)) return UNBOUNDED;
  const values = text.match(/<(?:[\w.-]+:)?enumeration[\s/>]/g)?.length ?? 0;
  const costs = [...text.matchAll(PATTERN)].map(([tag]) => costOf(tag));
  if (/<(?:[\w.-]+:)?(?:key|keyref|unique)[\s/>]/.test(text)) costs.push(PAIRS);
  const degree = Math.max(1, ...costs.map((cost) => cost.degree));
  const most = Math.max(1, ...costs.filter((cost) => cost.degree === degree).map(({ factor }) => factor));
  return { factor: most * (1 + values / VALUES_A_STEP), degree };
}

const repeatsTooOften = (text: string) =>
  [...text.matchAll(/\s(?:min|max)Occurs\s*=\s*["'](\d+)/g)].some(([, times]) => Number(times) > MOST_TIMES);

function costOf(tag: string): Cost {
  const [, double, single] = VALUE.exec(tag) ?? [];
  const value = double ?? single;
  return value === undefined ? UNBOUNDED : patternCost(characters(value));
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const characters = (value: string) =>
  value.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex: string, decimal: string, name: string) =>
    name ? (NAMED[name] ?? all) : String.fromCodePoint(Math.min(0x10ffff, hex ? parseInt(hex, 16) : Number(decimal))),
  );
