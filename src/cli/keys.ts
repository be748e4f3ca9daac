import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { call, CommandError, explain, type Connection } from './client.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

/** `crocevia keys`: master keys. */
export function keysCommand({ connection, print }: Parts): Command {
  const keys = new Command('keys').description('master keys, with which secrets and contents are sealed');
  keys
    .command('new')
    .description('print a new key for CROCEVIA_MASTER_KEY_FILE')
    .action(() => print(randomBytes(32).toString('base64')));
  keys
    .command('rotate')
    .description('seal what is stored anew with the first key; may be broken off and run again (operators)')
    .action(() => rotate(connection(), print));
  return keys;
}

async function rotate(connection: Connection, print: Parts['print']): Promise<void> {
  for (let total = 0; ;) {
    const { status, text } = await call(connection, 'POST', '/admin/keys/rotate?limit=200');
    if (status >= 300) throw new CommandError(explain(status, text));
    const { done, left } = JSON.parse(text) as { done: number; left: number };
    total += done;
    print(left > 0 ? `${total} sealed anew, ${left} left` : `${total} sealed anew, nothing left`);
    if (left === 0) return;
  }
}
