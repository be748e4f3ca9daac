import type { Reply } from '../message/stages.js';
import type { Service } from '../registry/model.js';

/** The answer with the end of a deprecated version in it: `Deprecation` (RFC 9745 §2.1), `Sunset` (RFC 8594 §3). */
export function announced(reply: Reply, service: Service | undefined): Reply {
  if (service?.status !== 'deprecated') return reply;
  const headers = {
    ...(service.deprecated && { deprecation: `@${Math.floor(service.deprecated.getTime() / 1000)}` }),
    ...(service.sunset && { sunset: service.sunset.toUTCString() }),
  };
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
