import fc from 'fast-check';
import type { AcceptanceRecord, KnownSystem } from '../../src/acceptance/ports.js';
import type { DeliveryOrder, DeliveryRef } from '../../src/message/delivery.js';
import { Fault } from '../../src/message/fault.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf } from '../support/ledger-records.js';

const LEASE = { owner: 'dispatcher-1', ms: 60_000 };
const FAULT = new Fault('receiver-timeout', { detail: 'No answer in 10 s.' }).toRecord();
const ORDER = { operator: 'anna', reason: 'why' };
const LATER = () => new Date(Date.now() + 3_600_000);
/** Nothing of systems that are not named. */
const ALL = { limit: 10_000, window: 0, reserveMs: 0 };
const ROOM: KnownSystem = { size: 1_000, unmarked: 0, atMost: null };

/** Conversations of one sender for one system: what may go, and what has gone. */
export class Talk {
  readonly system = fresh('protocollo');
  readonly sender = fresh('anagrafe');
  readonly records = new Map<string, AcceptanceRecord>();

  constructor(private readonly nodes: () => readonly [Store, Store]) {}

  record(name: string, order: DeliveryOrder): AcceptanceRecord {
    const message = { sender: { participant: 'c_i804', system: this.sender } };
    const record = acceptanceRecord({ receivers: [this.system], message });
    const ordered = { ...record, deliveries: record.deliveries.map((one) => ({ ...one, order })) };
    this.records.set(name, ordered);
    return ordered;
  }

  async accept(name: string, conversation: string | null, sequence: number | null = null): Promise<void> {
    await this.nodes()[0].messages.accept(this.record(name, { conversation, sequence }));
  }

  /** Names of what the relay of a node would publish, after it has let go whose turn it is. */
  async going(node: 0 | 1 = 0, gapWaitMs = 60_000): Promise<string[]> {
    const store = this.nodes()[node];
    await store.outbox.advance({ limit: 10_000, gapWaitMs });
    const { items } = await store.outbox.takeUnpublished({ ...ALL, systems: new Map([[this.system, ROOM]]) });
    return items.map(({ messageId }) => this.nameOf(messageId)).toSorted();
  }

  async delivery(name: string) {
    const { message } = this.records.get(name)!;
    return (await this.nodes()[0].trace.status(message.id))!.deliveries[0]!;
  }

  async claim(name: string, node: 0 | 1 = 0) {
    return this.nodes()[node].ledger.claim(await this.delivery(name), LEASE);
  }

  async end(name: string, state: 'DELIVERED' | 'FAILED' = 'DELIVERED'): Promise<void> {
    const claim = await this.claim(name, 1);
    expect(await this.nodes()[1].ledger.settle(claim!, { state, fault: FAULT })).toBe(true);
  }

  private nameOf(id: string): string {
    return [...this.records].find(([, { message }]) => message.id === id)![0];
  }
}

