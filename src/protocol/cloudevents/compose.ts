import { writeBare } from '../bare-document.js';
import type { Compose } from '../protocol.js';
import { encodeValue } from './binary.js';

/**
 * The payload as a binary-mode event (HTTP binding §3.1). `ce-id` is the gateway's id, the same at each attempt. Throws
 * mediation-failed for attachments.
 */
export const composeCloudEvent: Compose = (message, payload, operation) => {
  const { headers, body } = writeBare(payload, message);
  const { id, service, sender, acceptedAt, correlationId, relatesTo } = message;
  const attributes = {
    specversion: '1.0',
    id,
    source: `${operation.publicUrl}/participants/${sender.participant}`,
    type: operation.eventType ?? `${service}.${message.operation}`,
    time: acceptedAt.toISOString(),
    sender: sender.participant,
    receiver: operation.receiver,
    correlationid: correlationId,
    ...(relatesTo !== null && { relatesto: relatesTo }),
  };
  const encoded = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeValue(value)]);
  return { headers: { ...headers, ...Object.fromEntries(encoded) }, body };
};
