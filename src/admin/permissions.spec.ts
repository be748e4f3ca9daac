import { ACTIONS, ROLES, allows, participantsOf, requireScope, type Action } from './permissions.js';

/** p: platform, s: service-centre, o: participant (one's own), a: auditor; a dot: not allowed. */
const TABLE: Readonly<Record<Action, string>> = {
  'messages.read': 'psoa',
  'messages.payload': 'pso.',
  'messages.note': 'pso.',
  'messages.resend': 'ps..',
  'messages.correct': 'ps..',
  'messages.test': 'pso.',
  'events.read': 'psoa',
  'statistics.read': 'psoa',
  'registry.read': 'psoa',
  'registry.write': 'ps..',
  'registry.reload': 'p...',
  'registry.transfer': 'p...',
  'service.publish': 'pso.',
  'agreement.request': 'pso.',
  'agreement.grant': 'pso.',
  'agreement.suspend': 'pso.',
  'system.pause': 'pso.',
  'system.test': 'pso.',
  'queue.order': 'pso.',
  'participant.suspend': 'ps..',
  'broker.grant': 'ps..',
  'keys.rotate': 'p...',
  'reports.schedule': 'pso.',
  'alerts.read': 'psoa',
  'alerts.handle': 'pso.',
  'alerts.rules': 'p...',
  'node.read': 'p..a',
  'gateway.diagnose': 'p...',
  'gateway.maintain': 'p...',
  'audit.read': 'p..a',
  'account.write': 'p...',
};

const TREE = [
  { id: 'r_abruzz', parent: null },
  { id: 'cst_aq', parent: 'r_abruzz' },
  { id: 'c_i804', parent: 'cst_aq' },
  { id: 'u_i804', parent: 'c_i804' },
  { id: 'cst_te', parent: 'r_abruzz' },
  { id: 'c_l103', parent: 'cst_te' },
];

const scopeOf = (role: (typeof ROLES)[number], scope: string | null) => {
  const found = participantsOf({ role, scope }, TREE);
  return found && [...found].sort();
};

describe('permissions', () => {
  it('6: has a row for every action', () => {
    expect(Object.keys(TABLE).sort()).toEqual([...ACTIONS].sort());
  });

  it.each(ACTIONS.flatMap((action) => ROLES.map((role, at) => [role, action, TABLE[action][at] !== '.'] as const)))(
    '6: %s, %s: %s',
    (role, action, allowed) => {
      expect(allows(role, action)).toBe(allowed);
    },
  );

  it.each([
    ['platform', null, null],
    ['auditor', null, null],
    ['auditor', 'cst_te', ['c_l103', 'cst_te']],
    ['service-centre', 'cst_aq', ['c_i804', 'cst_aq', 'u_i804']],
    ['service-centre', 'r_abruzz', TREE.map(({ id }) => id).sort()],
    ['service-centre', 'c_nobody', []],
    ['service-centre', null, []],
    ['participant', 'c_i804', ['c_i804']],
    ['participant', 'cst_aq', ['cst_aq']],
    ['participant', null, []],
  ] as const)('6: scope of %s at %s', (role, scope, expected) => {
    expect(scopeOf(role, scope)).toEqual(expected);
  });

  it('6: refuses to act on a participant out of scope', () => {
    const centre = { id: 'cst', name: 'CST', role: 'service-centre' as const, participants: new Set(['c_i804']) };
    expect(() => requireScope(centre, 'c_l103')).toThrow(/operator-not-allowed/);
    expect(() => requireScope(centre, 'c_i804')).not.toThrow();
    expect(() => requireScope({ ...centre, role: 'platform', participants: null }, 'c_l103')).not.toThrow();
  });
});
