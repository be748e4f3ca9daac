import { EventEmitter } from 'node:events';
import type { ConfirmChannel } from 'amqplib';
import { jest } from '@jest/globals';
import { Listeners } from '../listeners.js';
import { PublishWindow } from './outgoing.js';

type Answer = (key: string) => Error | null | 'never';

/** A channel of amqplib that answers each publish at once as it is told. */
function channelThat(answer: Answer): ConfirmChannel {
  const publish = (
    _exchange: string,
    key: string,
    _body: Buffer,
    _options: object,
    done: (e: Error | null) => void,
  ) => {
    const said = answer(key);
    if (said !== 'never') setTimeout(() => done(said), 1);
    return true;
  };
  return Object.assign(new EventEmitter(), { publish }) as unknown as ConfirmChannel;
}

const NACK = new Error('message nacked');
const nacks: Answer = () => NACK;
const confirms: Answer = () => null;

describe('what RabbitMQ is sent', () => {
  let recycled = 0;
  let isBlocked = false;
  let window: PublishWindow;
  const to = (key: string) =>
    window.send({ exchange: 'x', key, body: Buffer.from('b'), options: { messageId: key } }).then(
      () => 'confirmed',
      (fault: Error) => fault.message,
    );
  const another = (answer: Answer) => {
    window.detach();
    window.attach(channelThat(answer));
  };
  beforeEach(() => {
    jest.useFakeTimers();
    recycled = 0;
    isBlocked = false;
    window = new PublishWindow({
      listeners: new Listeners(),
      recycle: () => (recycled += 1),
      isBlocked: () => isBlocked,
    });
  });
  afterEach(() => {
    window.close();
    jest.useRealTimers();
  });

  it('8: a channel that refuses every publish is given up, and they go out on the next one', async () => {
    window.attach(channelThat(nacks));
    const published = Promise.all([to('a'), to('b')]);
    await jest.advanceTimersByTimeAsync(1_400);
    expect(recycled).toBe(0);
    await jest.advanceTimersByTimeAsync(600);
    expect(recycled).toBe(1);
    another(confirms);
    await jest.advanceTimersByTimeAsync(200);
    expect(await published).toEqual(['confirmed', 'confirmed']);
  });

  it.each([
    ['refuses', NACK],
    ['never answers', 'never' as const],
  ])(
    '8: ten queues of which each %s are not hidden by the others: one connection each half minute is given up for all',
    async (_, a) => {
      const answer: Answer = (key) => (key.startsWith('stuck') ? a : null);
      window.attach(channelThat(answer));
      const seconds: number[] = [];
      for (let second = 1; second <= 60; second++) {
        for (let queue = 0; queue < 10; queue++) void to(`stuck ${queue}`);
        const well = to('well');
        const before = recycled;
        await jest.advanceTimersByTimeAsync(1_000);
        expect(await well).toBe('confirmed');
        if (recycled === before) continue;
        seconds.push(second);
        another(answer);
      }
      expect(seconds).toHaveLength(2);
      expect(seconds[0]).toBeLessThanOrEqual(6);
      expect(seconds[1]! - seconds[0]!).toBeGreaterThanOrEqual(30);
    },
  );

  it('what was returned on one connection and taken on the next one has arrived', async () => {
    const returning = channelThat(() => 'never');
    window.attach(returning);
    const published = to('a');
    returning.emit('return', { fields: { routingKey: 'a' }, properties: { messageId: 'a' } });
    another(confirms);
    await jest.advanceTimersByTimeAsync(50);
    expect(await published).toBe('confirmed');
  });

  it('a pause of the process is no stall of the connection', async () => {
    window.attach(channelThat(() => 'never'));
    void to('a');
    jest.setSystemTime(Date.now() + 5_000);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(recycled).toBe(0);
    await jest.advanceTimersByTimeAsync(1_500);
    expect(recycled).toBe(1);
  });

  it('a connection that rests is not given up, nor one that an alarm blocks, nor at once when that ends', async () => {
    window.attach(channelThat(confirms));
    expect(await Promise.all([to('a'), jest.advanceTimersByTimeAsync(100)])).toEqual(['confirmed', undefined]);
    await jest.advanceTimersByTimeAsync(60_000);
    isBlocked = true;
    const held = to('a');
    await jest.advanceTimersByTimeAsync(8_000);
    isBlocked = false;
    await jest.advanceTimersByTimeAsync(500);
    expect(await held).toBe('confirmed');
    expect(recycled).toBe(0);
  });
});
