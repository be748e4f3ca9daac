import type { DeliveryRef } from '../message/delivery.js';
import type { JournalEvent } from '../trace/events.js';
import type { QueueItem } from './ports.js';
import { createRelay } from './relay.js';
import { createUnclaimed } from './unclaimed.js';

const item = (deliveryId: string, epoch = 0) => ({ deliveryId, messageId: 'm', epoch }) as unknown as QueueItem;

/** The relay over plain values of its ports; `confirm` ends the oldest publish under way. */
function rig() {
  const published: string[] = [];
  const marked: DeliveryRef[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const problems: unknown[] = [];
  let tell: (events: readonly JournalEvent[]) => void = () => undefined;
  const outbox = {
    markPublished: async (ref: DeliveryRef) => void marked.push(ref),
    takeUnpublished: async () => [],
    unpublish: async () => 0,
  };
  const publisher = {
    publish: ({ deliveryId, epoch }: QueueItem) => {
      published.push(`${deliveryId}/${epoch}`);
      return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
  };
  const problem = (error: unknown) => void problems.push(error);
  const unclaimed = createUnclaimed({
    outbox,
    feed: { subscribe: (listener) => ((tell = listener), () => undefined) },
    problem,
  });
  const relay = createRelay({ outbox, publisher, unclaimed, problem });
  const claimed = (deliveryId: string) => tell([{ event: 'delivery.claimed', deliveryId } as unknown as JournalEvent]);
  return { relay, published, marked, waiting, problems, claimed };
}

describe('relay', () => {
  it('publishes a turn once, and the next turn again', async () => {
    const { relay, published, waiting } = rig();
    relay.start();
    relay.offer([item('a'), item('a'), item('b'), item('a', 1)]);
    expect(published).toEqual(['a/0', 'b/0', 'a/1']);
    waiting.forEach(({ resolve }) => resolve());
    await relay.stop();
  });

  it('marks in the ledger only what nobody has claimed', async () => {
    const { relay, marked, waiting, claimed } = rig();
    relay.start();
    relay.offer([item('a'), item('b')]);
    waiting.forEach(({ resolve }) => resolve());
    await new Promise((resolve) => setImmediate(resolve));
    claimed('a');
    await relay.stop();
    expect(marked.map(({ deliveryId }) => deliveryId)).toEqual(['b']);
  });

  it('tells of a publish that failed, and may publish it again', async () => {
    const { relay, published, marked, waiting, problems } = rig();
    relay.start();
    relay.offer([item('a')]);
    waiting[0]?.reject(new Error('nacked'));
    await new Promise((resolve) => setImmediate(resolve));
    relay.offer([item('a')]);
    waiting[1]?.resolve();
    await relay.stop();
    expect([published, marked.length, problems.length]).toEqual([['a/0', 'a/0'], 1, 1]);
  });
});
