import type { JobItem } from '../delivery/jobs/ports.js';
import { showItem } from './job-answers.js';

const item = (more: Partial<JobItem>): JobItem => ({
  n: 1,
  messageId: 'm',
  deliveryId: 'd',
  seen: 'FAILED',
  result: 'skipped',
  found: 'FAILED',
  fault: null,
  at: new Date(0),
  state: 'FAILED',
  receiver: 'c_h007',
  ...more,
});

describe('items of a job', () => {
  it.each([
    [{ result: null, found: null }, 'retry', 'waiting', null],
    [{ result: 'done' }, 'retry', 'done', null],
    [{ found: null }, 'retry', 'skipped', 'It is no longer stored.'],
    [{ found: 'DELIVERED' }, 'retry', 'skipped', 'It is delivered: only an order that says so twice sends it again.'],
    [{ found: 'QUEUED' }, 'retry', 'skipped', 'It has moved on from FAILED: its turn found it QUEUED.'],
    [{}, 'retry', 'skipped', 'It was sent anew meanwhile.'],
    [{}, 'cancel', 'skipped', 'What is FAILED cannot be withdrawn.'],
    [{ seen: 'QUEUED', found: 'QUEUED' }, 'retry', 'skipped', 'What is QUEUED cannot be sent anew.'],
    [
      { seen: 'QUEUED', found: 'DELIVERED' },
      'cancel',
      'skipped',
      'It has moved on from QUEUED: its turn found it DELIVERED.',
    ],
    [
      { result: 'failed', fault: 'destination-missing' },
      'retry',
      'failed',
      'destination-missing: Destination not configured',
    ],
  ] as const)('5: %j of a %s is %s: %s', (more, action, result, why) => {
    expect(showItem(item(more), action)).toMatchObject({ result, why });
  });
});
