const MAX_TEXT = 4_096;

/** A value one level deep, small enough to hand to another thread: see `OpenDocument.json`. */
export function outlineOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value !== 'object' || value === null) return leaf(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, leaf(member)]));
}

function leaf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value === 'object' && value !== null) return {};
  return typeof value === 'string' && value.length > MAX_TEXT ? '' : value;
}
