import { Fault } from '../message/fault.js';
import type { SchemaBundle } from '../message/document.js';
import type { DocumentFormat, QName } from '../message/message.js';
import type { Payload } from '../protocol/protocol.js';
import type { Mediator } from './mediator.js';

/** What a payload is published as. */
export interface PublishedPayload {
  /** The operation, for the fault. */
  readonly name: string;
  readonly xsd: SchemaBundle | null;
  readonly element: QName | null;
}

/** The payload in a format; null: as it is. Throws mediation-failed. */
export function convert(
  payload: Payload,
  format: DocumentFormat | null,
  { name, xsd, element }: PublishedPayload,
  mediator: Mediator,
): Payload {
  if (format === null || format === payload.format) return payload;
  if (!xsd || !element)
    throw new Fault('mediation-failed', { detail: `${name} has no XSD to convert by.`, expected: 'an XSD' });
  const bytes =
    format === 'json' ? mediator.toJson(xsd, element, payload.bytes) : mediator.toXml(xsd, element, payload.bytes);
  return { ...payload, format, bytes };
}
