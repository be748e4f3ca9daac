import type { DeliveryRef } from '../message/delivery.js';
import type { JournalEvent } from '../trace/events.js';
import type { NewDelivery, QueueItem, TakeOrder } from './ports.js';
import { createRelay } from './relay.js';
import { createUnclaimed } from './unclaimed.js';
import { createWindow } from './window.js';

const item = (deliveryId: string, epoch = 0) =>
  ({ deliveryId, messageId: 'm', epoch, delivery: { receiver: { system: 's' } } }) as unknown as QueueItem;

/** The relay over plain values of its ports; `confirm` ends the oldest publish under way. */
function rig(size = 100) {
  const published: string[] = [];
  const marked: DeliveryRef[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const problems: unknown[] = [];
  const sweeps: (() => void)[] = [];
  const swept = () => new Promise<void>((resolve) => void sweeps.push(resolve));
  const marking: Record<string, number> = {};
  const backlog = { isStuck: false, take: async (_limit: number): Promise<readonly QueueItem[]> => [] };
  const window = createWindow({ most: size, concurrency: () => size, rates: () => new Map(), now: Date.now });
  const listeners = new Set<(events: readonly JournalEvent[]) => void>();
  const outbox = {
    markPublished: async (ref: DeliveryRef) => (marked.push(ref), 'marked' as const),
    takeUnpublished: async ({ limit }: TakeOrder) => {
      sweeps.splice(0).forEach((swept) => setImmediate(swept));
      return { items: await backlog.take(limit), marked: marking, rooms: {}, circuits: [] };
    },
    unpublish: async () => 0,
    takeBackAvailable: async () => 0,
    advance: async () => ({ went: 0, overtaken: [] }),
  };
  const publisher = {
    publish: ({ deliveryId, epoch }: QueueItem) => {
      published.push(`${deliveryId}/${epoch}`);
      if (backlog.isStuck) return Promise.reject(new Error('RabbitMQ is not connected.'));
      return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
  };
  const problem = (error: unknown) => void problems.push(error);
  const tell = (events: readonly JournalEvent[]) => listeners.forEach((listener) => listener(events));
  const feed = {
    subscribe: (listener: (events: readonly JournalEvent[]) => void) => (listeners.add(listener), () => undefined),
  };
  const unclaimed = createUnclaimed({
    outbox,
    feed,
    window,
    problem,
  });
  const relay = createRelay({ outbox, publisher, unclaimed, window, feed, overtaken: async () => undefined, problem });
  const claimed = (deliveryId: string) =>
    tell([{ event: 'delivery.claimed', deliveryId, detail: {} } as unknown as JournalEvent]);
  /** As acceptance does; tells which of them have got a place. */
  const accept = (...items: readonly QueueItem[]) => {
    const offers = items.map((item) => {
      const { reserveMs } = relay.reserve(item.delivery as unknown as NewDelivery);
      return { item, isReserved: reserveMs !== undefined };
    });
    relay.offer(offers);
    return offers.map(({ isReserved }) => isReserved);
  };
  return { relay, accept, published, marked, waiting, problems, claimed, marking, swept, backlog };
}

describe('relay', () => {
  it('publishes a turn once, and the next turn again', async () => {
    const { relay, accept, published, waiting } = rig();
    relay.start(true);
    accept(item('a'), item('a'), item('b'), item('a', 1));
    expect(published).toEqual(['a/0', 'b/0', 'a/1']);
    waiting.forEach(({ resolve }) => resolve());
    await relay.stop();
  });

  it('marks in the ledger only what nobody has claimed', async () => {
    const { relay, accept, marked, waiting, claimed } = rig();
    relay.start(true);
    accept(item('a'), item('b'));
    waiting.forEach(({ resolve }) => resolve());
    await new Promise((resolve) => setImmediate(resolve));
    claimed('a');
    await relay.stop();
    expect(marked.map(({ deliveryId }) => deliveryId)).toEqual(['b']);
  });

  it('tells of a publish that failed, and may publish it again', async () => {
    const { relay, accept, published, marked, waiting, problems } = rig();
    relay.start(true);
    accept(item('a'));
    waiting[0]?.reject(new Error('nacked'));
    await new Promise((resolve) => setImmediate(resolve));
    accept(item('a'));
    waiting[1]?.resolve();
    await relay.stop();
    expect([published, marked.length, problems.length]).toEqual([['a/0', 'a/0'], 1, 1]);
  });

  it('7: leaves in the ledger what is over the window of a system, until a sweep has found room for more', async () => {
    const { relay, accept, published, waiting, claimed, swept } = rig(2);
    relay.start(true);
    accept(...['a', 'b', 'c'].map((id) => item(id)));
    waiting.forEach(({ resolve }) => resolve());
    await new Promise((resolve) => setImmediate(resolve));
    accept(item('d'));
    const next = swept();
    claimed('a');
    accept(item('g'));
    await next;
    accept(item('e'), item('f'));
    waiting.forEach(({ resolve }) => resolve());
    await relay.stop();
    expect(published).toEqual(['a/0', 'b/0', 'e/0']);
  });

  it('7: gives the place of what was not accepted to another', async () => {
    const { relay, accept, published } = rig(1);
    relay.start(true);
    const refused = relay.reserve(item('a').delivery as unknown as NewDelivery);
    expect([refused.reserveMs, accept(item('b'))]).toEqual([4_000, [false]]);
    relay.release([refused]);
    expect(relay.reserve(refused)).toEqual(refused);
    await relay.stop();
    expect(published).toEqual([]);
  });

  it('7: what the ledger has counted as published takes its part of the window', async () => {
    const { relay, accept, published, waiting, marking } = rig(10);
    marking['s'] = 8;
    relay.start(true);
    await new Promise((resolve) => setImmediate(resolve));
    accept(...['a', 'b', 'c'].map((id) => item(id)));
    waiting.forEach(({ resolve }) => resolve());
    await relay.stop();
    expect(published).toEqual(['a/0', 'b/0']);
  });

  it('7: takes little from the ledger while nothing goes out, without haste, and all again when something has gone', async () => {
    const { relay, waiting, swept, backlog } = rig(10_000);
    const taken: number[] = [];
    backlog.isStuck = true;
    backlog.take = async (limit) => {
      taken.push(limit);
      await new Promise((resolve) => setImmediate(resolve));
      return Array.from({ length: limit }, (_, n) => item(`${taken.length}-${n}`));
    };
    const began = Date.now();
    relay.start(true);
    for (let sweep = 0; sweep < 4; sweep++) await swept();
    expect(Date.now() - began).toBeGreaterThan(900);
    backlog.isStuck = false;
    while (taken.at(-1) !== 500) {
      waiting.splice(0).forEach(({ resolve }) => resolve());
      await swept();
    }
    const stopped = relay.stop();
    while (await Promise.race([stopped.then(() => false), new Promise((resolve) => setImmediate(resolve, true))]))
      waiting.splice(0).forEach(({ resolve }) => resolve());
    expect(taken.slice(0, 4)).toEqual([500, 20, 20, 20]);
  });
});
