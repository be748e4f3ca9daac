/** Many questions at once: questions a second beside the bare pipeline of the same parts, in rounds that take turns. */
import { median } from './measure.js';
import { askAll, type Addresses } from './query-stage.js';

const ROUNDS = 3;
const ROUND_SECONDS = 2;
const ECHO_SECONDS = 1;
const CONNECTIONS = [8, 32];
const AIM = 0.5;
/** A bare pipeline that falls under this part of the echo was held up by something else. */
const PLAUSIBLE = 0.08;

/** Throws where every round was void. */
export async function underLoad(at: Addresses): Promise<void> {
  for (const connections of CONNECTIONS) tell(connections, await roundsOf(at, connections));
}

interface Round {
  readonly echo: number;
  readonly bare: number;
  readonly gateway: number;
  readonly p99: { readonly bare: number; readonly gateway: number };
}

async function roundsOf(at: Addresses, connections: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const echo = await askAll(at.echo, connections, ECHO_SECONDS);
    const bare = await askAll(at.bare, connections, ROUND_SECONDS);
    const gateway = await askAll(at.gateway.sound, connections, ROUND_SECONDS);
    const p99 = { bare: bare.p99, gateway: gateway.p99 };
    rounds.push({ echo: echo.perSecond, bare: bare.perSecond, gateway: gateway.perSecond, p99 });
  }
  return rounds;
}

function tell(connections: number, all: readonly Round[]): void {
  const rounds = all.filter(({ bare, echo }) => bare >= PLAUSIBLE * echo);
  if (rounds.length === 0) throw new Error('every round was void: the machine was too busy to measure');
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const ratio = of(({ gateway, bare }) => gateway / bare);
  const whole = (value: number) => Math.round(value);
  console.log(
    `query, ${connections} connections: echo ${whole(of(({ echo }) => echo))}/s, bare ${whole(of(({ bare }) => bare))}/s ` +
      `(${of(({ bare, echo }) => bare / echo).toFixed(2)} of echo, p99 ${of(({ p99 }) => p99.bare).toFixed(0)} ms), ` +
      `gateway ${whole(of(({ gateway }) => gateway))}/s (p99 ${of(({ p99 }) => p99.gateway).toFixed(0)} ms), ` +
      `ratio to bare ${ratio.toFixed(2)} (aim ${AIM}) ${ratio >= AIM ? 'PASS' : 'MISSED'}` +
      (rounds.length < all.length ? `, ${all.length - rounds.length} of ${all.length} rounds void` : ''),
  );
}
