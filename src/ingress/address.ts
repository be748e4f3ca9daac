import { Fault } from '../message/fault.js';
import type { Arrival } from '../message/stages.js';

export type Address = Pick<Arrival, 'binding' | 'address'>;

const SEGMENT = '[A-Za-z0-9_.-]+';
/** RAC_GEN_002: `/[rest|soap]/<domain>/v<major>/<API name>`, and what follows it for REST. */
const NATIONAL = new RegExp(`^/(soap|rest)/(${SEGMENT})/v(\\d{1,4})/(${SEGMENT})((?:/[A-Za-z0-9_.~-]+)*)$`);

/**
 * Reads the address that a message was sent to; the doors share it, so that HTTP and AMQP mean the same. No segment is
 * percent-decoded: nothing published needs it, and nothing encoded can slip past an agreement. Throws route-unknown.
 */
export function parseAddress(method: string, path: string): Address {
  if (path === '/messages')
    return { binding: 'cloudevents', address: { participant: null, version: null, service: null, path: '', method } };
  const [, binding, participant, version, service, rest = ''] = NATIONAL.exec(path) ?? [];
  const stray = binding === 'soap' && rest !== '';
  if (!binding || !participant || !version || !service || stray || /\/\.{1,2}(\/|$)/.test(path))
    throw routeUnknown(path);
  return {
    binding: binding as 'soap' | 'rest',
    address: { participant, version: Number(version), service, path: rest, method },
  };
}

export const routeUnknown = (path: string) =>
  new Fault('route-unknown', {
    detail: `Nothing is served at "${path.slice(0, 200)}".`,
    place: 'address',
    expected: '/soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/... or /messages',
  });
