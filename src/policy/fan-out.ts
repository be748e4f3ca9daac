import { Fault, faultFrom } from '../message/fault.js';
import type { Registry } from '../registry/registry.js';
import { authorise, requireCallerIsSender } from './authorise.js';
import type { Authorised, Resolved } from './stages.js';
import type { Throttle } from './throttle.js';

/** Providers that one request may ask: the municipalities of a region and more. */
export const MAX_PROVIDERS = 1_000;

/** What was decided for one provider: the question that it may be asked, or why not now. */
export type Decided = Allowed | { readonly provider: string; readonly fault: Fault };

interface Allowed {
  readonly provider: string;
  readonly authorised: Authorised;
}

/**
 * Decides for each receiver by itself, in their order. Who has no agreement in force for the operation with the caller is
 * left out; what stands against one alone (its size limit, its rate) is its own fault. Throws fan-out-unsupported,
 * sender-mismatch, not-authorised where nobody is left, fan-out-too-wide.
 */
export async function decideEach(
  resolved: Resolved,
  registry: Registry,
  now: Date,
  throttle: Pick<Throttle, 'take'>,
): Promise<readonly Decided[]> {
  requireAsking(resolved);
  requireCallerIsSender(resolved);
  const decided = resolved.receivers.flatMap((receiver) => {
    const one = { ...resolved, receivers: [receiver], clock: resolved.clock.fork() };
    return attempt(receiver.participant, () => authorise(one, registry, now)) ?? [];
  });
  if (decided.length === 0) throw nobody(resolved);
  if (decided.length > MAX_PROVIDERS) throw tooWide(resolved, decided.length);
  return Promise.all(decided.map((one) => ('fault' in one ? one : held(one, throttle))));
}

async function held(one: Allowed, throttle: Pick<Throttle, 'take'>): Promise<Decided> {
  try {
    return { ...one, authorised: await throttle.take(one.authorised) };
  } catch (error) {
    return { provider: one.provider, fault: faultFrom(error) };
  }
}

const LEFT_OUT = ['not-authorised', 'agreement-suspended', 'agreement-not-in-force'];

/** Null: there is no agreement. */
function attempt(provider: string, decide: () => Authorised): Decided | null {
  try {
    return { provider, authorised: decide() };
  } catch (error) {
    const fault = faultFrom(error);
    return LEFT_OUT.includes(fault.code) ? null : { provider, fault };
  }
}

/** What some have carried out and others have not is no answer: only what asks goes to many. */
function requireAsking({ operation, address }: Resolved): void {
  const isAsking = ['GET', 'POST'].includes(address.method);
  if (operation.profile === 'query' && isAsking) return;
  throw new Fault('fan-out-unsupported', {
    detail: isAsking
      ? `${operation.name} is a message, not a query.`
      : `${operation.name} is called by ${address.method}.`,
    place: isAsking ? 'operation' : 'method',
    expected: 'a query by GET or POST',
  });
}

const nobody = ({ caller, service, operation, address }: Resolved) =>
  new Fault('not-authorised', {
    detail: `No agreement in force covers this operation with a provider below ${address.participant}.`,
    place: `${caller.participant} -> ${address.participant}, ${service.id} v${service.version}, ${operation.name}`,
  });

const tooWide = ({ address }: Resolved, count: number) =>
  new Fault('fan-out-too-wide', {
    detail: `${count} providers below ${address.participant} would be asked.`,
    place: 'address: participant',
    expected: `at most ${MAX_PROVIDERS}`,
  });
