import { CREDENTIALS, withSecrets } from './sealed-documents.js';

/** Stands for a value that is not shown. */
const MASK = '***';
const MASKED_ADDRESS = `//${MASK}:${MASK}@`;

const masked = (text: string, isAddress: boolean) => (isAddress ? text.replace(CREDENTIALS, MASKED_ADDRESS) : MASK);

/** For who may read a document and not use what it holds; what is registered as `env:NAME` is shown. */
export const maskedDocument = <T>(document: T): T => withSecrets(document, masked) as T;

type Sent = Readonly<Record<string, unknown>>;

/**
 * A masked document with the values that `before` has for the same address: a value never goes to another address than it was
 * stored for. `missing` names what is still masked.
 */
export function unmaskedDocument<T>(
  document: T,
  before: unknown,
): { readonly document: T; readonly missing: readonly string[] } {
  const known = addressed(before, '');
  const missing: string[] = [];
  const fill = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((one, at) => fill(one, `${path}.${at}`));
    if (!isObject(value)) return value;
    const there = known.filter((one) => one.shown === value['url']);
    const [own] = there.filter((one) => one.path === path);
    const same = (own ? [own] : there).map((one) => one.value);
    const filled = filledFrom(value, same);
    missing.push(...maskedIn(filled).map((name) => `${path}.${name}`.slice(1)));
    return Object.fromEntries(
      Object.entries(filled).map(([name, inner]) => [
        name,
        name === 'headers' ? inner : fill(inner, `${path}.${name}`),
      ]),
    );
  };
  return { document: fill(document, '') as T, missing };
}

const isObject = (value: unknown): value is Sent =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const headersOf = ({ headers }: Sent): Sent => (isObject(headers) ? headers : {});

interface Addressed {
  readonly value: Sent;
  readonly path: string;
  /** Its address as it is shown. */
  readonly shown: unknown;
}

/** Everything in a document that is sent somewhere. */
function addressed(value: unknown, path: string): readonly Addressed[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => addressed(one, `${path}.${at}`));
  if (!isObject(value)) return [];
  const inner = Object.entries(value).flatMap(([name, one]) =>
    name === 'headers' ? [] : addressed(one, `${path}.${name}`),
  );
  const isSent = 'url' in value || 'headers' in value;
  return isSent ? [{ value, path, shown: maskedDocument(value)['url'] }, ...inner] : inner;
}

function filledFrom(value: Sent, same: readonly Sent[]): Sent {
  const { url, headers } = value;
  const filled = Object.entries(headersOf(value)).map(([name, text]) => [
    name,
    text === MASK ? (only(same.map((one) => headersOf(one)[name])) ?? MASK) : text,
  ]);
  return {
    ...value,
    ...(isMaskedAddress(url) && { url: only(same.map((one) => one['url'])) ?? url }),
    ...(isObject(headers) && { headers: Object.fromEntries(filled) }),
  };
}

/** Undefined where there is none, or several that differ. */
function only(values: readonly unknown[]): unknown {
  const known = new Set(values.filter((one) => one !== undefined));
  return known.size === 1 ? [...known][0] : undefined;
}

const isMaskedAddress = (url: unknown) => typeof url === 'string' && url.includes(MASKED_ADDRESS);

const maskedIn = (value: Sent): readonly string[] => [
  ...(isMaskedAddress(value['url']) ? ['url'] : []),
  ...Object.entries(headersOf(value)).flatMap(([name, text]) => (text === MASK ? [`headers.${name}`] : [])),
];
