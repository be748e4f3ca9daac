import { CommandError, explain } from './client.js';

export interface PlannedChange {
  /** `agreement sulmona-raiano`, `service Nota v1`. */
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  /** Members that change. */
  readonly members: readonly string[];
}

export interface Problem {
  readonly severity?: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly problems: readonly Problem[];
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const;

/** What would change, one line a document, and the sum of it. */
export function printPlan({ changes, problems }: Plan): string {
  const lines = changes.map(({ key, action, members }) =>
    action === 'update' && members.length > 0 ? `~ ${key} (${members.join(', ')})` : `${SIGNS[action]} ${key}`,
  );
  const sum = changes.length === 0 ? 'nothing would change' : counts(changes, ['to create', 'to update', 'to delete']);
  const wrong = problems.length === 0 ? [] : [printProblems(problems)];
  return [...lines, sum, ...wrong].join('\n');
}

/** `1 created, 2 updated, 0 deleted`. */
export function counts(changes: readonly PlannedChange[], words: readonly [string, string, string]): string {
  const actions = ['create', 'update', 'delete'] as const;
  return actions
    .map((action, index) => `${changes.filter((one) => one.action === action).length} ${words[index]}`)
    .join(', ');
}

/** Each with its place and what to do. */
export function printProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, file, line, message, hint }) => {
      const what = severity === undefined ? '' : `${severity}: `;
      return `${file ? `${file}:${line}` : 'the archive'}: ${what}${message}\n    ${hint}`;
    })
    .join('\n');
}

/** What the gateway said instead of a 2xx answer, with every problem that it names. */
export function refusal(status: number, text: string): CommandError {
  const problems = problemsIn(text);
  return new CommandError(
    [explain(status, text), ...(problems.length === 0 ? [] : [printProblems(problems)])].join('\n'),
  );
}

function problemsIn(text: string): readonly Problem[] {
  try {
    const { problems } = JSON.parse(text) as { problems?: unknown };
    return Array.isArray(problems) ? (problems as Problem[]) : [];
  } catch {
    return [];
  }
}
