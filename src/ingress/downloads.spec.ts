import { EventEmitter } from 'node:events';
import { Downloads } from './downloads.js';

describe('downloads at once', () => {
  it('6: are so many for each system, and give their place back when they are closed', () => {
    const downloads = new Downloads();
    const answers = Array.from({ length: 32 }, () => new EventEmitter());
    for (const answer of answers) downloads.enter('one', answer as never);
    const enter = (system: string) => () => downloads.enter(system, new EventEmitter() as never);
    expect(enter('one')).toThrow(expect.objectContaining({ code: 'rate-limited' }) as Error);
    expect(enter('other')).not.toThrow();
    answers[3]?.emit('close');
    expect(enter('one')).not.toThrow();
    expect(enter('one')).toThrow(expect.objectContaining({ code: 'rate-limited' }) as Error);
  });
});
