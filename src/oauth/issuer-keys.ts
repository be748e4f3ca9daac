import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Fault } from '../message/fault.js';
import type { SmallAnswers } from '../outbound/small-answers.js';
import type { Issuer, PublicJwk } from '../registry/model.js';
import { readKey } from '../registry/public-keys.js';
import type { TokenHeader } from './check-signature.js';

/** Keys are fetched anew after it; until then an unknown `kid` alone makes one look, and not before the pause. */
const FRESH_MS = 600_000;
/** Between two fetches, whoever asks: strangers cannot make this gateway a burden to the issuer. */
const PAUSE_MS = 30_000;
/** Keys that could not be renewed are used so long. */
const STALE_MS = 86_400_000;
const LIMIT_MS = 5_000;
const MAX_BYTES = 262_144;
const MAX_KEYS = 100;

interface IssuerKey {
  readonly kid: string | null;
  readonly alg: string | null;
  readonly key: KeyObject;
}

interface KeySet {
  keys: readonly IssuerKey[];
  fetchedAt: number;
  triedAt: number;
  fetching: Promise<void> | null;
}

export interface IssuerKeys {
  /** Those that may have signed a token with this header; none where the issuer has no such key. Throws issuer-unavailable. */
  keysFor(issuer: Issuer, header: TokenHeader): Promise<readonly KeyObject[]>;
}

interface IssuerKeysParts {
  readonly answers: SmallAnswers;
  readonly now: () => number;
  readonly problem: (error: unknown) => void;
}

export function createIssuerKeys({ answers, now, problem }: IssuerKeysParts): IssuerKeys {
  const sets = new LRUCache<string, KeySet>({ max: 100 });
  const refresh = (uri: string, set: KeySet): Promise<void> => {
    if (set.fetching) return set.fetching;
    if (now() - set.triedAt < PAUSE_MS) return Promise.resolve();
    set.triedAt = now();
    const fetching = fetchKeys(uri, answers)
      .then((keys) => void Object.assign(set, { keys, fetchedAt: now() }))
      .catch(problem)
      .finally(() => void (set.fetching = null));
    return (set.fetching = fetching);
  };
  return {
    keysFor: async (issuer, header) => {
      const set = sets.get(issuer.jwksUri) ?? { keys: [], fetchedAt: -Infinity, triedAt: -Infinity, fetching: null };
      sets.set(issuer.jwksUri, set);
      if (now() - set.fetchedAt > FRESH_MS) await refresh(issuer.jwksUri, set);
      if (fitting(set.keys, header).length === 0) await refresh(issuer.jwksUri, set);
      if (now() - set.fetchedAt > STALE_MS) throw unavailable(issuer);
      return fitting(set.keys, header);
    },
  };
}

const fitting = (keys: readonly IssuerKey[], { kid, alg }: TokenHeader) =>
  keys
    .filter((one) => (kid === null || one.kid === kid) && (one.alg === null || one.alg === alg))
    .map(({ key }) => key);

const unavailable = ({ issuer }: Issuer) =>
  new Fault('issuer-unavailable', {
    detail: `The keys of ${issuer} cannot be fetched now.`,
    place: 'Authorization',
    retryAfterSeconds: PAUSE_MS / 1_000,
  });

/** Throws Error. */
async function fetchKeys(uri: string, answers: SmallAnswers): Promise<readonly IssuerKey[]> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const bytes = await answers.fetch(uri, { method: 'GET', headers, limitMs: LIMIT_MS, maxBytes: MAX_BYTES });
  const { keys } = JSON.parse(bytes.toString('utf8')) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error(`${uri} gives no JWK set`);
  return keys.slice(0, MAX_KEYS).flatMap(usable);
}

/** Keys for encryption, symmetric ones and weak ones sign nothing here. */
function usable(jwk: unknown): readonly IssuerKey[] {
  try {
    const { use = 'sig', alg = null } = jwk as { use?: string; alg?: string };
    return use === 'sig' ? [{ ...readKey(jwk as PublicJwk), alg }] : [];
  } catch {
    return [];
  }
}
