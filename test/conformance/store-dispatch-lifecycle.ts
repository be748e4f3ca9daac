import fc from 'fast-check';
import { END_STATES } from '../../src/message/delivery.js';
import type { Store } from '../../src/store/open-store.js';
import { Model, ORDERED, type Answer, type Happening, type Rule } from './dispatch-model.js';
import { Stage } from './dispatch-stage.js';
import { expectWholeJournal } from './store-lifecycle.js';

const ANSWERS = ['delivered', 'available', 'refused', 'error', 'away', 'certificate', 'forbidden'] as const;
const RULES = ['moved', 'paused', 'missing', 'gone', 'receiver-suspended', 'sender-suspended', 'agreement'] as const;

const RUNS = 15;
/** As long as it may be: of short sequences few meet an open circuit. */
const LONG = { minLength: 10, maxLength: 40, size: 'max' } as const;

const node = fc.constantFrom(0 as const, 1 as const);
const pick = fc.nat({ max: 5 });
const at = fc.nat({ max: ORDERED + 1 });
const answer = fc.constantFrom<Answer>('delivered', 'away', 'away', 'away', ...ANSWERS);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('take' as const), node, isMarked: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('offer' as const),
      node,
      pick,
      keeps: fc.constantFrom(false, false, true),
      answer: fc.oneof({ weight: 4, arbitrary: answer }, fc.constant('hangs' as const)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('answer' as const), pick, answer }) },
  fc.record({ what: fc.constant('restart' as const), node }),
  { weight: 2, arbitrary: fc.record({ what: fc.constant('follow' as const), node }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('change' as const),
      to: fc.constantFrom<Rule>('open', 'open', ...RULES),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('lapse' as const, 'unpublish' as const, 'release' as const),
    }),
  },
  fc.record({ what: fc.constant('over' as const), isAll: fc.boolean() }),
  { weight: 4, arbitrary: fc.record({ what: fc.constant('sweep' as const), isLater: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('age' as const, 'cancel' as const, 'retry' as const, 'acknowledge' as const),
      at,
    }),
  },
);

/** What waits goes out once to one node, each with the same answer. */
const round = (node: 0 | 1, answer: Answer, isMarked = true): readonly Happening[] => [
  { what: 'sweep', isLater: true },
  { what: 'take', node, isMarked },
  ...Array.from({ length: 3 }, () => ({ what: 'offer', node, pick: 0, keeps: false, answer }) as const),
];

/** What opens a circuit, and the probe that comes when its pause is over. */
const storm = fc
  .tuple(node, fc.boolean())
  .map(([node, isMarked]) => [...round(node, 'away'), ...round(node, 'away', isMarked)]);
const probe = fc
  .record({
    node,
    isAll: fc.boolean(),
    answer: fc.constantFrom<Answer | 'hangs'>('away', 'away', 'delivered', 'certificate', 'hangs'),
  })
  .map(({ node, isAll, answer }): readonly Happening[] => [
    { what: 'over', isAll },
    { what: 'sweep', isLater: true },
    { what: 'take', node, isMarked: true },
    { what: 'offer', node, pick: 0, keeps: false, answer },
  ]);
/** The registry changes while a receiver is called. */
const between = fc
  .record({ node, to: fc.constantFrom<Rule>('open', ...RULES), answer })
  .map(({ node, to, answer }): readonly Happening[] => [
    { what: 'take', node, isMarked: true },
    { what: 'offer', node, pick: 0, keeps: false, answer: 'hangs' },
    { what: 'change', to },
    { what: 'follow', node },
    { what: 'answer', pick: 0, answer },
  ]);
/** A dispatcher dies with what it has taken. */
const death = node.map((node): readonly Happening[] => [
  { what: 'take', node, isMarked: true },
  { what: 'offer', node, pick: 0, keeps: true, answer: 'hangs' },
  { what: 'restart', node },
  { what: 'lapse' },
]);
const one = fc.oneof(
  { weight: 24, arbitrary: happening.map((one) => [one]) },
  ...[storm, probe, probe, between, death].map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** Most begin with a receiver that goes away: a circuit that is open meets everything else. */
const events = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: storm }, fc.constant([])), fc.array(one, LONG))
  .map(([first, others]) => [...first, ...others.flat()]);

