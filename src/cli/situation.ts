import { Command } from 'commander';
import { query, read, type Connection } from './client.js';
import { printAttention, printQueue, type Attention, type Queue } from './print-situation.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

interface QueuePage {
  readonly items: readonly Queue[];
  readonly next: string | null;
}

/** `crocevia situation` and `queues`: how things stand. */
export function situationCommands({ connection, print }: Parts): readonly Command[] {
  const situation = new Command('situation')
    .description('what needs attention now, the worst first (operators)')
    .action(async () => {
      const { attention } = await read<{ attention: readonly Attention[] }>(connection(), '/admin/situation?period=1h');
      print(attention.map(printAttention).join('\n') || 'nothing needs attention');
    });
  const queues = new Command('queues')
    .description('what waits for each system, and whether it is spared or paused (operators)')
    .argument('[text]', 'part of an id, a code or a name')
    .action(async (text: string | undefined) => {
      let after: string | undefined;
      do {
        const page = await read<QueuePage>(connection(), `/admin/queues${query({ text, after, limit: '500' })}`);
        for (const queue of page.items) print(printQueue(queue));
        after = page.next ?? undefined;
      } while (after !== undefined);
    });
  return [situation, queues];
}
