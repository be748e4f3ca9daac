import type { FastifyInstance } from 'fastify';
import { Fault } from '../message/fault.js';
import { bodiesOf } from '../policy/represent.js';
import { offerKey, offersFor, showOffer, type OfferFilter } from '../registry/directory/directory.js';
import type { ServiceStatus } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { forCaller, json, wholeParameter, type CallerParts } from './caller.js';

export interface DirectoryParts extends CallerParts {
  readonly registry: () => Registry;
  readonly publicUrl: string;
}

/** Who offers what, for consumers: each sees what it may call or ask for, and its own agreements only. */
export function directoryRoutes(app: FastifyInstance, parts: DirectoryParts): void {
  app.get('/directory', (request, reply) =>
    forCaller(request, reply, parts, async (caller) => {
      const offers = offersFor(bodiesOf(caller), parts.registry(), filterFrom(request.query));
      const { items, next } = pageOf(offers, offerKey, request.query);
      return json(200, { items: items.map((offer) => showOffer(offer, parts.publicUrl)), next });
    }),
  );
  app.get('/directory/participants', (request, reply) =>
    forCaller(request, reply, parts, async () => {
      const sorted = [...parts.registry().participants()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const { items, next } = pageOf(sorted, ({ id }) => id, request.query);
      return json(200, { items: items.map(({ id, name, kind, parent }) => ({ id, name, kind, parent })), next });
    }),
  );
}

const PAGE = { standard: 50, maximum: 500 } as const;
const MAX_TEXT = 200;

/** A page of what is sorted by its keys; `next` goes into `after`, null: that was the last. */
function pageOf<T>(sorted: readonly T[], keyOf: (one: T) => string, query: unknown) {
  const limit = wholeParameter(query, 'limit', PAGE.standard, PAGE.maximum, 1);
  const after = textParameter(query, 'after');
  const rest = after === undefined ? sorted : sorted.filter((one) => keyOf(one) > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && rest.length > limit ? keyOf(last) : null };
}

const STATUSES: readonly string[] = ['draft', 'published', 'deprecated', 'retired'] satisfies ServiceStatus[];

function filterFrom(query: unknown): OfferFilter {
  const status = textParameter(query, 'status');
  if (status !== undefined && !STATUSES.includes(status)) throw wrong('status', `one of ${STATUSES.join(', ')}`);
  const wanted = {
    participant: textParameter(query, 'participant'),
    service: textParameter(query, 'service'),
    text: textParameter(query, 'text'),
    status,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/** Throws parameter-wrong. */
function textParameter(query: unknown, name: string): string | undefined {
  const value = (query as Record<string, unknown>)[name];
  if (value === undefined || (typeof value === 'string' && value.length <= MAX_TEXT)) return value;
  throw wrong(name, `at most ${MAX_TEXT} characters, once`);
}

const wrong = (place: string, expected: string) =>
  new Fault('parameter-wrong', { detail: `${place} is not right.`, place, expected });
