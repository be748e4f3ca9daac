import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { Environment } from '../registry/documents/environment.js';
import { RegistryError } from '../registry/registry.js';
import { call, CommandError, query, type Connection } from './client.js';
import { readNamed } from './directory.js';
import { counts, printPlan, printProblems, refusal, type Plan, type PlannedChange } from './print-registry.js';

/** Half of the time in which a command starts: loaded where one is read. */
const archives = () => import('../registry/bundle/transfer.js');

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  /** What `env:NAME` in the documents of a directory means while they are checked here. */
  readonly env: Environment;
  readonly print: (text: string) => void;
}

interface ApplyOptions {
  readonly prune?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

const SOURCE = `
A DIR is checked here before it is sent, and must be complete: every name in its documents must be of a document in it, and
every env:NAME without a fallback must be set here too. A part of a registry travels as an archive laid out as export does it.`;

/** `crocevia registry ...` */
export function registryCommand(parts: Parts): Command {
  const command = new Command('registry').description(
    'move the registry between directories, archives and gateways (operators)',
  );
  command
    .command('export <file.zip>')
    .description('write the whole registry with its interface files; hashes of secrets are in it')
    .action((file: string) => exportTo(file, parts));
  command
    .command('import <file.zip>')
    .description('apply an archive; documents that are not in it stay')
    .option('--reason <text>', 'kept in the history')
    .option('--yes', 'do not ask')
    .action(async (file: string, options: ApplyOptions) => {
      if ((await readNamed(file)) === null) throw new CommandError(`${file} is a directory: use apply`);
      await apply(file, options, parts);
    });
  command
    .command('diff <dir|zip>')
    .description('show what apply would change')
    .option('--prune', 'documents that are not in it would go')
    .addHelpText(
      'after',
      `\nExits with 0 where nothing would change, 1 where something would, 2 on problems.\n${SOURCE}`,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action((source: string, options: ApplyOptions) => diff(source, options, parts).catch(asProblem));
  command
    .command('apply <dir|zip>')
    .description('show what would change, ask, and make it so; all of it or nothing')
    .option('--prune', 'take away the documents that are not in it')
    .option('--reason <text>', 'kept in the history')
    .option('--yes', 'do not ask')
    .addHelpText('after', SOURCE)
    .action((source: string, options: ApplyOptions) => apply(source, options, parts));
  return command;
}

async function exportTo(file: string, { connection, print }: Parts): Promise<void> {
  const { status, text, bytes } = await call(connection(), 'GET', '/admin/registry/export');
  if (status >= 300) throw refusal(status, text);
  const { readTransfer } = await archives();
  const documents = await readTransfer(bytes);
  // It holds hashes of secrets: for its owner only.
  await writeFile(file, bytes, { mode: 0o600 }).catch((error: Error) => {
    throw new CommandError(`Cannot write ${file}: ${error.message}`);
  });
  const kinds = [...new Set(documents.map(({ document }) => document.kind))];
  const sums = kinds.map((kind) => `${kind} ${documents.filter(({ document }) => document.kind === kind).length}`);
  print(`${file}: ${documents.length} documents (${sums.join(', ')})`);
}

async function diff(source: string, options: ApplyOptions, parts: Parts): Promise<void> {
  const plan = await planOf(await archiveOf(source, parts.env), options, parts.connection());
  parts.print(printPlan(plan));
  process.exitCode = plan.problems.length > 0 ? 2 : plan.changes.length > 0 ? 1 : 0;
}

function asProblem(error: unknown): never {
  throw new CommandError(error instanceof CommandError ? error.message : String((error as Error).stack), 2);
}

async function apply(source: string, options: ApplyOptions, { connection, env, print }: Parts): Promise<void> {
  const archive = await archiveOf(source, env);
  const plan = await planOf(archive, options, connection());
  print(printPlan(plan));
  if (plan.problems.length > 0) throw new CommandError('not applied: correct the problems first');
  if (plan.changes.length === 0) return;
  if (options.yes !== true) await confirm();
  const path = `/admin/registry/apply${query({ prune: String(options.prune ?? false), reason: options.reason })}`;
  const { status, text } = await call(connection(), 'POST', path, zip(archive));
  if (status >= 300) throw refusal(status, text);
  const { revision, changes } = JSON.parse(text) as { revision: number; changes: readonly PlannedChange[] };
  print(`applied as revision ${revision}: ${counts(changes, ['created', 'updated', 'deleted'])}`);
}

/** The archive of a directory or file, checked as far as that is possible here. Throws CommandError with every problem. */
async function archiveOf(source: string, env: Environment): Promise<Buffer> {
  try {
    const archive = await readNamed(source);
    const { packTransfer, readTransfer } = await archives();
    const { loadRegistry } = await import('../registry/assembly/load.js');
    if (archive === null) return await packTransfer(loadRegistry(resolve(source), env).inputs);
    await readTransfer(archive);
    return archive;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new CommandError(`${source} was not sent:\n${printProblems(error.problems)}`);
  }
}

async function planOf(archive: Buffer, { prune = false }: ApplyOptions, connection: Connection): Promise<Plan> {
  const { status, text } = await call(connection, 'POST', `/admin/registry/plan?prune=${prune}`, zip(archive));
  if (status >= 300) throw refusal(status, text);
  return JSON.parse(text) as Plan;
}

const zip = (body: Buffer) => ({ body, headers: { 'content-type': 'application/zip' } });

/** Throws CommandError unless somebody at a terminal says yes. */
async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError('not applied: there is no terminal to ask at; say --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve, reject) => {
    // Ctrl-C and Ctrl-D close it without an answer.
    terminal.once('close', () => resolve(''));
    terminal.question('Apply these changes? [y/N] ').then(resolve, reject);
  }).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('not applied');
}
