import { evaluate } from './evaluate.js';
import { noticeOf } from './notice.js';
import type { Facts, News, SystemFacts } from './ports.js';
import { DEFAULT_RULES, rulesInForce, RULE_KINDS, type AlertRule } from './rules.js';

const WELL: SystemFacts = {
  system: 'a.sistema',
  participant: 'c_a',
  open: 0,
  oldest: 0,
  ended: 100,
  failed: 0,
  p95: 1,
  spared: null,
};
const factsOf = (system: Partial<SystemFacts> = {}, more: Partial<Facts> = {}): Facts => ({
  systems: [{ ...WELL, ...system }],
  senders: [],
  certificates: [],
  disks: [],
  backups: [],
  ...more,
});
const ruleOf = (kind: AlertRule['kind'], threshold: number, more: Partial<AlertRule> = {}): AlertRule => ({
  id: kind,
  kind,
  enabled: true,
  severity: 'warning',
  threshold,
  windowMinutes: 15,
  participant: null,
  ...more,
});

describe('6. rules', () => {
  it('6. nothing breaks the defaults where all is well, and there is one of every kind', () => {
    expect(evaluate(DEFAULT_RULES, factsOf())).toEqual([]);
    expect(new Set(DEFAULT_RULES.map(({ kind }) => kind))).toEqual(new Set(Object.keys(RULE_KINDS)));
  });

  it.each<[AlertRule['kind'], number, Facts, number | null]>([
    ['error-rate', 20, factsOf({ ended: 10, failed: 3 }), 30],
    ['error-rate', 20, factsOf({ ended: 10, failed: 2 }), null],
    ['error-rate', 20, factsOf({ ended: 9, failed: 9 }), null],
    ['latency', 5, factsOf({ p95: 6 }), 6],
    ['latency', 5, factsOf({ p95: null }), null],
    ['queue-age', 60, factsOf({ open: 1, oldest: 61 }), 61],
    ['queue-age', 60, factsOf({ open: 0, oldest: 61 }), null],
    ['queue-depth', 5, factsOf({ open: 6 }), 6],
    ['queue-depth', 5, factsOf({ open: 5 }), null],
    ['breaker', 10, factsOf({ spared: 11 }), 11],
    ['breaker', 10, factsOf({ spared: null }), null],
    ['silence', 60, factsOf({}, { senders: [{ participant: 'c_b', minutes: 61 }] }), 61],
    ['certificate', 30, factsOf({}, { certificates: [{ name: 'server', days: 29 }] }), 29],
    ['certificate', 30, factsOf({}, { certificates: [{ name: 'server', days: 31 }] }), null],
    ['backup', 2, factsOf({}, { backups: [{ name: 'base backup', days: 2.5 }] }), 2.5],
    ['backup', 2, factsOf({}, { backups: [{ name: 'base backup', days: 1 }] }), null],
    ['disk', 10, factsOf({}, { disks: [{ name: 'data', freePercent: 9 }] }), 9],
  ])('6. %s over %p', (kind, threshold, facts, value) => {
    expect(evaluate([ruleOf(kind, threshold)], facts).map((one) => one.value)).toEqual(value === null ? [] : [value]);
  });

  it('6. one finding a cause, the most severe; not of what is off or of another body', () => {
    const rules = [
      ruleOf('queue-depth', 5),
      ruleOf('queue-depth', 50, { id: 'deep', severity: 'critical' }),
      ruleOf('queue-depth', 1, { id: 'off', enabled: false, severity: 'critical' }),
      ruleOf('queue-age', 1, { participant: 'c_other' }),
    ];
    expect(evaluate(rules, factsOf({ open: 60, oldest: 9 }))).toEqual([
      expect.objectContaining({ cause: 'queue-depth a.sistema', rule: 'deep', participants: ['c_a'] }),
    ]);
  });

  it('6. what is stored goes before the default of its id, and others come beside', () => {
    const own = [{ ...DEFAULT_RULES[0]!, threshold: 1 }, ruleOf('disk', 1, { id: 'mine' })];
    const rules = rulesInForce(own);
    expect(rules).toHaveLength(DEFAULT_RULES.length + 1);
    expect(rules.find(({ id }) => id === DEFAULT_RULES[0]!.id)).toEqual(own[0]);
  });
});

describe('6. notices', () => {
  const newsOf = (n: number, severity: 'warning' | 'critical' = 'warning', what: News['what'] = 'open'): News => ({
    what,
    incident: {
      ...evaluate([ruleOf('queue-depth', 5, { severity })], factsOf({ open: 6, system: `s${n}` }))[0]!,
      id: String(n),
      state: 'open',
      openedAt: new Date(0),
      seenAt: new Date(0),
      silencedUntil: null,
      resolvedAt: null,
      by: null,
      reason: null,
    },
  });

  it('6. a thousand incidents are one notice, the worst first, of a bounded length', () => {
    const news = [...Array.from({ length: 999 }, (_, n) => newsOf(n)), newsOf(999, 'critical')];
    const { subject, text } = noticeOf(news, 'https://porta.example');
    expect(subject).toBe('[Crocevia] 1000 opened, 0 resolved');
    const lines = text.split('\n');
    expect(lines[0]).toBe('CRITICAL queue-depth of s999: 6 deliveries, threshold 5 deliveries');
    expect(lines.length).toBeLessThan(60);
    expect(text).toContain('and 950 more');
  });

  it('6. one alone is in the subject', () => {
    expect(noticeOf([newsOf(1, 'warning', 'resolved')], 'x').subject).toMatch(/RESOLVED queue-depth of s1/);
  });
});