function restOf(until: Date | null): string {
  if (until === null) return 'none';
  const minutes = (until.getTime() - Date.now()) / 60_000;
  return minutes <= 0 ? 'now' : minutes <= 1 ? 'soon' : minutes <= 10 ? 'retry' : minutes <= 15 ? 'quarter' : 'circuit';
}

async function expectAsModelled(stage: Stage, model: Model): Promise<void> {
  const rows = await stage.rows();
  const parts = model.parts.map(({ state, epoch, attempts, held, fault, next }) => ({
    ...{ state, epoch, attempts, fault, next, circuit: model.circuit },
    held: held && !END_STATES.includes(state),
  }));
  expect(rows.map((row) => ({ ...row, next: restOf(row.next) }))).toEqual(parts);
  expect(stage.pauses).toEqual(model.pauses);
}

/** Everything ends once nothing stands in its way any more. */
async function runOut(happens: (event: Happening) => Promise<void>, rows: Stage['rows']): Promise<void> {
  const nodes = [0, 1] as const;
  await happens({ what: 'change', to: 'open' });
  for (const node of nodes) await happens({ what: 'follow', node });
  for (const node of nodes) await happens({ what: 'restart', node });
  for (let turn = 0; turn < 6; turn++) {
    const states = (await rows()).map(({ state }) => state);
    for (const [at, state] of states.entries()) if (state === 'AVAILABLE') await happens({ what: 'acknowledge', at });
    if (states.every((state) => END_STATES.includes(state))) return;
    await happens({ what: 'over', isAll: true });
    for (const what of ['lapse', 'unpublish'] as const) await happens({ what });
    for (const event of round(turn % 2 === 0 ? 0 : 1, 'delivered')) await happens(event);
  }
  const left = (await rows()).map(({ state }) => state).filter((state) => !END_STATES.includes(state));
  expect(left).toEqual([]);
}

/** Each claim is an attempt, but for what was held back after it (blueprint §4). */
async function expectCounted(store: Store, stage: Stage): Promise<void> {
  const told = await stage.told();
  for (const [at, { message }] of stage.records.entries()) {
    const events = await store.trace.timeline(message.id);
    const claims = events.filter(({ event }) => event === 'delivery.claimed').length;
    const heldBack = events.filter(({ from, to }) => from === 'DELIVERING' && to === 'SUSPENDED').length;
    expect([at, told[at]!.attempts]).toEqual([at, claims - heldBack]);
    await expectWholeJournal(store, message.id);
  }
}

/** Dispatchers, circuits and the registry over the lifecycle of blueprint §4; a failure prints its seed and the shortest sequence that shows it. */
export function dispatchLifecycleCases(nodes: () => readonly [Store, Store]): void {
  it('1: every sequence of open circuits, probes, pauses, suspensions and restarts leaves deliveries as the model says', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (sequence) => {
        const [stage, model] = [new Stage(nodes()), new Model()];
        await stage.accept();
        const happens = async (event: Happening) => model.after(event, await stage.happens(event));
        for (const event of sequence) {
          await happens(event);
          await expectAsModelled(stage, model);
        }
        await runOut(happens, () => stage.rows());
        await expectAsModelled(stage, model);
        await expectCounted(nodes()[1], stage);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('1: what two dispatchers do together burns no attempt that was none, keeps the order, and comes to its end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(happening, { minLength: 2, maxLength: 6 }), { minLength: 2, maxLength: 8, size: 'max' }),
        async (bursts) => {
          const stage = new Stage(nodes());
          await stage.accept();
          await stage.happens({ what: 'take', node: 0, isMarked: true });
          for (const burst of bursts) {
            await Promise.all(burst.map((event) => stage.happens(event)));
            const out = (await stage.told())
              .slice(0, ORDERED)
              .filter(({ state, held }) => !END_STATES.includes(state) && !held);
            expect(out.length).toBeLessThanOrEqual(1);
          }
          await runOut(
            async (event) => void (await stage.happens(event)),
            () => stage.rows(),
          );
          await expectCounted(nodes()[1], stage);
        },
      ),
      { numRuns: RUNS },
    );
  }, 120_000);
}
