import type { FaultRecord } from '../message/fault.js';
import { shownTo } from './contents.js';
import type { OperatorRole } from '../registry/model.js';

const fault: FaultRecord = {
  code: 'schema-violation',
  blame: 'sender',
  retryable: false,
  detail: '1 error; the first: "ROSSI" is too long',
  place: '/nome',
  expected: null,
  violations: [
    {
      path: '/nome',
      line: 3,
      column: 5,
      rule: 'maxLength',
      expected: 'at most 4',
      found: 'ROSSI',
      message: '"ROSSI" is too long',
    },
  ],
  truncated: false,
};
const entry = { fault, attempt: { number: 1, status: 400, response: 'ROSSI is not known here', fault } };
const seenBy = (role: OperatorRole) => shownTo({ id: 'x', name: 'x', role, participants: null }, entry);

describe('what quotes a message', () => {
  it('6: is kept from who may not see payloads, and the rest stays', () => {
    const seen = seenBy('auditor');
    expect(JSON.stringify(seen)).not.toContain('ROSSI');
    expect(seen.fault).toMatchObject({
      code: 'schema-violation',
      place: '/nome',
      violations: [{ line: 3, rule: 'maxLength' }],
    });
    expect(seen.attempt).toMatchObject({ number: 1, status: 400, response: null });
  });

  it.each(['platform', 'service-centre', 'participant'] as const)('6: is shown to %s', (role) => {
    expect(seenBy(role)).toEqual(entry);
  });
});
