import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Arrival, Identified } from '../message/stages.js';
import type { Party } from '../message/message.js';
import { triedBy, type Attempts } from '../policy/attempts.js';
import type { Identify } from '../policy/identify.js';
import type { Throttle } from '../policy/throttle.js';
import type { Present } from './peer.js';

export interface IdentifyParts {
  readonly identify: Identify;
  readonly present: Present;
  readonly attempts: Attempts;
  readonly throttle: Pick<Throttle, 'admit' | 'headers'>;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Party | null;
  }
}

/** Who asks, within the limits of its attempts and its requests. Throws too-many-attempts, rate-limited, and what `identify` throws. */
export async function knownCaller(
  request: FastifyRequest,
  arrival: Arrival,
  { identify, present, attempts, throttle }: IdentifyParts,
): Promise<Identified> {
  const presented = present(request.raw);
  const identified = await attempts.guard(request.ip, triedBy(presented), () => identify(arrival, presented));
  request.caller = identified.caller;
  await throttle.admit(identified.caller);
  return identified;
}

/** ModI ROBUSTEZZA_001: every answer tells a limit; what the path of a message has told stays. */
export function tellLimits(app: FastifyInstance, { attempts, throttle }: IdentifyParts): void {
  app.decorateRequest('caller', null);
  app.addHook('onSend', async ({ caller, ip }, reply) => {
    if (!reply.hasHeader('x-ratelimit-limit'))
      reply.headers(caller ? throttle.headers({ caller }) : attempts.headers(ip));
  });
}
