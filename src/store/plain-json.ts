/** NUL and half surrogate pairs, as JSON.stringify writes them; an escaped backslash is passed over. */
const UNSTORABLE = /\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g;

/**
 * JSON that PostgreSQL can store: it has no NUL and no half surrogate pair, which become U+FFFD. For what a peer or a
 * refusal says and must be recorded whatever it is; never for the message itself.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSTORABLE, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));
}
