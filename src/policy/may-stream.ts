import type { Identified } from '../message/stages.js';
import type { Registry } from '../registry/registry.js';
import { inForce } from './authorise.js';
import { bodiesOf } from './represent.js';
import { findService } from './resolve.js';

/**
 * Bytes that this caller may send beside the document to that address, streamed; null: the whole request is held. An agreement in
 * force must cover the service, so that nobody uploads in vain; what it allows is looked at again once the message is read.
 */
export function streamedBytes({ caller, address, binding }: Identified, registry: Registry, now: Date): number | null {
  const { participant, version, service: name, method } = address;
  if (binding === 'cloudevents' || participant === null || version === null || name === null) return null;
  if (!['POST', 'PUT', 'PATCH'].includes(method)) return null;
  const service = findService(participant, name, version, registry);
  if (service.maxAttachmentBytes === null) return null;
  const limits = bodiesOf(caller).flatMap((consumer) => {
    const agreement = registry.agreement(consumer, participant, service.id, service.version);
    return agreement?.status === 'active' && inForce(agreement, now) ? [agreement.maxBytes ?? Infinity] : [];
  });
  return limits.length === 0 ? null : Math.min(service.maxAttachmentBytes, Math.max(...limits));
}
