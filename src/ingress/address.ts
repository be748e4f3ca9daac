import { Fault } from '../message/fault.js';
import type { Arrival } from '../message/stages.js';

export type Address = Pick<Arrival, 'binding' | 'address'>;

/** No dot segment. */
const SEGMENT = '(?!\\.{1,2}/|\\.{1,2}$)[A-Za-z0-9_.-]+';
/** RAC_GEN_002: `/[rest|soap]/<domain>/v<major>/<API name>`, and what follows it for REST. */
const NATIONAL = new RegExp(`^/(soap|rest)/(${SEGMENT})/v(\\d{1,4})/(${SEGMENT})((?:/.*)?)$`);
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
  const [path = '', ...rest] = target.split('?');
  const query = rest.join('?');
  if (path === '/messages')
    return {
      binding: 'cloudevents',
      address: { participant: null, version: null, service: null, path: '', query, method },
    };
  const [, binding, participant, version, service, below = ''] = NATIONAL.exec(path) ?? [];
  const plain = decodedPath(below);
  if (!binding || !participant || !version || !service || plain === null) throw routeUnknown(path);
  if (binding === 'soap' && plain !== '') throw routeUnknown(path);
  return {
    binding: binding as 'soap' | 'rest',
    address: { participant, version: Number(version), service, path: plain, query, method },
  };
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

export const routeUnknown = (path: string) =>
  new Fault('route-unknown', {
    detail: `Nothing is served at "${path.slice(0, 200)}".`,
    place: 'address',
    expected: '/soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/... or /messages',
  });
