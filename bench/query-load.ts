/**
 * Many questions at once: questions a second beside the bare pipeline of the same parts, in rounds that take turns. The bare
 * pipeline writes nothing down, so the aim is for an agreement that keeps no evidence; `digest`, which agreements have unless they
 * say otherwise, is told beside it.
 */
import type { ChildProcess } from 'node:child_process';
import { median } from './measure.js';
import { cpuMs, type Shape } from './processes.js';
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
  const shape = at.processes.gateway.length === 1 ? 'one process' : 'two processes';
  for (const connections of CONNECTIONS) tell(shape, connections, await roundsOf(at, connections));
}

interface Side {
  readonly perSecond: number;
  readonly p99: number;
  /** Milliseconds of processor time for each question: it hardly depends on what else the machine does. */
  readonly cpu: number;
}

type Evidence = 'none' | 'digest';

interface Round {
  readonly echo: number;
  readonly bare: Side;
  readonly none: Side;
  readonly digest: Side;
}

async function roundsOf({ echo, bare, gateway, processes }: Addresses, connections: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({
      echo: (await askAll(echo, connections, ECHO_SECONDS)).perSecond,
      bare: await sideOf(bare, processes.bare, connections),
      none: await sideOf(gateway.unwritten, processes.gateway, connections),
      digest: await sideOf(gateway.sound, processes.gateway, connections),
    });
  return rounds;
}

async function sideOf(target: string, processes: readonly ChildProcess[], connections: number): Promise<Side> {
  const before = cpuMs(processes);
  const { accepted, perSecond, p99 } = await askAll(target, connections, ROUND_SECONDS);
  return { perSecond, p99, cpu: (cpuMs(processes) - before) / accepted };
}

function tell(shape: Shape, connections: number, all: readonly Round[]): void {
  const rounds = all.filter(({ bare, echo }) => bare.perSecond >= PLAUSIBLE * echo);
  if (rounds.length === 0) throw new Error('every round was void: the machine was too busy to measure');
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const side = (name: 'bare' | Evidence) =>
    `${of((round) => round[name].perSecond).toFixed(0)}/s (p99 ${of((round) => round[name].p99).toFixed(0)} ms, ` +
    `processor ${of((round) => round[name].cpu).toFixed(2)} ms each)`;
  const voided = all.length - rounds.length;
  console.log(
    `query, ${connections} connections: echo ${of(({ echo }) => echo).toFixed(0)}/s, bare ${side('bare')}, ` +
      `${of(({ bare, echo }) => bare.perSecond / echo).toFixed(2)} of echo` +
      (voided > 0 ? `; ${voided} of ${all.length} rounds void` : ''),
  );
  for (const evidence of ['none', 'digest'] as const) {
    const ratio = of((round) => round[evidence].perSecond / round.bare.perSecond);
    const verdict = ratio >= AIM ? 'PASS' : 'MISSED';
    console.log(
      `query, ${shape}, ${connections} connections, evidence ${evidence}: ${side(evidence)}, ratio to bare ${ratio.toFixed(2)} ` +
        `(aim ${AIM}) ${verdict}; of processor time ${of((round) => round.bare.cpu / round[evidence].cpu).toFixed(2)}`,
    );
  }
}
