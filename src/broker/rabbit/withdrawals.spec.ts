import { EventEmitter } from 'node:events';
import type { ChannelModel, Options } from 'amqplib';
import type { QueryItem } from '../../query/ports.js';
import { Listeners } from '../listeners.js';
import { Withdrawals } from './withdrawals.js';

/** A channel that takes each publish, and says whether there is room for more as `hasRoom` does. */
class FakeChannel extends EventEmitter {
  hasRoom = true;
  readonly told: Options.Publish[] = [];
  assertExchange = () => Promise.resolve();
  publish = (_exchange: string, _key: string, _body: Buffer, options: Options.Publish) => {
    this.told.push(options);
    return this.hasRoom;
  };
}

const item = { message: { id: 'q' }, deadline: new Date(Date.now() + 10_000) } as QueryItem;

describe('withdrawals', () => {
  let channel: FakeChannel;
  let isBlocked: boolean;
  let problems: number;
  let withdrawals: Withdrawals;
  const open = () => withdrawals.open({ createChannel: () => Promise.resolve(channel) } as unknown as ChannelModel);
  const names = () => channel.told.map(({ correlationId }) => correlationId);
  beforeEach(async () => {
    channel = new FakeChannel();
    isBlocked = false;
    problems = 0;
    const listeners = new Listeners();
    listeners.onEvent(() => (problems += 1));
    withdrawals = new Withdrawals({ listeners, isBlocked: () => isBlocked });
    await open();
  });

  it('6: a withdrawal names its ask and its question, and ends with the deadline', () => {
    withdrawals.tell('a', item);
    expect(channel.told).toMatchObject([{ correlationId: 'a', messageId: 'q', persistent: false }]);
    expect(Number(channel.told[0]!.expiration)).toBeLessThanOrEqual(10_000);
  });

  it('6: withdrawals are dropped while RabbitMQ takes them slowly, and told again when it has caught up', () => {
    channel.hasRoom = false;
    for (const name of ['a', 'b', 'c']) withdrawals.tell(name, item);
    expect(names()).toEqual(['a']);
    channel.emit('drain');
    withdrawals.tell('d', item);
    expect(names()).toEqual(['a', 'd']);
  });

  it('6: withdrawals are dropped while RabbitMQ is away or blocked, and by a channel that throws', async () => {
    isBlocked = true;
    withdrawals.tell('a', item);
    isBlocked = false;
    channel.emit('close');
    withdrawals.tell('b', item);
    await open();
    withdrawals.lost();
    withdrawals.tell('c', item);
    expect([names(), problems]).toEqual([[], 0]);
    await open();
    channel.publish = () => {
      throw new Error('Channel closed');
    };
    withdrawals.tell('d', item);
    expect(problems).toBe(1);
  });
});
