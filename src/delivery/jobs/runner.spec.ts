import { Fault } from '../../message/fault.js';
import type { Registry } from '../../registry/registry.js';
import { createRoundBook } from '../../trace/rounds.js';
import type { CarryOut, Subject } from '../orders.js';
import type { DueItem, Job, JobQueue } from './ports.js';
import { createJobRunner } from './runner.js';

const subject = (deliveryId: string) => ({ messageId: 'm', deliveryId, state: 'FAILED' }) as unknown as Subject;
const item = (n: number): DueItem => ({
  n,
  subject: n === 3 ? null : subject(String(n)),
  seen: { state: 'FAILED' } as DueItem['seen'],
});
const JOB = {
  id: 'job',
  action: 'retry',
  rate: 1_000,
  operator: 'platform',
  reason: 'r',
  system: null,
} as unknown as Job;

/** Two turns of one job, then nothing more. */
function runner(record: () => Promise<void>) {
  const book = createRoundBook();
  const problems: unknown[] = [];
  const turns = [[item(1), item(2)], [item(3)]];
  const queue = {
    running: async () => (turns.length > 0 ? [JOB] : []),
    next: async () => turns.shift() ?? [],
    changedBy: async () => new Set<string>(),
    record,
    abandon: async () => undefined,
    expire: async () => undefined,
  } as unknown as JobQueue;
  const retry = async (one: Subject) => ({ moved: one.deliveryId === '1', was: 'FAILED' });
  const running = createJobRunner({
    queue,
    leases: { holdLease: async () => true },
    carryOut: { retry } as unknown as CarryOut,
    registry: () => ({}) as Registry,
    owner: 'node',
    requeued: () => undefined,
    book,
    problem: (error) => void problems.push(error),
  });
  const run = async () => {
    running.start();
    while (turns.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await running.stop();
    return { rounds: book.last().map(({ name, done, fault }) => ({ name, done, fault })), problems };
  };
  return { run };
}

describe('the rounds of jobs', () => {
  it('7.16: are written in the book, with what became of items since there was something to run', async () => {
    const { run } = runner(async () => undefined);
    expect(await run()).toEqual({
      rounds: [{ name: 'jobs', done: { obeyed: 1, skipped: 2, refused: 0 }, fault: null }],
      problems: [],
    });
  });

  it('7.16: one of which a turn has failed has its code, and is told once', async () => {
    const away = new Fault('store-unavailable', { detail: 'x' });
    const { run } = runner(() => Promise.reject(away));
    const { rounds, problems } = await run();
    expect(rounds).toEqual([{ name: 'jobs', done: {}, fault: 'store-unavailable' }]);
    expect(problems).toEqual([away, away]);
  });
});
