/** One question at a time: what the gateway adds at p50 to a direct call, in rounds that take turns. */
import { median } from './measure.js';
import { askAll, type Addresses } from './query-stage.js';

const ROUNDS = 5;
const ROUND_SECONDS = 1;
/** Strict evidence is two commits more, and has no aim. */
const AIMS_MS = { 'in-process broker': 2, RabbitMQ: 4, 'RabbitMQ, strict evidence': null };

export async function alone({ direct, inProcess, gateway }: Addresses): Promise<void> {
  const targets = {
    direct,
    'in-process broker': inProcess,
    RabbitMQ: gateway.sound,
    'RabbitMQ, strict evidence': gateway.strict,
  };
  type Target = keyof typeof targets;
  const p50s: Record<Target, number[]> = {
    direct: [],
    'in-process broker': [],
    RabbitMQ: [],
    'RabbitMQ, strict evidence': [],
  };
  for (let round = 0; round < ROUNDS; round++)
    for (const name of Object.keys(targets) as Target[])
      p50s[name].push((await askAll(targets[name], 1, ROUND_SECONDS)).p50);
  for (const name of Object.keys(AIMS_MS) as (keyof typeof AIMS_MS)[]) tell(name, p50s.direct, p50s[name]);
}

function tell(name: keyof typeof AIMS_MS, direct: readonly number[], through: readonly number[]): void {
  const added = median(through.map((p50, round) => p50 - (direct[round] ?? 0)));
  console.log(
    `query, one at a time, ${name}: direct p50 ${ms(median(direct))}, gateway p50 ${ms(median(through))}, added ${ms(added)} ` +
      verdict(added, AIMS_MS[name]),
  );
}

const verdict = (added: number, aim: number | null) =>
  aim === null ? '' : `(aim ${aim} ms) ${added <= aim ? 'PASS' : 'MISSED'}`;

const ms = (value: number) => `${value.toFixed(2)} ms`;
