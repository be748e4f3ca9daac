import { Fault } from '../message/fault.js';
import type { Authorised } from './stages.js';

/**
 * What a schema does not describe must be published all the same: an opaque body by its media type, attachments over REST by a
 * limit of the service. Throws media-type-unsupported, and too-large for a question that is not held.
 */
export function requireCarried({ opaque, operation, service, stored, binding, headers }: Authorised): void {
  if (stored && operation.profile === 'query') throw heldWhole(service.maxBytes);
  const published = operation.profile === 'query' ? [] : (operation.rest?.bodyTypes ?? []);
  if (opaque !== undefined && !published.some((range) => fits(opaque, range)))
    throw unsupported(opaque, [...BARE_TYPES, ...published]);
  const type = headers['content-type'] ?? '';
  if (binding === 'rest' && service.maxAttachmentBytes === null && /^\s*multipart\//i.test(type))
    throw unsupported(type, [...BARE_TYPES, ...published]);
}

const BARE_TYPES = ['application/json', 'application/xml', 'text/xml'];

/** `range`: a media type, `image/*` or `*` of both. */
const fits = (type: string, range: string) =>
  range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));

const unsupported = (type: string, accepted: readonly string[]) =>
  new Fault('media-type-unsupported', {
    detail: `The media type "${type.slice(0, 200)}" is not accepted here.`,
    place: 'Content-Type',
    expected: accepted.join(', '),
  });

const heldWhole = (maxBytes: number) =>
  new Fault('too-large', {
    detail: `A question is larger than ${maxBytes} bytes, attachments and all.`,
    place: 'body',
    expected: `at most ${maxBytes} bytes`,
  });
