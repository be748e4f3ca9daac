import fc from 'fast-check';
import type { Settlement } from '../../src/delivery/ports.js';
import { END_STATES, TRANSITIONS, type DeliveryState } from '../../src/message/delivery.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord } from '../support/ledger-records.js';
import { after, born, LOST, type Happening, type Model, type Of } from './lifecycle-model.js';

const RUNS = 25;
/** What was lost for the second time is taken back within five seconds. */
const LONG_OVER_MS = -10_000;
const PAST = () => new Date(Date.now() - 1_000);
const ORDER = { operator: 'anna', reason: 'why' };
const JOB = '019a0000-0000-7000-8000-000000000000';
const ALL = { limit: 10_000, window: 10, reserveMs: 60_000, systems: new Map() };
const LATER = () => new Date(Date.now() + 3_600_000);

const SETTLED = ['DELIVERED', 'AVAILABLE', 'WAITING_RETRY', 'SUSPENDED', 'FAILED'] as const;
const at = fc.nat({ max: 1 });
const stale = fc.constantFrom(false, false, false, true);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('claim' as const), at, stale, isOver: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('settle' as const), at, stale, to: fc.constantFrom(...SETTLED) }),
  },
  fc.record({ what: fc.constant('suspend' as const), at, stale }),
  fc.record({ what: fc.constant('expire' as const), at, stale }),
  fc.record({
    what: fc.constantFrom(
      'due' as const,
      'recover' as const,
      'reserve' as const,
      'publish' as const,
      'unpublish' as const,
    ),
    at,
  }),
  fc.record({
    what: fc.constant('acknowledge' as const),
    at,
    to: fc.constantFrom('DELIVERED' as const, 'FAILED' as const),
  }),
  fc.record({ what: fc.constant('fetch' as const), at, isOver: fc.boolean() }),
  fc.record({ what: fc.constantFrom('take' as const, 'release' as const), at, stale }),
  fc.record({ what: fc.constant('cancel' as const), at }),
  fc.record({ what: fc.constant('discard' as const), at, stale }),
  { weight: 2, arbitrary: fc.record({ what: fc.constant('retry' as const), at, again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('replay' as const), at, again: fc.boolean(), stale }) },
);

/** One message with two deliveries in a ledger. */
class Subject {
  readonly record = acceptanceRecord({
    receivers: ['lifecycle-a', 'lifecycle-b'].map((name) => `${name}-${Math.random()}`),
  });
  private readonly leases = ['', ''];

  constructor(
    private readonly store: Store,
    private readonly model: (at: number) => Pick<Model, 'epoch' | 'state'>,
  ) {}

  async happens(event: Happening): Promise<void> {
    await (this.does[event.what] as (event: Happening) => Promise<unknown>)(event);
  }

  private readonly does: { readonly [W in Happening['what']]: (event: Of<W>) => Promise<unknown> } = {
    claim: (event) =>
      this.store.ledger.claim(this.ref(event), { owner: 'dispatcher', ms: event.isOver ? LONG_OVER_MS : 60_000 }),
    settle: (event) => this.store.ledger.settle(this.ref(event), settlementTo(event.to)),
    suspend: (event) => this.store.ledger.suspend(this.ref(event), FAULT, PAST()),
    expire: (event) => this.store.sweeper.expire(this.ref(event), { state: 'EXPIRED' }),
    due: () => this.store.sweeper.requeueDue(1_000),
    recover: () => this.store.sweeper.recoverLeases(1_000),
    reserve: () => this.store.outbox.takeUnpublished(ALL),
    publish: (event) => this.store.outbox.markPublished(this.ref(event)),
    unpublish: ({ at }) => this.store.outbox.unpublish(this.system(at)),
    acknowledge: ({ at, to }) => this.store.ledger.acknowledge(this.system(at), this.id(at), { state: to }),
    fetch: async ({ at, isOver }) => {
      const [entry] = await this.store.box.fetch(this.system(at), 1, isOver ? 0 : 60_000);
      this.leases[at] = entry?.lease ?? this.leases[at]!;
    },
    take: (event) => this.store.box.acknowledge(...this.held(event), { state: 'DELIVERED' }),
    release: (event) => this.store.box.release(...this.held(event), 0),
    cancel: (event) => this.store.control.cancel(this.ref(event), ORDER, { state: 'CANCELLED' }),
    discard: (event) => this.store.control.discard(this.ref(event), { ...ORDER, seen: this.seen(event) }),
    retry: (event) => this.store.control.retry(this.ref(event), { ...ORDER, again: event.again, expiresAt: LATER() }),
    replay: (event) => {
      const order = { ...ORDER, job: JOB, seen: this.seen(event), system: this.system(event.at) };
      return this.store.control.retry(this.ref(event), { ...order, again: event.again, expiresAt: LATER() });
    },
  };

