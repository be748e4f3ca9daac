import type { Cost } from '../cost-bound.js';

/** What one part of a pattern costs: ways to match it, how often it may be of any length, and whether its ways differ. */
interface Part {
  readonly ways: number;
  readonly unbounded: number;
  readonly varies: boolean;
  /** Ways of the widest repetition: of one alone they are the characters of the value, each looked at once. */
  readonly widest: number;
}

const NEVER: Part = { ways: Infinity, unbounded: 0, varies: true, widest: 1 };
const ONE: Part = { ways: 1, unbounded: 0, varies: false, widest: 1 };

/**
 * How long libxml2, which tries one way after the other, may look for a match of an XML Schema pattern (XML Schema Part 2
 * §F). What repeats a group of which the ways differ has no bound.
 */
export function patternCost(pattern: string): Cost {
  const reader = { text: pattern, at: 0 };
  const { ways, unbounded, widest } = alternatives(reader);
  const factor = reader.at < pattern.length ? Infinity : ways / (unbounded === 0 ? widest : 1);
  return { factor, degree: Math.max(1, unbounded) };
}

interface Reader {
  readonly text: string;
  at: number;
}

function alternatives(reader: Reader): Part {
  const branches = [sequence(reader)];
  while (reader.text[reader.at] === '|') {
    reader.at++;
    branches.push(sequence(reader));
  }
  if (branches.length === 1) return branches[0]!;
  return {
    ways: branches.reduce((sum, { ways }) => sum + ways, 0),
    unbounded: Math.max(...branches.map(({ unbounded }) => unbounded)),
    varies: true,
    widest: Math.min(...branches.map(({ widest }) => widest)),
  };
}

function sequence(reader: Reader): Part {
  let all = ONE;
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at]!)) {
    const next = repeated(atom(reader), reader);
    all = {
      ways: all.ways * next.ways,
      unbounded: all.unbounded + next.unbounded,
      varies: all.varies || next.varies,
      widest: Math.max(all.widest, next.widest),
    };
  }
  return all;
}

function atom(reader: Reader): Part {
  const sign = reader.text[reader.at++];
  if (sign === '\\') {
    const escape = /^[pP]\{[^}]*\}|^[^]/.exec(reader.text.slice(reader.at));
    reader.at += escape?.[0].length ?? 0;
  }
  if (sign === '[') skipClass(reader);
  if (sign !== '(') return ONE;
  const inner = alternatives(reader);
  if (reader.text[reader.at] !== ')') return NEVER;
  reader.at++;
  return inner;
}

/** A class may hold another one, which it takes away: `[a-z-[aeiou]]`. */
function skipClass(reader: Reader): void {
  for (let depth = 1; depth > 0 && reader.at < reader.text.length; reader.at++) {
    const sign = reader.text[reader.at];
    if (sign === '\\') reader.at++;
    else if (sign === '[') depth++;
    else if (sign === ']') depth--;
  }
}

const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/;

function repeated(part: Part, reader: Reader): Part {
  const found = QUANTIFIER.exec(reader.text.slice(reader.at));
  if (!found) return part;
  reader.at += found[0].length;
  const [least, most] = bounds(found);
  if (most > 1 && part.varies) return NEVER;
  if (most === Infinity) return { ...part, unbounded: part.unbounded + 1, varies: true };
  const ways = most - least + 1;
  return { ...part, ways: part.ways * ways, varies: part.varies || ways > 1, widest: Math.max(part.widest, ways) };
}

function bounds([sign, least, range, most]: RegExpExecArray): readonly [number, number] {
  if (sign === '?') return [0, 1];
  if (sign === '*' || sign === '+') return [0, Infinity];
  const from = Number(least);
  if (range === undefined) return [from, from];
  return [from, most === '' ? Infinity : Number(most)];
}
