/** The text without its DOCTYPE, each character of it replaced by a blank so that lines stay where they are. */
export function withoutDoctype(text: string): string {
  const place = doctypePlace(text);
  if (!place) return text;
  const { start, end } = place;
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end);
}

const EXTERNAL = /<!ENTITY\s+(?:%\s+)?\S+\s+(?:SYSTEM|PUBLIC)\b/;
const ENTITY_USE = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|&(?!(?:amp|lt|gt|quot|apos);|#)[^;\s<&]*;?/g;

/**
 * Why a document leans on its DOCTYPE, with the offset: an entity declared outside of it or used in it. Null where it can
 * do without; xmldsig's own schema declares entities that nothing uses.
 */
export function entityUse(text: string): { readonly at: number; readonly why: string } | null {
  const place = doctypePlace(text);
  const external = place && EXTERNAL.exec(text.slice(place.start, place.end));
  if (external) return { at: place.start + external.index, why: 'declares an external entity' };
  const rest = place ? withoutDoctype(text) : text;
  for (const { 0: found, index } of rest.matchAll(ENTITY_USE))
    if (found.startsWith('&')) return { at: index, why: `uses the entity ${found.slice(0, 40)}` };
  return null;
}

function doctypePlace(text: string): { readonly start: number; readonly end: number } | null {
  const prolog = /^\uFEFF?(?:\s|<!--(?:(?!-->)[^])*-->|<\?(?:(?!\?>)[^])*\?>)*(?=<!DOCTYPE\b)/.exec(text);
  return prolog ? { start: prolog[0].length, end: doctypeEnd(text, prolog[0].length) } : null;
}

function doctypeEnd(text: string, start: number): number {
  const parts = /"[^"]*"|'[^']*'|<!--[^]*?-->|[[\]>]/g;
  parts.lastIndex = start;
  let subset = false;
  for (let part = parts.exec(text); part; part = parts.exec(text)) {
    if (part[0] === '[') subset = true;
    else if (part[0] === ']') subset = false;
    else if (part[0] === '>' && !subset) return parts.lastIndex;
  }
  throw new Error('A DOCTYPE does not end');
}
