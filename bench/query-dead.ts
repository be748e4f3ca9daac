/**
 * What questions to a dead provider do to those to a sound one: p99 at a fixed rate, alone and beside a steady stream to
 * a provider that refuses connections or says nothing. The consumers of the silent one give up before its own time limit, so that no
 * circuit spares it: it always has as many questions in hand as it may. What is compared is of one round, for a machine
 * that is busy for a while is so for all of it. Each round has two times without a dead provider, whose ratio is noise:
 * where that is more than the aim allows, nothing can be told.
 */
import { median } from './measure.js';
import { OpenLoop, type Stream, type Told } from './open-loop.js';
import type { Addresses } from './query-stage.js';

/** The p99 of a round is the seventh slowest of 640: of a shorter one it would be a hiccup of the machine. */
const ROUNDS = 12;
const SECONDS = 8;
const WARM_UP_SECONDS = 3;
const PER_SECOND = 80;
const DEAD_PER_SECOND = 12;
const AIM = 1.1;

const CONDITIONS = ['nothing', 'refusing', 'nothing again', 'silent'] as const;
type Condition = (typeof CONDITIONS)[number];

export async function besideDead({ gateway }: Addresses): Promise<void> {
  const dead: Record<Condition, Stream | null> = {
    nothing: null,
    'nothing again': null,
    refusing: { url: gateway.refusing, perSecond: DEAD_PER_SECOND },
    silent: { url: gateway.silent, perSecond: DEAD_PER_SECOND, headers: { prefer: 'wait=1' } },
  };
  const loop = new OpenLoop(new URL(gateway.sound).origin);
  const p99s: Record<Condition, number[]> = { nothing: [], 'nothing again': [], refusing: [], silent: [] };
  // Code that has hardly run is slow, also that of failures.
  await Promise.all(
    Object.values(dead).map((stream) => stream && loop.run({ ...stream, perSecond: 200 }, WARM_UP_SECONDS)),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const condition of turned(round)) {
      const sound = loop.run({ url: gateway.sound, perSecond: PER_SECOND }, SECONDS);
      const stream = dead[condition];
      const [told, ofDead] = await Promise.all([sound, stream && loop.run(stream, SECONDS)]);
      p99s[condition].push(percentile(requireAnswers(told), 0.99));
      if (ofDead?.statuses.has(200)) throw new Error(`the ${condition} provider answered`);
    }
  await loop.close();
  tell(p99s);
}

/** Each condition is first as often as last. */
const turned = (round: number) => CONDITIONS.map((_, at) => CONDITIONS[(at + round) % CONDITIONS.length] as Condition);

function requireAnswers({ took, statuses }: Told): readonly number[] {
  if (statuses.size !== 1 || !statuses.has(200)) throw new Error(`answers: ${JSON.stringify([...statuses])}`);
  return took;
}

const percentile = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;

type Ninety9ths = Readonly<Record<Condition, readonly number[]>>;

function tell(p99s: Ninety9ths): void {
  const quiet = [...p99s['nothing'], ...p99s['nothing again']];
  const noise = median(p99s['nothing again'].map((p99, round) => p99 / (p99s['nothing'][round] ?? 0)));
  console.log(
    `query, ${PER_SECOND}/s to a sound provider: p99 ${median(quiet).toFixed(1)} ms (${Math.min(...quiet).toFixed(1)} to ` +
      `${Math.max(...quiet).toFixed(1)} ms over the rounds); the same again, ratio ${noise.toFixed(2)}: so much is noise`,
  );
  for (const condition of ['refusing', 'silent'] as const) tellOne(condition, p99s, noise);
}

function tellOne(condition: Condition, p99s: Ninety9ths, noise: number): void {
  const quiet = (round: number) => Math.sqrt((p99s['nothing'][round] ?? 0) * (p99s['nothing again'][round] ?? 0));
  const ratio = median(p99s[condition].map((p99, round) => p99 / quiet(round)));
  const isTold = noise <= AIM && noise >= 1 / AIM;
  const verdict = !isTold ? 'UNTOLD, too noisy' : ratio <= AIM ? 'PASS' : 'MISSED';
  console.log(
    `query, the same beside ${DEAD_PER_SECOND}/s to a ${condition} one: p99 ${median(p99s[condition]).toFixed(1)} ms, ` +
      `ratio ${ratio.toFixed(2)} (aim ${AIM}) ${verdict}`,
  );
}
