#!/usr/bin/env node
import { Command } from 'commander';
import { hashSecret } from '../registry/secret.js';
import { environment } from '../config.js';
import { call, CommandError, explain, read, type Connection } from './client.js';
import { diagnosticsCommand } from './diagnostics.js';
import { jobCommands } from './jobs.js';
import { keysCommand } from './keys.js';
import { missingCommand } from './missing.js';
import { orderCommands } from './orders.js';
import { visibleText } from '../message/visible.js';
import { printTimeline } from './print.js';
import { printVerdict, type Verdict } from './print-service.js';
import { registryCommand } from './registry.js';
import { sendFile, type SendOptions } from './send.js';
import { situationCommands } from './situation.js';
import { serviceCommand } from './service.js';
import { tail } from './tail.js';
import type { TimelineEntry } from '../trace/timeline.js';

const isGatewayId = (id: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
const print = (text: string) => void process.stdout.write(`${visibleText(text)}\n`);
const env = environment();

const program = new Command('crocevia')
  .description('Application-cooperation message gateway')
  .option('--url <address>', 'the gateway', env['PUBLIC_URL'] ?? 'http://127.0.0.1:8080')
  .option('--api-key <id.secret>', 'key of a system; default CROCEVIA_API_KEY', env['CROCEVIA_API_KEY'])
  .option('--token <token>', 'operators’ token; default CROCEVIA_ADMIN_TOKEN', env['CROCEVIA_ADMIN_TOKEN']);

/** One credential a call; what stands on the command line wins over the environment. */
const connection = (): Connection => {
  const { url, apiKey, token } = program.opts<Connection>();
  const usesToken = token !== undefined && (apiKey === undefined || program.getOptionValueSource('token') === 'cli');
  return usesToken ? { url, token } : { url, apiKey };
};
/** For what only operators may do. */
const operator = (): Connection => {
  const { url, token } = program.opts<Connection>();
  if (token !== undefined) return { url, token };
  throw new CommandError('This is for operators: give --token, or set CROCEVIA_ADMIN_TOKEN');
};
/** An operator sees every message, a system its own. */
const messagesPath = () => (connection().token === undefined ? '/messages' : '/admin/messages');

program
  .command('start')
  .description('run the gateway with the settings of the environment (see check)')
  .option('--registry <dir>', 'directory of the registry documents')
  .action(async ({ registry }: { registry?: string }) => {
    const { run } = await import('../main.js');
    await run(registry === undefined ? env : { ...env, CROCEVIA_REGISTRY_DIR: registry });
  });

program
  .command('check')
  .description('name every missing or wrong setting, registry document and server, and what the shape does not survive')
  .option('--registry <dir>', 'directory of the registry documents')
  .action(async ({ registry }: { registry?: string }) => {
    const { check } = await import('./check.js');
    const findings = await check(registry === undefined ? env : { ...env, CROCEVIA_REGISTRY_DIR: registry });
    const words = { ok: 'ok   ', warning: 'WARN ', wrong: 'WRONG' };
    for (const { level, subject, text, expected, code } of findings)
      print(
        `${words[level]} ${subject}: ${text}${expected ? `; expected: ${expected}` : ''}${code ? ` [${code}]` : ''}`,
      );
    process.exitCode = findings.some(({ level }) => level === 'wrong') ? 1 : 0;
  });

program
  .command('send <file>')
  .description('send a file as it is')
  .requiredOption(
    '--to <path>',
    'address: /soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/... or /messages',
  )
  .option('--id <id>', 'message id (Idempotency-Key)')
  .option('--action <uri>', 'SOAPAction')
  .option('--type <media type>', 'Content-Type; guessed from the file')
  .action(async (file: string, options: SendOptions) => print(await sendFile(file, options, connection())));

program
  .command('status <id>')
  .description('show a message and its timeline')
  .action(async (id: string) => {
    const path = `${messagesPath()}${isGatewayId(id) || connection().token ? '/' : '?messageId='}${encodeURIComponent(id)}`;
    const status = await read<{ id: string }>(connection(), path);
    const { entries } = await read<{ entries: TimelineEntry[] }>(
      connection(),
      `${messagesPath()}/${status.id}/timeline`,
    );
    print(`${JSON.stringify(status, null, 2)}\n${printTimeline(entries)}`);
  });

program
  .command('explain <id>')
  .description('say why a message was refused, and what the registry says of it today (operators)')
  .action(async (id: string) => {
    const path = `/admin/messages/${encodeURIComponent(id)}/explanation`;
    print(printVerdict(await read<Verdict>(operator(), path)).replace('would be', 'it was'));
  });

program
  .command('tail')
  .description('follow the journal of all nodes (operators)')
  .action(() => tail(connection(), print));

program
  .command('hash')
  .description('hash a secret read from standard input, for a registry document')
  .action(async () => {
    let secret = '';
    for await (const chunk of process.stdin) secret += String(chunk);
    print(hashSecret(secret.replace(/\r?\n$/, '')));
  });

program
  .command('reload')
  .description('load the registry documents anew (operators)')
  .action(async () => {
    const { status, text } = await call(connection(), 'POST', '/admin/registry/reload');
    if (status >= 300) throw new CommandError(`${explain(status, text)}\n${text}`);
    print(text);
  });

program
  .command('broker')
  .description('RabbitMQ (operators)')
  .command('grant <system>')
  .description('create a RabbitMQ user of a system, or give it a new password, which is shown once')
  .option('--username <name>', 'which of its users; default: the first')
  .action(async (system: string, { username }: { username?: string }) => {
    const which = username === undefined ? '' : `?username=${encodeURIComponent(username)}`;
    const path = `/admin/broker/grants/${encodeURIComponent(system)}${which}`;
    const { status, text } = await call(connection(), 'POST', path);
    if (status >= 300) throw new CommandError(explain(status, text));
    print(text);
  });

program.addCommand(missingCommand({ connection: operator, print }));
for (const command of orderCommands({ connection: operator, print })) program.addCommand(command);
for (const command of jobCommands({ connection: operator, print })) program.addCommand(command);
for (const command of situationCommands({ connection: operator, print })) program.addCommand(command);
program.addCommand(diagnosticsCommand({ connection: operator, print }));
program.addCommand(keysCommand({ connection: operator, print }));
program.addCommand(registryCommand({ connection: operator, env, print }));
program.addCommand(serviceCommand({ connection: operator, print }));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(
    `${visibleText(error instanceof CommandError ? error.message : String((error as Error).stack))}\n`,
  );
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
});