/** The promises of order within a conversation. */
export function orderCases(nodes: () => readonly [Store, Store]): void {
  const talk = () => new Talk(nodes);
  const store = () => nodes()[0];

  describe('order', () => {
    it('2: lets one delivery of a conversation go, and the next when it has ended, however it ended', async () => {
      const one = talk();
      for (const name of ['a1', 'a2', 'a3']) await one.accept(name, 'a');
      await one.accept('b1', 'b');
      expect(await one.going()).toEqual(['a1', 'b1']);
      expect(await one.claim('a2')).toBeNull();
      const claim = (await one.claim('a1'))!;
      await store().ledger.settle(claim, { state: 'WAITING_RETRY', nextAttemptAt: new Date(), fault: FAULT });
      await one.end('b1');
      expect(await one.going(1)).toEqual([]);
      await store().sweeper.requeueDue(1_000);
      expect(await one.going(1)).toEqual(['a1']);
      await one.end('a1', 'FAILED');
      expect(await one.going()).toEqual(['a2']);
      await store().control.cancel(await one.delivery('a2'), ORDER, { state: 'CANCELLED' });
      expect(await one.going(1)).toEqual(['a3']);
    });

    it('2: holds it while the one before it lies in the box, rests or is under way', async () => {
      const one = talk();
      for (const name of ['a1', 'a2']) await one.accept(name, 'a');
      expect(await one.going()).toEqual(['a1']);
      const { ledger, sweeper, box } = store();
      await ledger.suspend(await one.delivery('a1'), FAULT, new Date());
      expect(await one.going()).toEqual([]);
      await sweeper.requeueDue(1_000);
      const claim = (await one.claim('a1'))!;
      expect(await one.going()).toEqual([]);
      await ledger.settle(claim, { state: 'AVAILABLE' });
      expect(await one.going()).toEqual([]);
      const [entry] = await box.fetch(one.system, 1, 60_000);
      await box.acknowledge(one.system, entry!.deliveryId, entry!.lease, { state: 'DELIVERED' });
      expect(await one.going()).toEqual(['a2']);
    });

    it('2: counts what has no conversation under one agreement as one', async () => {
      const one = talk();
      for (const name of ['a', 'b']) await one.accept(name, null);
      expect(await one.going()).toEqual(['a']);
      await one.end('a');
      expect(await one.going()).toEqual(['b']);
      expect((await one.delivery('b')).order).toEqual({ conversation: null, sequence: null });
    });

    it('2: numbers by the order of the commits where many are accepted together', async () => {
      const one = talk();
      const names = Array.from({ length: 40 }, (_, n) => `m${String(n).padStart(2, '0')}`);
      const records = names.map((name) => one.record(name, { conversation: 'a', sequence: null }));
      await Promise.all(records.map((record, n) => nodes()[n % 2 ? 1 : 0].messages.accept(record)));
      const gone: string[] = [];
      for (let next = await one.going(); next.length > 0; next = await one.going(gone.length % 2 ? 1 : 0)) {
        expect(next).toHaveLength(1);
        gone.push(next[0]!);
        await one.end(next[0]!);
      }
      expect(gone.toSorted()).toEqual(names);
    });

    it('2: waits for a number that is missing, says so, and goes on when it comes', async () => {
      const one = talk();
      await one.accept('1', 'a', 1);
      await one.accept('3', 'a', 3);
      expect(await one.going()).toEqual(['1']);
      await one.end('1');
      expect(await one.going()).toEqual([]);
      const waiting = await one.delivery('3');
      expect(waiting).toMatchObject({ state: 'QUEUED', held: true, order: { conversation: 'a', sequence: 3 } });
      expect(waiting.lastFault).toMatchObject({ code: 'sequence-gap', detail: expect.stringContaining('Number 2') });
      await one.accept('2', 'a', 2);
      expect(await one.going(1)).toEqual(['2']);
      await one.end('2');
      expect(await one.going()).toEqual(['3']);
      expect((await one.delivery('3')).lastFault).toBeNull();
    });

    it('2: waits for no number that has come and was withdrawn before its turn', async () => {
      const one = talk();
      for (const name of ['1', '2', '3', '4', '6']) await one.accept(name, 'a', Number(name));
      expect(await one.going()).toEqual(['1']);
      for (const name of ['2', '3'])
        await store().control.cancel(await one.delivery(name), ORDER, { state: 'CANCELLED' });
      expect((await one.delivery('2')).held).toBe(false);
      await one.end('1');
      expect(await one.going()).toEqual(['4']);
      await one.end('4');
      expect(await one.going()).toEqual([]);
      expect((await one.delivery('6')).lastFault).toMatchObject({ detail: expect.stringContaining('Number 5') });
    });

    it('2: goes on after the time for a gap, and what comes later is told of as overtaken', async () => {
      const one = talk();
      await one.accept('2', 'a', 2);
      expect(await one.going(0, 0)).toEqual([]);
      expect(await one.going(0, 0)).toEqual(['2']);
      await one.accept('1', 'a', 1);
      await one.end('2');
      const { went, overtaken } = await store().outbox.advance({ limit: 10_000, gapWaitMs: 60_000 });
      const late = overtaken.filter(({ messageId }) => messageId === one.records.get('1')!.message.id);
      expect([went, late]).toEqual([0, [refOf(one.records.get('1')!)]]);
      expect(await store().sweeper.expire(late[0]!, { state: 'FAILED', fault: FAULT })).toBe(true);
      await one.accept('3', 'a', 3);
      expect(await one.going()).toEqual(['3']);
    });

    it('2: what an operator sends anew waits for what is under way, and then goes before what waits', async () => {
      const one = talk();
      for (const name of ['a1', 'a2', 'a3']) await one.accept(name, 'a', Number(name[1]));
      await one.going();
      await one.end('a1', 'FAILED');
      expect(await one.going()).toEqual(['a2']);
      await store().control.retry(await one.delivery('a1'), { ...ORDER, again: false, expiresAt: LATER() });
      expect(await one.going()).toEqual(['a2']);
      await one.end('a2');
      expect(await one.going()).toEqual(['a1']);
      await one.end('a1');
      expect(await one.going()).toEqual(['a3']);
    });

    it('2: what is sent anew to another system leaves the conversation, whose next one goes', async () => {
      const one = talk();
      for (const name of ['a1', 'a2']) await one.accept(name, 'a');
      await one.going();
      await one.end('a1', 'FAILED');
      const system = fresh('riserva');
      const order = { ...ORDER, again: false, expiresAt: LATER(), system };
      expect(await store().control.retry(await one.delivery('a1'), order)).toMatchObject({ moved: true });
      const { receiver, held, order: ordered } = await one.delivery('a1');
      expect([receiver.system, held ?? false, ordered]).toEqual([system, false, undefined]);
      expect(await one.going()).toEqual(['a2']);
      await one.end('a1');
    });

    it('2: a lost queue, a dead dispatcher or a copy of a relay let no second one go', async () => {
      const one = talk();
      for (const name of ['a1', 'a2']) await one.accept(name, 'a');
      await one.going();
      await store().outbox.markPublished(await one.delivery('a1'));
      await store().outbox.unpublish(one.system);
      expect(await one.going()).toEqual(['a1']);
      await store().ledger.claim(await one.delivery('a1'), { owner: 'dead', ms: 0 });
      await store().sweeper.recoverLeases(1_000);
      expect(await one.going(1)).toEqual(['a1']);
    });

    it('2: two nodes that accept, let go and end together never have two of a conversation open', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 4, maxLength: 24 }), async (plan) => {
          const one = talk();
          const gone: string[][] = [[], [], []];
          const accepted: string[][] = [[], [], []];
          const run = async (node: 0 | 1) => {
            const all = gone.map(({ length }) => length);
            for (let quiet = 0; quiet < 3;) {
              const next = await one.going(node);
              quiet = next.length === 0 ? quiet + 1 : 0;
              for (const name of next) if (await ended(one, name, nodes()[node])) gone[Number(name[0])]!.push(name);
            }
            return all;
          };
          const accepting = async () => {
            for (const [n, conversation] of plan.entries()) {
              const name = `${conversation}-${String(n).padStart(2, '0')}`;
              accepted[conversation]!.push(name);
              await one.accept(name, String(conversation));
            }
          };
          await Promise.all([accepting(), run(0), run(1)]);
          await run(0);
          expect(gone).toEqual(accepted);
        }),
        { numRuns: 8 },
      );
    }, 120_000);
  });
}

/** True where this node was the one to deliver it. */
async function ended(one: Talk, name: string, node: Store): Promise<boolean> {
  const ref: DeliveryRef = await one.delivery(name);
  const claim = await node.ledger.claim(ref, LEASE);
  return claim !== null && (await node.ledger.settle(claim, { state: 'DELIVERED' }));
}
