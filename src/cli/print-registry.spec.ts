import { counts, printPlan, printProblems, refusal, type PlannedChange } from './print-registry.js';

const CHANGES: readonly PlannedChange[] = [
  { key: 'participant c_a', action: 'create', members: [] },
  { key: 'agreement a-b', action: 'update', members: ['status', 'perMinute'] },
  { key: 'service Nota v1', action: 'update', members: [] },
  { key: 'system a.b', action: 'delete', members: [] },
];
const WRONG = { file: 'agreements.yaml', line: 3, message: 'no participant c_x', hint: 'known: c_a' };

describe('a plan as it is shown', () => {
  it('5: has one line a document, what changes in it, and the sum', () => {
    expect(printPlan({ changes: CHANGES, problems: [] })).toBe(
      [
        '+ participant c_a',
        '~ agreement a-b (status, perMinute)',
        '~ service Nota v1',
        '- system a.b',
        '1 to create, 2 to update, 1 to delete',
      ].join('\n'),
    );
    expect(counts([], ['created', 'updated', 'deleted'])).toBe('0 created, 0 updated, 0 deleted');
    expect(printPlan({ changes: [], problems: [] })).toBe('nothing would change');
  });

  it('5: names each problem with its place and what to do', () => {
    expect(printPlan({ changes: [], problems: [WRONG] })).toBe(
      'nothing would change\nagreements.yaml:3: no participant c_x\n    known: c_a',
    );
    expect(printProblems([{ ...WRONG, file: '', severity: 'error' }])).toMatch(/^the archive: error: no participant/);
  });

  it('5: a refusal is shown with its problems, and text that is no problem+json as it came', () => {
    const text = JSON.stringify({ title: 'Refused', detail: '1 problem', problems: [WRONG] });
    expect(refusal(422, text).message).toBe(
      '422 Refused\n  1 problem\nagreements.yaml:3: no participant c_x\n    known: c_a',
    );
    expect(refusal(502, '<html>').message).toBe('502 <html>');
  });
});
