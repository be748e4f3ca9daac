import fc from 'fast-check';
import { END_STATES, type DeliveryState } from '../../src/message/delivery.js';
import { Fault } from '../../src/message/fault.js';
import type { Store } from '../../src/store/open-store.js';
import { fresh } from '../support/ledger-records.js';
import { Talk } from './store-order.js';

const NAMES = ['1', '2', '3', '4'] as const;
const ORDER = { operator: 'anna', reason: 'why' };
const FAULT = new Fault('receiver-timeout', { detail: 'No answer in 10 s.' }).toRecord();
/** What was lost for the second time is taken back within five seconds. */
const LONG_OVER_MS = -10_000;
const LATER = () => new Date(Date.now() + 3_600_000);

/** One delivery of the conversation, as the operator sees it and as the order needs it. */
interface Part {
  readonly state: DeliveryState;
  readonly held: boolean;
  /** Sent anew: it needs no number before it. */
  readonly again: boolean;
  /** False once it was moved to another system. */
  readonly belongs: boolean;
}

interface Conversation {
  readonly parts: readonly Part[];
  /** The highest number that has had its turn. */
  readonly passed: number;
}

type What = 'look' | 'deliver' | 'fail' | 'rest' | 'lose' | 'cancel' | 'retry' | 'move';
interface Happening {
  readonly what: What;
  readonly at: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom<What>('look', 'look', 'deliver', 'deliver', 'fail', 'rest', 'lose', 'cancel', 'retry', 'move'),
  at: fc.nat({ max: NAMES.length - 1 }),
});

const isOver = ({ state }: Part) => END_STATES.includes(state);
const mayGo = (part: Part) => part.state === 'QUEUED' && !part.held;
const isLost = (part: Part) => isOver(part) && part.state !== 'DELIVERED';

/** The part after it; the same where it is not allowed. */
function after(part: Part, what: What): Part {
  if (what === 'deliver') return mayGo(part) ? { ...part, state: 'DELIVERED' } : part;
  if (what === 'fail') return mayGo(part) ? { ...part, state: 'FAILED' } : part;
  if (what === 'rest' || what === 'lose') return mayGo(part) ? { ...part, again: true } : part;
  if (what === 'cancel') return isOver(part) ? part : { ...part, state: 'CANCELLED' };
  if (!isLost(part)) return part;
  const belongs = part.belongs && what === 'retry';
  return { state: 'QUEUED', held: belongs, again: true, belongs };
}

/** Lets the lowest that is held go, where nothing is outstanding and no number before it has never come. */
function looked({ parts, passed }: Conversation, isNumbered: boolean): Conversation {
  if (parts.some((part) => part.belongs && !isOver(part) && !part.held)) return { parts, passed };
  const head = parts.findIndex((part) => part.belongs && !isOver(part) && part.held);
  const withdrawn = (part: Part) => part.belongs && isOver(part) && part.held;
  if (head < 0) return { parts, passed };
  const isNext = parts.slice(passed, head).every(withdrawn);
  if (isNumbered && !parts[head]!.again && !isNext) return { parts, passed };
  return { parts: parts.with(head, { ...parts[head]!, held: false }), passed: Math.max(passed, head + 1) };
}

class Subject {
  private readonly other = fresh('riserva');
  constructor(
    readonly talk: Talk,
    private readonly store: Store,
  ) {}

  async happens({ what, at }: Happening): Promise<void> {
    const name = NAMES[at]!;
    if (what === 'look') await this.talk.going();
    else if (what === 'cancel')
      await this.store.control.cancel(await this.talk.delivery(name), ORDER, { state: 'CANCELLED' });
    else if (what === 'retry' || what === 'move') await this.sendAnew(name, what === 'move');
    else await this.attempt(name, what);
  }

  private async sendAnew(name: string, moves: boolean): Promise<void> {
    const order = { ...ORDER, again: false, expiresAt: LATER(), ...(moves && { system: this.other }) };
    await this.store.control.retry(await this.talk.delivery(name), order);
  }

  private async attempt(name: string, what: 'deliver' | 'fail' | 'rest' | 'lose'): Promise<void> {
    const { ledger, sweeper } = this.store;
    const lease = { owner: 'dispatcher', ms: what === 'lose' ? LONG_OVER_MS : 60_000 };
    const claim = await ledger.claim(await this.talk.delivery(name), lease);
    if (what === 'lose') await sweeper.recoverLeases(1_000);
    if (!claim || what === 'lose') return;
    if (what === 'rest') {
      await ledger.settle(claim, { state: 'WAITING_RETRY', nextAttemptAt: new Date(), fault: FAULT });
      await sweeper.requeueDue(1_000);
    } else await ledger.settle(claim, { state: what === 'fail' ? 'FAILED' : 'DELIVERED', fault: FAULT });
  }
}

/** Order within a conversation, against a model; a failure prints its seed and the shortest sequence that shows it. */
export function orderLifecycleCases(nodes: () => readonly [Store, Store]): void {
  const born: Part = { state: 'QUEUED', held: true, again: false, belongs: true };

  it.each([
    ['by the gateway', false],
    ['by its sender', true],
  ])(
    '1: every sequence of events leaves a conversation that is numbered %s as the model says',
    async (_by, numbered) => {
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 30, size: 'max' }), async (events) => {
          const subject = new Subject(new Talk(nodes), nodes()[1]);
          for (const [index, name] of NAMES.entries())
            await subject.talk.accept(name, 'a', numbered ? index + 1 : null);
          let model: Conversation = { parts: NAMES.map(() => born), passed: 0 };
          for (const event of events) {
            await subject.happens(event);
            const { parts, passed } = model;
            if (event.what === 'look') model = looked(model, numbered);
            else model = { parts: parts.with(event.at, after(parts[event.at]!, event.what)), passed };
            const told = await Promise.all(NAMES.map((name) => subject.talk.delivery(name)));
            const seen = told.map(({ state, held, order }) => ({
              state,
              held: held ?? false,
              belongs: order !== undefined,
            }));
            expect(seen).toEqual(
              model.parts.map((part) => ({
                state: part.state,
                held: part.held && !isOver(part),
                belongs: part.belongs,
              })),
            );
          }
        }),
        { numRuns: 15 },
      );
    },
    120_000,
  );
}
