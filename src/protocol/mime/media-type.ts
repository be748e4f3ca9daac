import { LRUCache } from 'lru-cache';
import { Fault } from '../../message/fault.js';
import type { DocumentFormat } from '../../message/message.js';

export interface MediaType {
  /** `text/xml`, lower case, without parameters. */
  readonly type: string;
  /** Lower-case names; values without their quotes. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TYPE = /[ \t]*([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)[ \t]*/y;
const PARAMETER = /;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([^\s";,\\]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?/y;

/** What senders say is nearly always one of a few texts; longer ones carry a boundary of their own. */
const read = new LRUCache<string, { readonly media: MediaType | null }>({ max: 1_000 });
const KEPT_LENGTH = 200;

/**
 * Reads a Content-Type (RFC 9110 §8.3.1); null where it is none, or names a parameter twice. A value that should be
 * quoted and is not (`action=urn:a`, `start=<a>`) is taken up to the next blank or separator: clients send it.
 */
export function parseMediaType(text: string | null | undefined): MediaType | null {
  if (text === null || text === undefined) return null;
  const known = read.get(text);
  if (known) return known.media;
  const media = readMediaType(text);
  if (text.length <= KEPT_LENGTH) read.set(text, { media });
  return media;
}

function readMediaType(text: string): MediaType | null {
  TYPE.lastIndex = 0;
  const type = TYPE.exec(text)?.[1];
  if (type === undefined) return null;
  const parameters = parseParameters(text, TYPE.lastIndex);
  return parameters && { type: type.toLowerCase(), parameters };
}

function parseParameters(text: string, from: number): Record<string, string> | null {
  const parameters: Record<string, string> = Object.create(null);
  for (let at = from; at < text.length; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(text);
    if (!found) return null;
    const [, name, token, quoted] = found;
    if (name === undefined) continue;
    if (name.toLowerCase() in parameters) return null;
    parameters[name.toLowerCase()] = token ?? (quoted ?? '').replace(/\\(.)/g, '$1');
  }
  return parameters;
}

/** `xml` for text/xml, application/xml and +xml (RFC 7303 §4.2), `json` for application/json and +json (RFC 6839 §3.1). */
export function formatOf(media: MediaType | null): DocumentFormat | null {
  if (!media) return null;
  if (/^(text|application)\/xml$|\+xml$/.test(media.type)) return 'xml';
  return /^application\/json$|\+json$/.test(media.type) ? 'json' : null;
}

/** The charset parameter; null where byte order mark and XML declaration decide (RFC 7303 §3). */
export function charsetOf({ parameters }: MediaType): string | null {
  return parameters['charset'] ?? null;
}

/** A quoted-string parameter value (RFC 9110 §5.6.4). */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

export function mediaTypeUnsupported(
  given: string | null | undefined,
  place: string,
  accepted: readonly string[],
): Fault {
  return new Fault('media-type-unsupported', {
    detail: given ? `The media type "${given.slice(0, 200)}" is not accepted here.` : 'No media type is given.',
    place,
    expected: accepted.join(', '),
  });
}
