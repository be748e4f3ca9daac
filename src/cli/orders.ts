import { Command } from 'commander';
import { printJob, type Job } from './print-jobs.js';
import { call, CommandError, explain, query, type Connection } from './client.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

interface OrderOptions {
  readonly reason: string;
  readonly delivery?: string;
  readonly again?: boolean;
}

interface Results {
  readonly items: readonly { readonly receiver: string; readonly state: string; readonly done: boolean }[];
}

/** `crocevia retry`, `cancel`, `pause`, `resume` and `release`: what operators order of deliveries and systems. */
export function orderCommands(parts: Parts): readonly Command[] {
  const turning = (name: 'pause' | 'resume', description: string) =>
    new Command(name)
      .argument('<system>')
      .description(`${description} (operators)`)
      .option('--reason <text>', 'kept in the history of the registry')
      .action((id: string, { reason }: Pick<Partial<OrderOptions>, 'reason'>) => turn(name, id, reason, parts));
  const retry = ordering('retry', 'send anew what has failed, expired or was cancelled (operators)')
    .option('--again', 'what was delivered too: its receiver gets it twice')
    .action((id: string, options: OrderOptions) => order('retry', id, options, parts));
  const cancel = ordering('cancel', 'withdraw what waits; the sender gets a receipt (operators)').action(
    (id: string, options: OrderOptions) => order('cancel', id, options, parts),
  );
  return [
    retry,
    cancel,
    turning('pause', 'deliver nothing to a system and ask nothing of it'),
    turning('resume', 'end a pause'),
    releasing(parts),
  ];
}

const ordering = (name: string, description: string) =>
  new Command(name)
    .argument('<id>', 'of the message')
    .description(description)
    .requiredOption('--reason <text>', 'stands in the journal')
    .option('--delivery <id>', 'this one only');

const releasing = ({ connection, print }: Parts) =>
  new Command('release')
    .argument('<system>')
    .description('try now what waits for the next try at a system (operators)')
    .requiredOption('--reason <text>', 'stands in the journal of each')
    .action(async (id: string, { reason }: Pick<OrderOptions, 'reason'>) => {
      const path = `/admin/queues/${encodeURIComponent(id)}/release${query({ reason })}`;
      const { status, text } = await call(connection(), 'POST', path);
      if (status >= 300) throw new CommandError(explain(status, text));
      print(`${id}: ${(JSON.parse(text) as { readonly changed: number }).changed} are tried now`);
    });

async function turn(name: 'pause' | 'resume', id: string, reason: string | undefined, { connection, print }: Parts) {
  const path = `/admin/systems/${encodeURIComponent(id)}/${name}${query({ reason })}`;
  const { status, text } = await call(connection(), 'POST', path);
  if (status >= 300) throw new CommandError(explain(status, text));
  print(`${id}: ${name === 'pause' ? 'paused' : 'in use'}`);
}

async function order(name: 'retry' | 'cancel', id: string, options: OrderOptions, { connection, print }: Parts) {
  const { reason, delivery, again } = options;
  const asked = query({ reason, delivery, again: again ? 'true' : undefined });
  const { status, text } = await call(
    connection(),
    'POST',
    `/admin/messages/${encodeURIComponent(id)}/${name}${asked}`,
  );
  if (status >= 300) throw new CommandError(explain(status, text));
  if (status === 202) return print(`waits for another operator: ${printJob(JSON.parse(text) as Job)}`);
  const done = name === 'retry' ? 'sent anew' : 'cancelled';
  for (const one of (JSON.parse(text) as Results).items)
    print(`${one.receiver}: ${one.done ? done : `nothing done, it is ${one.state}`}`);
}
