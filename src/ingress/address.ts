import { Fault } from '../message/fault.js';
import type { Arrival } from '../message/stages.js';

export type Address = Pick<Arrival, 'binding' | 'address'>;

/** No dot segment. */
const SEGMENT = '(?!\\.{1,2}/|\\.{1,2}$)[A-Za-z0-9_.-]+';
/** RAC_GEN_002: `/[rest|soap]/<domain>/v<major>/<API name>`, and what follows it for REST. */
const NATIONAL = new RegExp(`^/(soap|rest|fanout)/(${SEGMENT})/v(\\d{1,4})/(${SEGMENT})((?:/.*)?)$`);
/** pchar of RFC 3986 §3.3 without `;`, by which some servers cut a segment short. */
const RAW_SEGMENT = /^(?:[\w.~!$&'()*+,=:@-]|%[0-9A-Fa-f]{2})+$/;
/** What a decoded segment may not hold: another server could read a path, a parameter or a second encoding in it. */
const AMBIGUOUS = /[/\\;%?#\p{Cc}]/u;

/**
 * Reads the address that a message was sent to; the doors share it, so that HTTP and AMQP mean the same. `target` is a
 * path with an optional query. The path below a REST service is percent-decoded here and nowhere else: agreements are
 * checked against what the provider will read. Throws route-unknown.
 */
export function parseAddress(method: string, target: string): Address {
  const { path, query } = split(target);
  if (path === '/messages')
    return {
      binding: 'cloudevents',
      address: { participant: null, version: null, service: null, path: '', query, method },
    };
  const { first, address } = readNational(method, target);
  if (first === 'fanout' || (first === 'soap' && address.path !== '')) throw routeUnknown(path);
  return { binding: first as 'soap' | 'rest', address };
}

/** Reads `/fanout/{participant}/v{n}/{service}/...`, which is a REST address but for its first segment. Throws route-unknown. */
export function parseFanOutAddress(method: string, target: string): Address {
  const { first, address } = readNational(method, target);
  if (first !== 'fanout') throw routeUnknown(split(target).path);
  return { binding: 'rest', address };
}

function readNational(method: string, target: string) {
  const { path, query } = split(target);
  const [, first, participant, version, service, below = ''] = NATIONAL.exec(path) ?? [];
  if (!first || !participant || !version || !service) throw routeUnknown(path);
  const plain = decodedPath(below);
  if (plain === null) throw pathRefused(below);
  return { first, address: { participant, version: Number(version), service, path: plain, query, method } };
}

function split(target: string): { readonly path: string; readonly query: string } {
  const [path = '', ...rest] = target.split('?');
  return { path, query: rest.join('?') };
}

/** Null where a segment is empty, a dot segment, or says after decoding what no segment can say (RFC 3986 §3.3, §6.2.2). */
function decodedPath(path: string): string | null {
  const segments = path.split('/').slice(1).map(decodedSegment);
  return segments.includes(null) ? null : segments.map((segment) => `/${segment}`).join('');
}

function decodedSegment(raw: string): string | null {
  if (!RAW_SEGMENT.test(raw)) return null;
  try {
    const segment = decodeURIComponent(raw);
    return AMBIGUOUS.test(segment) || /^\.{1,2}$/.test(segment) ? null : segment;
  } catch {
    return null;
  }
}

const pathRefused = (below: string) =>
  new Fault('route-unknown', {
    detail: `"${below.slice(0, 200)}" has an empty segment, or one that could be read in two ways.`,
    place: 'address: path',
    expected: 'no segment that is empty, . or .., or that holds / \\ ; % ? # or a control character once decoded',
  });

export const routeUnknown = (path: string) =>
  new Fault('route-unknown', {
    detail: `Nothing is served at "${path.slice(0, 200)}".`,
    place: 'address',
    expected:
      '/soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/..., /fanout/... like it, or /messages',
  });
