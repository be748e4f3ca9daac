/**
 * What questions to a dead provider do to those to a sound one: p99 at a fixed rate, alone and beside a steady stream to
 * a provider that refuses connections or says nothing. The consumers of the silent one give up before its own time limit, so that no
 * circuit spares it: it always has as many questions in hand as it may. The conditions take turns every two seconds, for a machine
 * that is busy for a while is so for all of them, and each has one p99 of all its questions. Two turns are without a dead provider; the
 * ratio between these is noise: where that is more than the aim allows, nothing can be told.
 */
import { OpenLoop, type Stream, type Told } from './open-loop.js';
import type { Addresses } from './query-stage.js';

const ROUNDS = 48;
const SECONDS = 2;
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
  const took: Times = { nothing: [], 'nothing again': [], refusing: [], silent: [] };
  // Code that has hardly run is slow, also that of failures.
  await Promise.all(
    Object.values(dead).map((stream) => stream && loop.run({ ...stream, perSecond: 200 }, WARM_UP_SECONDS)),
  );
  for (let round = 0; round < ROUNDS; round++)
    for (const condition of turned(round)) {
      const sound = loop.run({ url: gateway.sound, perSecond: PER_SECOND }, SECONDS);
      const stream = dead[condition];
      const [told, ofDead] = await Promise.all([sound, stream && loop.run(stream, SECONDS)]);
      took[condition].push(...requireAnswers(told));
      if (ofDead?.statuses.has(200)) throw new Error(`the ${condition} provider answered`);
    }
  await loop.close();
  tell(took);
}

/** Each condition is first as often as last. */
const turned = (round: number) => CONDITIONS.map((_, at) => CONDITIONS[(at + round) % CONDITIONS.length] as Condition);

function requireAnswers({ took, statuses }: Told): readonly number[] {
  if (statuses.size !== 1 || !statuses.has(200)) throw new Error(`answers: ${JSON.stringify([...statuses])}`);
  return took;
}

type Times = Readonly<Record<Condition, number[]>>;

const p99 = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;

function tell(took: Times): void {
  const quiet = p99([...took['nothing'], ...took['nothing again']]);
  const noise = p99(took['nothing again']) / p99(took['nothing']);
  console.log(
    `query, ${PER_SECOND}/s to a sound provider: p99 ${quiet.toFixed(1)} ms of ${took['nothing'].length * 2} questions; ` +
      `one half to the other, ratio ${noise.toFixed(2)}: so much is noise`,
  );
  const isTold = noise <= AIM && noise >= 1 / AIM;
  for (const condition of ['refusing', 'silent'] as const) {
    const beside = p99(took[condition]);
    const verdict = !isTold ? 'UNTOLD, too noisy' : beside / quiet <= AIM ? 'PASS' : 'MISSED';
    console.log(
      `query, the same beside ${DEAD_PER_SECOND}/s to a ${condition} one: p99 ${beside.toFixed(1)} ms, ` +
        `ratio ${(beside / quiet).toFixed(2)} (aim ${AIM}) ${verdict}`,
    );
  }
}