  private readonly id = (at: number) => this.record.deliveries[at]!.deliveryId;
  private readonly system = (at: number) => this.record.deliveries[at]!.receiver.system;
  private readonly ref = (event: { readonly at: number; readonly stale?: boolean }) => ({
    deliveryId: this.id(event.at),
    messageId: this.record.message.id,
    epoch: this.model(event.at).epoch + (event.stale ? 1 : 0),
  });
  private readonly seen = (event: { readonly at: number; readonly stale?: boolean }) => ({
    epoch: this.ref(event).epoch,
    state: this.model(event.at).state,
  });
  private readonly held = ({ at, stale: isStale }: { readonly at: number; readonly stale: boolean }) =>
    [this.system(at), this.id(at), isStale ? 'another' : this.leases[at]!] as const;
}

const FAULT = {
  code: 'receiver-timeout',
  blame: 'receiver',
  retryable: true,
  detail: 'slow',
  place: null,
  expected: null,
  violations: [],
  truncated: false,
} as const;

const settlementTo = (state: (typeof SETTLED)[number]): Settlement =>
  state === 'WAITING_RETRY' || state === 'SUSPENDED' ? { state, nextAttemptAt: PAST(), fault: FAULT } : { state };

const messageState = (states: readonly DeliveryState[]) => {
  if (states.some((state) => !END_STATES.includes(state))) return 'ACCEPTED';
  return states.some((state) => LOST.includes(state)) ? 'PARTIALLY_FAILED' : 'COMPLETED';
};

/** What time does, it does to all. */
const isForAll = ({ what }: Happening) => what === 'due' || what === 'recover' || what === 'reserve';

/** What the ledger says of the message and of each delivery. */
async function told(store: Store, id: string) {
  const { state, deliveries } = (await store.trace.status(id))!;
  return { state, deliveries: deliveries.map(({ state, epoch, attempts }) => ({ state, epoch, attempts })) };
}

/** Each row goes on where the one before it ended, along TRANSITIONS; the last one is where the delivery is. */
export async function expectWholeJournal(store: Store, id: string): Promise<void> {
  const status = (await store.trace.status(id))!;
  const events = await store.trace.timeline(id);
  for (const { deliveryId, state } of status.deliveries) {
    let now: DeliveryState = 'QUEUED';
    for (const { from, to, event } of events.filter((one) => one.deliveryId === deliveryId)) {
      expect([event, from]).toEqual([event, now]);
      if (to !== now) expect([event, now, TRANSITIONS[now].includes(to!)]).toEqual([event, now, true]);
      now = to!;
    }
    expect(now).toBe(state);
  }
  expect(status.state).toBe(messageState(status.deliveries.map(({ state }) => state)));
}

/** The lifecycle of blueprint §4 against a model; a failure prints its seed and the shortest sequence that shows it. */
export function lifecycleCases(nodes: () => readonly [Store, Store]): void {
  it('1: every sequence of events leaves message and deliveries as the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40, size: 'max' }), async (events) => {
        const models: [Model, Model] = [born(), born()];
        const subject = new Subject(nodes()[0], (index) => models[index]!);
        await nodes()[0].messages.accept(subject.record);
        for (const event of events) {
          await subject.happens(event);
          models.forEach((model, index) => {
            if (isForAll(event) || index === event.at) models[index] = after(model, event);
          });
          const expected = models.map(({ state, epoch, attempts }) => ({ state, epoch, attempts }));
          const state = messageState(models.map((model) => model.state));
          expect(await told(nodes()[1], subject.record.message.id)).toEqual({ state, deliveries: expected });
        }
        await expectWholeJournal(nodes()[1], subject.record.message.id);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('1: events that fall together on two nodes leave a journal without a gap or a forbidden step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(happening, { minLength: 2, maxLength: 6 }), { maxLength: 6 }),
        async (bursts) => {
          const now: Pick<Model, 'epoch' | 'state'>[] = [born(), born()];
          const subjects = nodes().map((node) => new Subject(node, (index) => now[index]!));
          const { record } = subjects[0]!;
          Object.assign(subjects[1]!, { record });
          await nodes()[0].messages.accept(record);
          for (const burst of bursts) {
            await Promise.all(burst.map((event, n) => subjects[n % 2]!.happens(event)));
            const { deliveries } = await told(nodes()[0], record.message.id);
            deliveries.forEach(({ epoch, state }, index) => (now[index] = { epoch, state }));
          }
          await expectWholeJournal(nodes()[1], record.message.id);
        },
      ),
      { numRuns: RUNS },
    );
  }, 120_000);
}
