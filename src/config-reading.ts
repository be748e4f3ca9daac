import { VARIABLES } from './config-variables.js';

export interface ConfigProblem {
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

type Variable = keyof typeof VARIABLES;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one, and notes what is wrong with each. */
export class Reading {
  readonly problems: ConfigProblem[] = [];
  constructor(private readonly env: Environment) {}

  text(name: Variable): string | null {
    const value = this.env[name]?.trim();
    return value ? value : null;
  }

  refuse(name: string, message: string): void {
    this.problems.push({ name, message, hint: VARIABLES[name as Variable] ?? 'see docs/operations.md' });
  }

  whole(name: Variable, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) this.refuse(name, `"${text}" is not ${min} to ${max}`);
    return value;
  }

  url(name: Variable, protocols: readonly string[]): string | null {
    const text = this.text(name);
    if (text !== null && !isUrl(text, protocols))
      this.refuse(name, `"${redact(text)}" is no ${protocols.join('/')} address`);
    return text;
  }

  choice<T extends string>(name: Variable, choices: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === null) return fallback;
    if (!choices.includes(text as T)) this.refuse(name, `"${text}" is none of ${choices.join(', ')}`);
    return text as T;
  }
}

export function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol.replace(':', ''));
}

/** An address without its password, fit for a log. */
export function redact(url: string): string {
  return url.replace(/\/\/([^:@/\s]*):[^\s,]*@/g, '//$1:***@');
}
