import { Command, Option } from 'commander';
import { call, CommandError, explain, query, read, type Connection } from './client.js';
import {
  printDeadLetters,
  printItem,
  printJob,
  printPreview,
  type DeadLetters,
  type Item,
  type Job,
  type Preview,
} from './print-jobs.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

interface FilterOptions {
  readonly receiver?: string;
  readonly sender?: string;
  readonly service?: string;
  readonly operation?: string;
  readonly agreement?: string;
  readonly fault?: string;
  readonly acceptedAfter?: string;
  readonly acceptedBefore?: string;
  readonly endedAfter?: string;
  readonly endedBefore?: string;
}

interface ReplayOptions extends FilterOptions {
  readonly state?: string;
  readonly ids?: string;
  readonly cancel?: true;
  readonly rate: string;
  readonly system?: string;
  readonly again?: true;
  readonly confirm?: string;
  readonly preview?: true;
  readonly reason?: string;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** `crocevia dead-letters`, `replay` and `jobs`: orders for many deliveries at once. */
export function jobCommands(parts: Parts): readonly Command[] {
  const dead = withFilter(new Command('dead-letters'))
    .description('what failed or expired in the last 7 days, grouped by cause and system (operators)')
    .action((options: FilterOptions) => deadLetters(options, parts));
  const replay = withFilter(new Command('replay'))
    .description('send anew, or withdraw, all deliveries that match, as a job (operators)')
    .option('--state <states>', 'with commas; default FAILED,EXPIRED, with --cancel whatever waits')
    .option('--ids <ids>', 'of deliveries or messages, with commas')
    .option('--cancel', 'withdraw what waits; the senders get receipts')
    .option('--rate <n>', 'a second', '50')
    .option('--system <id>', 'to this system of the receiver instead')
    .option('--again', 'what was delivered too: its receiver gets it twice')
    .option('--confirm <text>', 'with --again: what the preview said')
    .option('--preview', 'only say what it would do')
    .option('--reason <text>', 'stands in the journal')
    .action((options: ReplayOptions) => replayAll(options, parts));
  return [dead, replay, jobsCommand(parts)];
}

const withFilter = (command: Command) =>
  command
    .option('--receiver <id>', 'IPA code or system')
    .option('--sender <id>', 'IPA code or system')
    .option('--service <id>')
    .option('--operation <name>')
    .option('--agreement <id>')
    .option('--fault <code>', 'the cause')
    .option('--accepted-after <time>', 'such as 2026-11-27T02:00:00Z')
    .option('--accepted-before <time>')
    .option('--ended-after <time>')
    .option('--ended-before <time>');

function filterOf(options: FilterOptions): FilterOptions {
  const { receiver, sender, service, operation, agreement, fault } = options;
  const { acceptedAfter, acceptedBefore, endedAfter, endedBefore } = options;
  const all = { receiver, sender, service, operation, agreement, fault };
  const times = { acceptedAfter, acceptedBefore, endedAfter, endedBefore };
  return Object.fromEntries(Object.entries({ ...all, ...times }).filter(([, value]) => value !== undefined));
}

async function deadLetters(options: FilterOptions, { connection, print }: Parts) {
  const path = `/admin/dead-letters${query({ ...filterOf(options) })}`;
  print(printDeadLetters(await read<DeadLetters>(connection(), path)));
}

async function replayAll(options: ReplayOptions, { connection, print }: Parts) {
  const { state, ids, cancel, rate, system, again, confirm, preview, reason } = options;
  const order = {
    action: cancel ? 'cancel' : 'retry',
    filter: {
      ...filterOf(options),
      ...(state && { states: state.split(',') }),
      ...(ids && { ids: ids.split(',') }),
    },
    rate: Number(rate),
    again: again ?? false,
    ...(system && { system }),
  };
  if (preview) return print(printPreview(await post<Preview>('/admin/jobs/preview', connection(), order)));
  if (!reason) throw new CommandError('Give --reason, or look first with --preview');
  print(printJob(await post<Job>('/admin/jobs', connection(), { ...order, reason, ...(confirm && { confirm }) })));
}

async function post<T>(path: string, connection: Connection, body?: object): Promise<T> {
  const send = body && { body: JSON.stringify(body), headers: JSON_BODY };
  const { status, text } = await call(connection, 'POST', path, send);
  if (status >= 300) throw new CommandError(explain(status, text));
  return JSON.parse(text) as T;
}

function jobsCommand({ connection, print }: Parts): Command {
  const jobs = new Command('jobs').description('orders for many deliveries (operators)');
  const at = (id: string, rest = '') => `/admin/jobs/${encodeURIComponent(id)}${rest}`;
  jobs
    .command('list', { isDefault: true })
    .description('the newest 50')
    .action(async () => {
      const { items } = await read<{ items: readonly Job[] }>(connection(), '/admin/jobs');
      print(items.map(printJob).join('\n') || 'no jobs');
    });
  jobs
    .command('show <id>')
    .description('one job with its progress')
    .action(async (id: string) => {
      print(printJob(await read<Job>(connection(), at(id))));
    });
  jobs
    .command('items <id>')
    .description('what became of each item')
    .addOption(new Option('--result <result>').choices(['done', 'skipped', 'failed']))
    .action(async (id: string, { result }: { readonly result?: string }) => {
      for (let cursor: string | undefined = undefined; ;) {
        const path: string = at(id, `/items${query({ result, cursor, limit: '500' })}`);
        const page: { items: readonly Item[]; next: number | null } = await read(connection(), path);
        for (const item of page.items) print(printItem(item));
        if (page.next === null) return;
        cursor = String(page.next);
      }
    });
  for (const act of ['approve', 'pause', 'resume', 'cancel'] as const)
    jobs
      .command(`${act} <id>`)
      .description(ACTS[act])
      .option('--reason <text>', 'stands in the history of the job')
      .action(async (id: string, { reason }: { readonly reason?: string }) => {
        print(printJob(await post<Job>(at(id, `/${act}${query({ reason })}`), connection())));
      });
  jobs
    .command('reject <id>')
    .description('end one that waits for approval (another operator than who has ordered it)')
    .requiredOption('--reason <text>', 'stands in the history of the job')
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      print(printJob(await post<Job>(at(id, `/reject${query({ reason })}`), connection())));
    });
  jobs
    .command('rate <id> <n>')
    .description('how many items a second')
    .option('--reason <text>', 'stands in the history of the job')
    .action(async (id: string, rate: string, { reason }: { readonly reason?: string }) => {
      print(printJob(await post<Job>(at(id, `/rate${query({ rate, reason })}`), connection())));
    });
  return jobs;
}

const ACTS = {
  approve: 'let one begin that waits (another operator than who has ordered it)',
  pause: 'hold it back',
  resume: 'go on with it',
  cancel: 'end it; what was done stays done',
} as const;
