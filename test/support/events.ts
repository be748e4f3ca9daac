import { request } from 'undici';

/** One server-sent event of the journal. */
export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly messageId: string };
  /** As it came. */
  readonly raw: string;
}

/** Reads `GET /admin/events` until one of them is as wanted, that one included. Throws where the stream is refused or ends. */
export async function eventsUntil(
  url: string,
  headers: Record<string, string>,
  isLast: (event: SentEvent) => boolean,
): Promise<readonly SentEvent[]> {
  const reply = await request(`${url}`, { headers, bodyTimeout: 20_000 });
  if (reply.statusCode !== 200) throw new Error(`${reply.statusCode} ${await reply.body.text()}`);
  const seen: SentEvent[] = [];
  let rest = '';
  for await (const chunk of reply.body) {
    const blocks = (rest + String(chunk)).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const event of blocks.flatMap(read)) {
      seen.push(event);
      if (isLast(event)) return seen;
    }
  }
  throw new Error(`the stream ended after ${seen.length} events`);
}

function read(raw: string): readonly SentEvent[] {
  const member = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(raw)?.[1] ?? '';
  const data = member('data');
  return data === ''
    ? []
    : [{ id: member('id'), event: member('event'), data: JSON.parse(data) as SentEvent['data'], raw }];
}
