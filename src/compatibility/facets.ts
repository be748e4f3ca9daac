import type { Say } from './change.js';

/** Limits of values by the name of their keyword or facet; what XSD orders otherwise than numbers stays text. */
export type Facets = Readonly<Record<string, number | string>>;

const LOWER = [
  ...['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'],
  ...['minInclusive', 'minExclusive'],
];
const UPPER = [
  ...['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'],
  ...['maxInclusive', 'maxExclusive', 'totalDigits', 'fractionDigits'],
];

/** A limit that is new or tighter breaks, one that is gone or wider does not. */
export function compareFacets(before: Facets, after: Facets, place: string, say: Say): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [limit(before, name), limit(after, name)];
    if (old === now) continue;
    if (now === undefined) say('removed', false, place, `${name} ${old} is gone.`);
    else if (old === undefined) say('added', true, place, `${name} ${now} is new.`);
    else say('changed', !isWider(name, old, now), place, `${name} was ${old} and is ${now}.`);
  }
}

/** At least no character, item or member is no limit. */
function limit(facets: Facets, name: string): number | string | undefined {
  const value = facets[name];
  return value === 0 && ['minLength', 'minItems', 'minProperties'].includes(name) ? undefined : value;
}

function isWider(name: string, old: number | string, now: number | string): boolean {
  if (typeof old !== 'number' || typeof now !== 'number') return false;
  if (name === 'multipleOf') return Number.isInteger(old / now);
  return (LOWER.includes(name) && now < old) || (UPPER.includes(name) && now > old);
}

/** Values of an enumeration; null: every value. */
export function compareValues(
  before: ReadonlySet<string> | null,
  after: ReadonlySet<string> | null,
  place: string,
  say: Say,
): void {
  if (!before && !after) return;
  if (!before) return say('added', true, place, `Only ${[...(after ?? [])].join(', ')} are right now.`);
  if (!after) return say('removed', false, place, 'The enumeration is gone.');
  for (const value of before) if (!after.has(value)) say('removed', true, place, `The value ${value} is gone.`);
  for (const value of after) if (!before.has(value)) say('added', false, place, `The value ${value} is new.`);
}

/** Rules that all hold at once, like patterns: a new one breaks. */
export function compareRules(
  what: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  place: string,
  say: Say,
): void {
  const gone = [...before].filter((rule) => !after.has(rule));
  const fresh = [...after].filter((rule) => !before.has(rule));
  if (gone.length > 0 && fresh.length > 0)
    say('changed', true, place, `${what} was ${gone.join(', ')} and is ${fresh.join(', ')}.`);
  else if (fresh.length > 0) say('added', true, place, `${what} ${fresh.join(', ')} is new.`);
  else if (gone.length > 0) say('removed', false, place, `${what} ${gone.join(', ')} is gone.`);
}
