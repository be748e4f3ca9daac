import { request } from 'undici';
import type { JournalEvent } from '../trace/events.js';
import { CommandError, explain, type Connection } from './client.js';

/** Prints the journal as it grows, one line an event, until the connection ends. */
export async function tail({ url, token }: Connection, print: (line: string) => void): Promise<void> {
  const reply = await request(`${url}/admin/events`, {
    headers: { authorization: `Bearer ${token ?? ''}`, accept: 'text/event-stream' },
    bodyTimeout: 0,
  });
  if (reply.statusCode !== 200) throw new CommandError(explain(reply.statusCode, await reply.body.text()));
  let rest = '';
  for await (const chunk of reply.body) {
    const blocks = (rest + String(chunk)).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data) print(line(JSON.parse(data) as JournalEvent));
    }
  }
}

function line({ at, event, messageId, detail, by, from, to }: JournalEvent): string {
  const change = from && to ? `${from} -> ${to}` : '';
  return [String(at), event.padEnd(26), messageId, detail.receiver ?? '', change, detail.fault?.code ?? '', `by ${by}`]
    .filter(Boolean)
    .join('  ');
}
