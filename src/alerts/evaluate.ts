import type { Facts, Finding, SystemFacts } from './ports.js';
import { RULE_KINDS, type AlertRule, type RuleKind } from './rules.js';

/** One thing that a rule of a kind looks at. */
interface Measured {
  readonly subject: string;
  readonly participant: string | null;
  /** Null: nothing to compare. */
  readonly value: number | null;
}

/** Fewer ends than this say nothing of a rate. */
const LEAST_ENDS = 10;

const ofSystems =
  (value: (system: SystemFacts) => number | null) =>
  ({ systems }: Facts): readonly Measured[] =>
    systems.map((one) => ({ subject: one.system, participant: one.participant, value: value(one) }));

const MEASURES: Readonly<Record<RuleKind, (facts: Facts) => readonly Measured[]>> = {
  'error-rate': ofSystems(({ ended, failed }) => (ended < LEAST_ENDS ? null : (100 * failed) / ended)),
  latency: ofSystems(({ p95 }) => p95),
  'queue-age': ofSystems(({ open, oldest }) => (open === 0 ? null : oldest)),
  'queue-depth': ofSystems(({ open }) => open),
  breaker: ofSystems(({ spared }) => spared),
  silence: ({ senders }) =>
    senders.map(({ participant, minutes }) => ({ subject: participant, participant, value: minutes })),
  certificate: ({ certificates }) =>
    certificates.map(({ name, days }) => ({ subject: name, participant: null, value: days })),
  disk: ({ disks }) => disks.map(({ name, freePercent }) => ({ subject: name, participant: null, value: freePercent })),
  backup: ({ backups }) => backups.map(({ name, days }) => ({ subject: name, participant: null, value: days })),
};

/** What breaks a rule; of several rules of one kind about the same thing only the most severe. */
export function evaluate(rules: readonly AlertRule[], facts: Facts): readonly Finding[] {
  const found = rules.filter(({ enabled }) => enabled).flatMap((rule) => broken(rule, facts));
  const worst = new Map<string, Finding>();
  for (const finding of found) {
    const known = worst.get(finding.cause);
    if (!known || (known.severity === 'warning' && finding.severity === 'critical')) worst.set(finding.cause, finding);
  }
  return [...worst.values()];
}

function broken(rule: AlertRule, facts: Facts): readonly Finding[] {
  const { id, kind, severity, threshold } = rule;
  const isOver = (value: number) => (RULE_KINDS[kind].floor ? value < threshold : value > threshold);
  return MEASURES[kind](facts).flatMap(({ subject, participant, value }) => {
    if (value === null || !isOver(value) || (rule.participant !== null && rule.participant !== participant)) return [];
    const participants = participant === null ? null : [participant];
    return [{ cause: `${kind} ${subject}`, rule: id, kind, severity, subject, participants, value, threshold }];
  });
}
