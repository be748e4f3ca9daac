import type { FaultCode } from '../message/fault-catalogue.js';
import type { Registry } from '../registry/registry.js';
import type { Flow } from './flows.js';
import type { CircuitView, KnownFlow, QueueSample, Sum } from './ports.js';
import { depthOf, grouped, standingOf } from './standing.js';

export const ATTENTION_KINDS = [
  'flow-down',
  'queue-growing',
  'oldest-waiting',
  'dead-letters',
  'validation-failures',
  'refusals',
  'certificate-expiring',
  'credential-expiring',
  'silent-partner',
  'held-back',
] as const;

export const SEVERITIES = ['critical', 'warning', 'info'] as const;

/** Something that an operator should look at now. */
export interface Attention {
  readonly kind: (typeof ATTENTION_KINDS)[number];
  readonly severity: (typeof SEVERITIES)[number];
  /** IPA code; null: the gateway itself. */
  readonly entity: string | null;
  readonly system: string | null;
  /** Messages, flows or days, as the kind says. */
  readonly count: number;
  readonly since: Date | null;
  /** Code of the fault; id of a credential or an agreement; null: there is none. */
  readonly about: string | null;
  /** The page that shows it, and its filter. */
  readonly link: { readonly page: string; readonly filter: Readonly<Record<string, string>> };
}

