import type { Incident } from '../alerts/ports.js';
import type { DeadLetters, DeliverySearch } from '../delivery/jobs/ports.js';
import { faultFrom } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { RegistryProblem } from '../registry/registry.js';
import type { QueueRow, Queues } from '../statistics/queues.js';
import type { ReadSystem, SystemFacts } from './system.js';

export interface DiagnosticsParts {
  /** How the node runs. */
  readonly shape: () => object;
  /** Variables that are set: the values of harmless ones, null for all others. */
  readonly settings: Readonly<Record<string, string | null>>;
  readonly system: ReadSystem;
  readonly ready: () => Promise<void>;
  readonly registry: {
    revision(): string;
    counts(): { readonly systems: number; readonly services: number };
    problems(): readonly RegistryProblem[];
  };
  readonly queues: Pick<Queues, 'list'>;
  readonly search: Pick<DeliverySearch, 'deadLetters'>;
  readonly alerts: {
    list(filter: { readonly state: 'open' }, page: { readonly limit: number }): Promise<readonly Incident[]>;
  };
  readonly metrics: { text(): Promise<{ readonly body: string }> };
}

/** For a support case: how things stand, with no content, no credential and no personal data. */
export interface Diagnostics {
  readonly format: 'crocevia-diagnostics-1';
  readonly at: Date;
  readonly node: object;
  readonly settings: DiagnosticsParts['settings'];
  /** The fault for which it takes no messages; null: it does. */
  readonly notReady: FaultCode | null;
  readonly system: SystemFacts;
  readonly registry: {
    readonly revision: string;
    readonly systems: number;
    readonly services: number;
    /** What they quote is left out. */
    readonly problems: readonly RegistryProblem[];
  };
  readonly queues: readonly Pick<QueueRow, (typeof OF_QUEUE)[number]>[];
  /** Of the last seven days. */
  readonly deadLetters: readonly Pick<DeadLetters, (typeof OF_GROUP)[number]>[];
  readonly alerts: readonly Pick<Incident, (typeof OF_ALERT)[number]>[];
  /** In the text format of Prometheus, a line each. */
  readonly metrics: readonly string[];
}

const OF_QUEUE = ['system', 'state', 'channel', 'depth', 'dead', 'inPerMinute', 'outPerMinute'] as const;
const OF_GROUP = ['fault', 'system', 'service', 'count', 'retried', 'oldest', 'newest'] as const;
const OF_ALERT = ['rule', 'kind', 'severity', 'subject', 'value', 'threshold', 'openedAt', 'seenAt'] as const;

const MOST = 500;
const MOST_COUNTED = 100_000;
const WEEK_MS = 7 * 86_400_000;

/** Gathers it. Throws Fault store-unavailable. */
export async function gatherDiagnostics(parts: DiagnosticsParts): Promise<Diagnostics> {
  const at = new Date();
  const ended = {
    endedAfter: new Date(at.getTime() - WEEK_MS).toISOString(),
    endedBefore: at.toISOString(),
    states: ['FAILED', 'EXPIRED'] as const,
  };
  const [system, notReady, queues, dead, alerts, metrics] = await Promise.all([
    parts.system(),
    parts.ready().then(() => null, codeOf),
    parts.queues.list({ limit: MOST }, null),
    parts.search.deadLetters(ended, null, MOST_COUNTED),
    parts.alerts.list({ state: 'open' }, { limit: MOST }),
    parts.metrics.text(),
  ]);
  return {
    format: 'crocevia-diagnostics-1',
    at,
    node: parts.shape(),
    settings: parts.settings,
    notReady,
    system,
    registry: registryOf(parts.registry),
    queues: queues.items.map(only(OF_QUEUE)),
    deadLetters: dead.groups.slice(0, MOST).map(only(OF_GROUP)),
    alerts: alerts.map(only(OF_ALERT)),
    metrics: metrics.body.split('\n').filter((line) => line !== ''),
  };
}

const codeOf = (error: unknown): FaultCode => faultFrom(error).code;

/** What is not named stays here, also what is added to them one day. */
const only =
  <K extends string>(names: readonly K[]) =>
  <T extends Record<K, unknown>>(whole: T): Pick<T, K> =>
    Object.fromEntries(names.map((name) => [name, whole[name]])) as Pick<T, K>;

const registryOf = ({ revision, counts, problems }: DiagnosticsParts['registry']): Diagnostics['registry'] => ({
  revision: revision(),
  ...counts(),
  problems: problems()
    .slice(0, MOST)
    .map(({ file, line, message, hint }) => ({
      file: plain(file),
      line,
      message: plain(message),
      hint: plain(hint),
    })),
});

/** A document that is wrong may hold anything, also a secret in the wrong place; an operator's id may be a person's name. */
const plain = (text: string): string =>
  text
    // A parser shows what it has read below its own words.
    .split('\n', 1)[0]!
    .replaceAll(/(["'`“])[^"'`”]*["'`”]/g, '$1…$1')
    .replaceAll(/\boperator \S+/g, 'operator …');
