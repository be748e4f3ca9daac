import type { SchemaBundle } from '../message/document.js';
import { Fault } from '../message/fault.js';
import type { QName } from '../message/message.js';
import type { Payload } from '../protocol/protocol.js';
import type { Mediator } from './mediator.js';
import { misfit } from './misfit.js';

/** Where an exchange stands, as ModI NONBLOCK_PULL tells it. */
export interface ProcessingStatus {
  readonly status: 'accepted' | 'processing' | 'done';
  readonly message: string;
}

export const PROCESSING: Readonly<Record<ProcessingStatus['status'], ProcessingStatus>> = {
  accepted: { status: 'accepted', message: 'Preso in carico' },
  processing: { status: 'processing', message: 'In elaborazione' },
  done: { status: 'done', message: 'Elaborazione conclusa' },
};

/**
 * A status in the element that an interface publishes for it: with the members `status` and `message`, or with one member that has
 * them (`return` in ModI's example). Throws mediation-failed where the element holds neither.
 */
export function writeProcessingStatus(
  status: ProcessingStatus,
  { xsd, element }: { readonly xsd: SchemaBundle; readonly element: QName },
  mediator: Mediator,
): Payload {
  const members = mediator.members(xsd, element);
  const forms = [status, ...members.map((name) => ({ [name]: status }))];
  for (const form of forms) {
    const bytes = fitting(() => mediator.toXml(xsd, element, Buffer.from(JSON.stringify(form))));
    if (bytes) return { format: 'xml', bytes, attachments: [] };
  }
  throw misfit(`${element.name} does not hold status and message alone.`, xsd.entry, {
    expected: 'status and message, or one element with the two',
  });
}

/** Null where the form does not fit. */
function fitting(write: () => Buffer): Buffer | null {
  try {
    return write();
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
