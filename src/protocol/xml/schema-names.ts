/** Cut with an ellipsis, `limit` characters in all. */
export function cut(text: string, limit = 120): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** `{namespace}name` without its namespace. */
export function plainName(clark: string): string {
  return clark.slice(clark.lastIndexOf('}') + 1);
}

const namespaceOf = (clark: string): string => (clark.startsWith('{') ? clark.slice(1, clark.lastIndexOf('}')) : '');

/** Names and wildcards of libxml2's list, `a, {urn:x}b, ##other{urn:x}*`. */
const split = (names: string): string[] => names.split(', ').filter((name) => name !== '');

/** True where only the namespace tells the found element from an expected one: then namespaces must be shown. */
const namespacesMatter = (names: string, found: string | null): boolean =>
  found !== null && split(names).some((name) => name !== found && plainName(name) === plainName(found));

function shown(clark: string, withNamespace: boolean): string {
  if (clark.includes('*')) return `any element (${clark})`;
  if (!withNamespace) return plainName(clark);
  const namespace = namespaceOf(clark);
  return namespace ? `${plainName(clark)} in namespace ${namespace}` : `${plainName(clark)} in no namespace`;
}

/** `a`, `one of a, b`; with namespaces where the found name differs by its namespace alone. */
export function expectedNames(names: string, found: string | null): string {
  const matter = namespacesMatter(names, found);
  const list = split(names).map((name) => shown(name, matter));
  return cut(list.length > 1 ? `one of ${list.join(', ')}` : (list[0] ?? ''), 1_000);
}

/** The found element, with its namespace where that is what is wrong. */
export function nameFor(found: string, expected: string): string {
  return cut(shown(found, namespacesMatter(expected, found)), 240);
}
