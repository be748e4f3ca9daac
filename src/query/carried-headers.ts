import type { Operation } from '../registry/model.js';

type Headers = Readonly<Record<string, string>>;

/** Of a REST request: negotiation, conditions and ranges (RFC 9110 §12.5, §13.1, §14.2), preferences (RFC 7240). */
const OF_REQUEST = [
  'accept',
  'accept-language',
  'content-type',
  'content-language',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
  'prefer',
];

/** Of an answer: what describes its content, its validity, and what the consumer may do next. */
const OF_ANSWER = [
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'content-disposition',
  'content-language',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'preference-applied',
  'retry-after',
  'vary',
  'warning',
];

/** Never carried, whatever an interface publishes: credentials, and what belongs to one connection (RFC 9110 §7.6.1). */
const NEVER =
  /^(authorization|proxy-.*|cookie|set-cookie|x-api-key|connection|keep-alive|te|trailer|transfer-encoding|upgrade|host|content-length|expect|forwarded|x-forwarded-.*)$/;

/** Header parameters that OpenAPI has no meaning for (3.1 §4.8.12.1), and those that are never carried. */
export const isNoParameter = (header: string): boolean =>
  NEVER.test(header.toLowerCase()) || ['accept', 'content-type'].includes(header.toLowerCase());

/** What of a request's headers goes on to the provider: those above and the header parameters that are published. */
export function requestHeaders(headers: Headers, { rest }: Operation): Headers {
  const published = (rest?.parameters ?? []).filter(({ in: where }) => where === 'header').map(({ name }) => name);
  return pick(headers, [...OF_REQUEST, ...published.map((name) => name.toLowerCase())]);
}

export const answerHeaders = (headers: Headers): Headers => pick(headers, OF_ANSWER);

const pick = (headers: Headers, names: readonly string[]): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name) && !NEVER.test(name)));
