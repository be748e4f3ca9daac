import type { Message } from './message.js';

/** Among the headers of a message that an operator has sent to try the way; no sender can write it, and its receiver gets it. */
export const TEST_HEADER = 'x-test-message';

/** What is carried with a message that is a test, and nothing else. */
export const testMark = (headers: Message['headers'] | null): Readonly<Record<string, string>> =>
  headers?.[TEST_HEADER] === 'true' ? { [TEST_HEADER]: 'true' } : {};

export const isTestMessage = (headers: Message['headers'] | null): boolean => headers?.[TEST_HEADER] === 'true';
