import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Operator } from '../registry/model.js';
import type { LogInMethod, OpenSession, Session, SessionStore } from './ports.js';

/** A session ends when nothing came for this long, and at the latest this long after the log-in. */
export const IDLE_MS = 30 * 60_000;
export const ABSOLUTE_MS = 12 * 3_600_000;
/** A log-out at another node is known here after this time at the latest. */
const CACHE_MS = 5_000;
const SEEN_EVERY_MS = 60_000;
const MOST_EACH = 20;

const FORM = /^[A-Za-z0-9_-]{43}$/;

/** A session with the id that only its browser holds. */
export interface Started {
  readonly id: string;
  readonly session: Session;
}

interface Beginning {
  readonly operator: Pick<Operator, 'id' | 'role' | 'scope'>;
  readonly method: LogInMethod;
  readonly mustChange: boolean;
  readonly address: string;
  readonly idToken: string | null;
}

/** Sessions of browsers. Throws Fault store-unavailable. */
export interface Sessions {
  begin(beginning: Beginning): Promise<Started>;
  /** Null for an id that is unknown, idle for too long, or over. */
  find(id: string): Promise<Session | null>;
  /** Those of every operator that are not over, the newest first. */
  open(): Promise<readonly OpenSession[]>;
  end(session: Pick<Session, 'hash'>): Promise<void>;
  endAll(operator: string): Promise<number>;
}

export function createSessions(store: SessionStore, now: () => number): Sessions {
  const known = new LRUCache<string, Session>({ max: 10_000, ttl: CACHE_MS, ttlResolution: 0, perf: { now } });
  const begin = async ({ operator: { id: operator, role, scope }, ...how }: Beginning): Promise<Started> => {
    const id = randomBytes(32).toString('base64url');
    const [createdAt, expiresAt] = [new Date(now()), new Date(now() + ABSOLUTE_MS)];
    const session = { hash: hashOf(id), operator, role, scope, ...how, createdAt, seenAt: createdAt, expiresAt };
    await store.add(session, MOST_EACH);
    return { id, session };
  };
  const isOver = ({ seenAt, expiresAt }: Session) =>
    now() >= expiresAt.getTime() || now() >= seenAt.getTime() + IDLE_MS;
  const look = async (hash: string): Promise<Session | null> => {
    const found = await store.find(hash);
    if (found === null || isOver(found)) return null;
    const isStale = now() - found.seenAt.getTime() >= SEEN_EVERY_MS;
    const session = isStale ? { ...found, seenAt: new Date(now()) } : found;
    if (isStale) await store.seen(hash, session.seenAt);
    known.set(hash, session);
    return session;
  };
  return {
    begin,
    find: async (id) => {
      if (!FORM.test(id)) return null;
      const hash = hashOf(id);
      const session = known.get(hash) ?? (await look(hash));
      return session === null || isOver(session) ? null : session;
    },
    open: () => store.open(new Date(now() - IDLE_MS), new Date(now())),
    end: async ({ hash }) => {
      await store.remove(hash);
      known.delete(hash);
    },
    endAll: async (operator) => {
      const gone = await store.removeAll(operator);
      for (const hash of gone) known.delete(hash);
      return gone.length;
    },
  };
}

const hashOf = (id: string) => createHash('sha256').update(id).digest('base64url');

/** What a page must send with every change, beside the cookie that the browser sends by itself. */
export const csrfTokenOf = (id: string): string => createHmac('sha256', id).update('csrf').digest('base64url');

export function isCsrfToken(id: string, given: string | undefined): boolean {
  const [expected, sent] = [Buffer.from(csrfTokenOf(id)), Buffer.from(given ?? '')];
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}