/** What is looked at, all of it of bodies in sight. */
export interface Seen {
  readonly now: Date;
  readonly registry: Pick<Registry, 'system' | 'systems'>;
  readonly flows: readonly Flow[];
  readonly circuits: readonly CircuitView[];
  readonly samples: readonly QueueSample[];
  /** The queues a quarter of an hour ago. */
  readonly before: readonly QueueSample[];
  /** Refused messages of the last hour. */
  readonly refused: readonly Sum<'at' | 'sender' | 'receiver' | 'service' | 'fault'>[];
  readonly known: readonly KnownFlow[];
  /** Flow (its id) and day of the last two weeks on which something was sent or asked. */
  readonly activeDays: ReadonlyMap<string, number>;
  /** IPA codes; null: all. */
  readonly scope: readonly string[] | null;
  /** The gateway's own certificates; for operators who see everybody. */
  readonly certificates: readonly { readonly subject: string; readonly until: Date }[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const GROWN = { least: 100, factor: 1.5 };
const WAITED_MS = { warning: 15 * MINUTE_MS, critical: 60 * MINUTE_MS };
const EXPIRY_DAYS = { warning: 30, critical: 7 };
const SILENT = { afterMs: DAY_MS, activeDays: 5 };
/** Faults that say what is wrong with a message's content. */
const VALIDATION: readonly FaultCode[] = [
  'schema-violation',
  'not-well-formed',
  'envelope-malformed',
  'event-malformed',
  'mime-malformed',
  'dtd-forbidden',
  'too-deep',
  'too-complex',
  'operation-unknown',
];

/** The worst first, then what has lasted longest. */
export function attentionTo(seen: Seen): readonly Attention[] {
  const all = [down, queues, letters, refusals, expiries, silent].flatMap((look) => look(seen));
  const rank = ({ severity }: Attention) => SEVERITIES.indexOf(severity);
  return all.sort((a, b) => rank(a) - rank(b) || (a.since?.getTime() ?? 0) - (b.since?.getTime() ?? 0));
}

/** One for each system that is spared or paused, and each agreement that is suspended. */
function down({ flows, registry }: Seen): Attention[] {
  const stopped = flows.filter(({ state, system }) => system !== null && ['circuit-open', 'paused'].includes(state));
  const bySystem = [...grouped(stopped, ({ system }) => system!)].map(([system, affected]): Attention => {
    const isSpared = affected[0]!.state === 'circuit-open';
    return {
      kind: isSpared ? 'flow-down' : 'held-back',
      severity: isSpared ? 'critical' : 'warning',
      entity: registry.system(system)?.participant ?? null,
      system,
      count: affected.length,
      since: null,
      about: null,
      link: { page: 'queues', filter: { text: system } },
    };
  });
  const suspended = flows.filter(({ state }) => state === 'suspended' || state === 'draining');
  const byAgreement = suspended.map(({ id, receiver, system }): Attention => ({
    kind: 'held-back',
    severity: 'warning',
    entity: receiver,
    system,
    count: 1,
    since: null,
    about: id,
    link: { page: 'flows', filter: { text: id } },
  }));
  return [...bySystem, ...byAgreement];
}

function queues({ samples, before, registry, now }: Seen): Attention[] {
  const earlier = grouped(before, ({ system }) => system);
  return [...grouped(samples, ({ system }) => system)].flatMap(([system, rows]) => {
    const all = standingOf(rows);
    const [depth, was] = [depthOf(all), depthOf(standingOf(earlier.get(system) ?? []))];
    const entity = registry.system(system)?.participant ?? null;
    const common = { entity, system, count: depth, about: null, link: { page: 'queues', filter: { text: system } } };
    const waited = all.oldestAt === null ? 0 : now.getTime() - all.oldestAt.getTime();
    const isGrowing = depth >= GROWN.least && depth >= GROWN.factor * was;
    const found: Attention[] = [];
    if (isGrowing) found.push({ ...common, kind: 'queue-growing', severity: 'warning', since: all.oldestAt });
    if (waited >= WAITED_MS.warning) {
      const severity = waited >= WAITED_MS.critical ? 'critical' : 'warning';
      found.push({ ...common, kind: 'oldest-waiting', severity, since: all.oldestAt });
    }
    return found;
  });
}

function letters({ samples, registry }: Seen): Attention[] {
  const dead = samples.filter((row) => row.dead > 0);
  return [...grouped(dead, ({ system }) => system)].map(([system, rows]) => ({
    kind: 'dead-letters' as const,
    severity: 'critical' as const,
    entity: registry.system(system)?.participant ?? null,
    system,
    count: standingOf(rows).dead,
    since: standingOf(rows).deadSince,
    about: null,
    link: { page: 'dead-letters', filter: { receiver: system } },
  }));
}

function refusals({ refused }: Seen): Attention[] {
  const groups = grouped(refused, ({ sender, fault }) => `${sender} ${fault}`);
  return [...groups.values()].map((rows) => {
    const { sender, fault } = rows[0]!;
    const isContent = VALIDATION.some((code) => code === fault);
    const since = new Date(Math.min(...rows.map(({ at }) => at.getTime())));
    return {
      kind: isContent ? ('validation-failures' as const) : ('refusals' as const),
      severity: isContent ? ('warning' as const) : ('info' as const),
      entity: sender,
      system: null,
      count: rows.reduce((sum, { count }) => sum + count, 0),
      since,
      about: fault,
      link: { page: 'messages', filter: { sender, state: 'REJECTED', fault, from: since.toISOString() } },
    };
  });
}

function expiries({ registry, scope, certificates, now }: Seen): Attention[] {
  const own = registry.systems().filter(({ participant }) => scope === null || scope.includes(participant));
  const credentials = own.flatMap(({ id, participant, credentials }) =>
    credentials.flatMap((credential) => {
      if (credential.expires === undefined) return [];
      const kind = credential.kind === 'tls' ? ('certificate-expiring' as const) : ('credential-expiring' as const);
      const link = { page: 'participants', filter: { text: id } };
      return expiring(new Date(credential.expires), now, {
        kind,
        entity: participant,
        system: id,
        about: credential.kind,
        link,
      });
    }),
  );
  const gateway = certificates.flatMap(({ subject, until }) => {
    const link = { page: 'certificates', filter: {} };
    return expiring(until, now, { kind: 'certificate-expiring', entity: null, system: null, about: subject, link });
  });
  return [...credentials, ...gateway];
}

/** `count` are the days that are left. */
function expiring(until: Date, now: Date, one: Omit<Attention, 'severity' | 'count' | 'since'>): Attention[] {
  const days = Math.floor((until.getTime() - now.getTime()) / DAY_MS);
  if (days >= EXPIRY_DAYS.warning) return [];
  const severity = days < EXPIRY_DAYS.critical ? ('critical' as const) : ('warning' as const);
  return [{ ...one, severity, count: Math.max(0, days), since: until }];
}

/** Who sent on most days and has not since yesterday. */
function silent({ known, activeDays, flows, now }: Seen): Attention[] {
  const keyOf = (one: Pick<KnownFlow, 'sender' | 'receiver' | 'service' | 'version'>) =>
    `${one.sender} ${one.receiver} ${one.service} ${one.version}`;
  const seenFlows = grouped(known, keyOf);
  return flows.flatMap((flow) => {
    const ours = seenFlows.get(keyOf(flow)) ?? [];
    const last = Math.max(0, ...ours.map(({ lastAt }) => lastAt.getTime()));
    const days = Math.max(0, ...ours.map(({ id }) => activeDays.get(id) ?? 0));
    if (days < SILENT.activeDays || now.getTime() - last < SILENT.afterMs || flow.state !== 'active') return [];
    return [
      {
        kind: 'silent-partner' as const,
        severity: 'warning' as const,
        entity: flow.sender,
        system: null,
        count: Math.floor((now.getTime() - last) / DAY_MS),
        since: new Date(last),
        about: flow.id,
        link: { page: 'flows', filter: { text: flow.id } },
      },
    ];
  });
}
