import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { call, CommandError, explain, type Connection } from './client.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

/** `crocevia diagnostics`: what a support case needs. */
export function diagnosticsCommand({ connection, print }: Parts): Command {
  return new Command('diagnostics')
    .description('what a support case needs, without contents, credentials or personal data (operators)')
    .argument('[file.json]', 'where to write it; default: standard output')
    .action(async (file: string | undefined) => {
      const { status, text, bytes } = await call(connection(), 'GET', '/admin/system/diagnostics');
      if (status >= 300) throw new CommandError(explain(status, text));
      if (file === undefined) return print(text.trimEnd());
      await writeFile(file, bytes).catch((error: Error) => {
        throw new CommandError(`Cannot write ${file}: ${error.message}`);
      });
      print(`${file}: ${bytes.length} bytes; read it before you send it`);
    });
}
