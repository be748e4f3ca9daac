type Headers = Readonly<Record<string, string>>;

/** What a question may be answered with 304 by (RFC 9110 §13.1.2, §13.1.3). */
const CONDITIONS = ['if-none-match', 'if-modified-since'];

export const withoutConditions = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !CONDITIONS.includes(name)));

/** The condition by which the answer with these headers is asked for again; null where it has no validator. */
export function conditionOf({ etag, 'last-modified': modified }: Headers): Headers | null {
  if (etag !== undefined) return { 'if-none-match': etag };
  return modified === undefined ? null : { 'if-modified-since': modified };
}

/** Whether the conditions of a question say that it needs no answer with these headers again. */
export function isUnmodified(question: Headers, { etag, 'last-modified': modified = '' }: Headers): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since = '' } = question;
  if (tags === undefined) return Date.parse(modified) <= Date.parse(since);
  if (tags.trim() === '*') return true;
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  return etag !== undefined && (tags.match(/(W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
}

/** Headers of an answer 304 (RFC 9110 §15.4.5). */
const OF_304 = ['age', 'cache-control', 'content-location', 'date', 'etag', 'expires', 'last-modified', 'vary'];

export const notModified = (headers: Headers): { status: number; headers: Headers; body: string } => ({
  status: 304,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => OF_304.includes(name))),
  body: '',
});
