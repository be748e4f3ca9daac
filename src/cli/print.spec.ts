import type { TimelineEntry } from '../trace/timeline.js';
import { printTimeline } from './print.js';

const AWAY = { code: 'receiver-unreachable', detail: 'x' };

describe('a try in the story of a message', () => {
  it.each([
    ['box', null, null, 'attempt 1: box -> put there in 0 ms'],
    ['http://a/', 200, null, 'attempt 1: http://a/ -> 200 in 0 ms'],
    ['http://a/', null, AWAY, 'attempt 1: http://a/ -> no answer in 0 ms'],
  ])('at %s with status %s', (target, status, fault, line) => {
    const attempt = { number: 1, startedAt: '', duration: 0, target, status, response: null, fault };
    const entry = { event: 'delivery.available', after: 1, receiver: 'c_i804', from: null, to: null, attempt };
    expect(printTimeline([entry as unknown as TimelineEntry])).toContain(line);
  });
});
