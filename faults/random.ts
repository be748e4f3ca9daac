import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Numbers that a seed decides: the same seed gives the same run, as far as time allows. */
export interface Random {
  /** A whole number, both bounds included. */
  whole(from: number, to: number): number;
  /** True once in so many times. */
  onceIn(times: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
}

export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const whole = (from: number, to: number) => uniformInt(generator, from, to);
  return {
    whole,
    onceIn: (times) => whole(1, times) === 1,
    pick: (list) => list[whole(0, list.length - 1)]!,
    shuffle: (list) => {
      const left = [...list];
      return list.map(() => left.splice(whole(0, left.length - 1), 1)[0]!);
    },
  };
}
