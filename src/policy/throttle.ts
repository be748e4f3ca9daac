import type { Party } from '../message/message.js';
import type { Registry } from '../registry/registry.js';
import type { Leases } from './limits/leases.js';
import { limitsOfCaller, limitsOfRoutes, quotasOf, usedUp, type Limit } from './limits/limit.js';
import type { Authorised } from './stages.js';

/** How far a request came that is answered: whose limits it told on. */
export type Limited = { readonly caller: Party } & Partial<Authorised>;

/** Holds callers to their limits, over all nodes. */
export interface Throttle {
  /** Before the body: the rates of the system and its participant. Throws rate-limited. */
  admit(caller: Party): Promise<void>;
  /** What is authorised: the rates of agreement and service, and the quotas of the participant. Throws rate-limited. */
  take(authorised: Authorised): Promise<Authorised>;
  /** ModI ROBUSTEZZA_001: `X-RateLimit-Limit`, `-Remaining`, `-Reset` (seconds) of the limit with the least left. */
  headers(limited: Limited): Readonly<Record<string, string>>;
}

interface ThrottleParts {
  readonly leases: Leases;
  readonly registry: () => Registry;
  /** Requests a minute of a system whose document says nothing. */
  readonly perMinute: number;
  /** Told of every refusal. */
  readonly refused: (kind: Limit['kind']) => void;
}

export function createThrottle({ leases, registry, perMinute, refused }: ThrottleParts): Throttle {
  const hold = async (limits: readonly Limit[], size: number): Promise<void> => {
    for (const limit of limits) {
      const resetMs = await leases.take(limit, limit.unit === 'bytes' ? size : 1);
      if (resetMs === null) continue;
      refused(limit.kind);
      throw usedUp(limit, resetMs);
    }
  };
  const quotas = ({ participant }: Party) => quotasOf(registry().participant(participant));
  return {
    admit: (caller) => hold(limitsOfCaller(caller, registry(), perMinute), 0),
    take: async (authorised) => {
      const size = authorised.stored?.size ?? authorised.content.length;
      await hold([...limitsOfRoutes(authorised), ...quotas(authorised.caller)], size);
      return authorised;
    },
    headers: (limited) => {
      const limits = limitsOfCaller(limited.caller, registry(), perMinute);
      if (isAuthorised(limited)) limits.push(...limitsOfRoutes(limited), ...quotas(limited.caller));
      return rateHeaders(tightest(limits.map((limit) => ({ ...limit, ...leases.state(limit) }))));
    },
  };
}

const isAuthorised = (limited: Limited): limited is Authorised => limited.routes !== undefined;

type State = Limit & ReturnType<Leases['state']>;

/** Bytes cannot be compared with requests: they are told where nothing is left. */
const tightest = (states: readonly State[]): State =>
  states
    .filter(({ unit, left }) => unit !== 'bytes' || left === 0)
    .reduce((least, one) => (one.left < least.left ? one : least));

const rateHeaders = ({ count, left, resetMs }: State) => ({
  'x-ratelimit-limit': String(count),
  'x-ratelimit-remaining': String(Math.floor(left)),
  'x-ratelimit-reset': String(Math.ceil(resetMs / 1000)),
});
