export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What can be watched: what is compared with the threshold, and whether the threshold is a floor. */
export const RULE_KINDS = {
  'error-rate': {
    unit: 'percent',
    floor: false,
    tells: 'deliveries to one system that failed, of those that ended in the window; 10 at least',
  },
  latency: { unit: 'seconds', floor: false, tells: '95th percentile from acceptance to delivery to one system' },
  'queue-age': { unit: 'seconds', floor: false, tells: 'age of the oldest open delivery to one system' },
  'queue-depth': { unit: 'deliveries', floor: false, tells: 'open deliveries to one system' },
  silence: { unit: 'minutes', floor: false, tells: 'time since the last message of a body that has sent some' },
  breaker: { unit: 'minutes', floor: false, tells: 'time for which one system is spared' },
  certificate: { unit: 'days', floor: true, tells: 'days until the certificate of the gateway or an authority ends' },
  disk: { unit: 'percent', floor: true, tells: 'free space where the node keeps data' },
  backup: {
    unit: 'days',
    floor: false,
    tells:
      'time since the last base backup of a PostgreSQL that archives its log, and since its log was archived where that fails',
  },
} as const;

export type RuleKind = keyof typeof RULE_KINDS;

export interface AlertRule {
  readonly id: string;
  readonly kind: RuleKind;
  readonly enabled: boolean;
  readonly severity: Severity;
  /** In the unit of its kind. */
  readonly threshold: number;
  /** How far back error rate and latency look. */
  readonly windowMinutes: number;
  /** IPA code of the only body whose systems it watches; null: every one. */
  readonly participant: string | null;
}

const rule = (id: string, kind: RuleKind, severity: Severity, threshold: number): AlertRule => ({
  id,
  kind,
  enabled: true,
  severity,
  threshold,
  windowMinutes: 15,
  participant: null,
});

/** In force until they are changed; silence is off, for nobody knows yet who writes how often. */
export const DEFAULT_RULES: readonly AlertRule[] = [
  rule('error-rate', 'error-rate', 'warning', 20),
  rule('latency', 'latency', 'warning', 900),
  rule('queue-age', 'queue-age', 'warning', 3_600),
  rule('queue-depth', 'queue-depth', 'warning', 10_000),
  { ...rule('silence', 'silence', 'warning', 1_440), enabled: false },
  rule('breaker', 'breaker', 'warning', 10),
  rule('certificate', 'certificate', 'warning', 30),
  rule('certificate-soon', 'certificate', 'critical', 7),
  rule('disk', 'disk', 'critical', 10),
  rule('backup', 'backup', 'warning', 2),
];

/** Those that are stored go before the defaults of the same id. */
export function rulesInForce(stored: readonly AlertRule[]): readonly AlertRule[] {
  const changed = new Map(stored.map((one) => [one.id, one]));
  const defaults = DEFAULT_RULES.map((one) => changed.get(one.id) ?? one);
  return [...defaults, ...stored.filter(({ id }) => !DEFAULT_RULES.some((one) => one.id === id))];
}
