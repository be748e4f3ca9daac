import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpus } from './corpus.js';
import type { HostileCase } from './hostile.js';

/** Who runs which rows of the index. */
type Suite = 'messages' | 'slow clients' | 'bundles' | 'backends' | 'tokens' | 'broker';

/** Rows that nobody runs, with the reason. */
const LEFT: Readonly<Record<string, string>> = {
  'class wss': 'signatures of messages come in a later issue',
};

const BY_DIRECTION: Readonly<Record<string, Suite>> = { admin: 'bundles', backend: 'backends', broker: 'broker' };
const BY_CLASS: Readonly<Record<string, Suite>> = { 'http-slow': 'slow clients', jwt: 'tokens' };

const suiteOf = ({ class: name, direction }: HostileCase): Suite | null =>
  `class ${name}` in LEFT ? null : (BY_DIRECTION[direction] ?? BY_CLASS[name] ?? 'messages');

export interface HostileSuite {
  /** Null where the corpora are not beside the project. */
  readonly directory: string | null;
  /** Of the whole index. */
  readonly rows: number;
  readonly cases: readonly HostileCase[];
  /** Rows of each suite, and of what is left by its reason; their sum is `rows`. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The rows of the index that a suite has to run. */
export function hostileCases(suite: Suite): HostileSuite {
  const directory = corpus('security');
  if (directory === null) return { directory, rows: 0, cases: [], counts: {} };
  const { cases: all } = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as {
    cases: readonly HostileCase[];
  };
  const counts: Record<string, number> = {};
  for (const one of all) {
    const name = suiteOf(one) ?? `left: ${LEFT[`class ${one.class}`] ?? ''}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { directory, rows: all.length, cases: all.filter((one) => suiteOf(one) === suite), counts };
}
