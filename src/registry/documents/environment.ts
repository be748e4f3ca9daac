import type { Path } from './documents.js';
import type { InterfacePlace } from '../interface/interface-problem.js';

/** The environment as the registry sees it: names to values. */
export type Environment = Readonly<Record<string, string | undefined>>;

const QUOTED = /^env:([A-Za-z_][A-Za-z0-9_]*)(?:\|([^]*))?$/;

/**
 * A value of a registry document: `env:NAME` is what the environment holds under NAME, `env:NAME|fallback` the fallback
 * where it holds nothing; every other value is itself. `missing` is told of a name without value and fallback.
 */
export function fromEnvironment(value: string, env: Environment, missing: (name: string) => void): string {
  const [, name, fallback] = QUOTED.exec(value) ?? [];
  if (name === undefined) return value;
  const found = env[name] || fallback;
  if (found === undefined) missing(name);
  return found ?? '';
}

/** Whether a value, or one inside it, is read from the environment. */
export const quotesEnvironment = (value: unknown): boolean =>
  typeof value === 'string'
    ? QUOTED.test(value)
    : value !== null && typeof value === 'object' && Object.values(value).some(quotesEnvironment);

/** Of the value at a path of the document; `at` is the place in an interface file that it names. */
export type Problem = (path: Path, message: string, hint: string, at?: InterfacePlace) => void;
