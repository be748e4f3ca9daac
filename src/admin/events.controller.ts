import { Controller, Headers, Inject, MessageEvent, Query, Sse, UseGuards } from '@nestjs/common';
import { Observable, from } from 'rxjs';
import type { JournalEvent } from '../trace/events.js';
import { OperatorGuard } from './operator.guard.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';

const POLL_MS = 1_000;
const PAGE = 500;

/** The journal as it grows, of all nodes: server-sent events whose id is the cursor to resume from. */
@Controller('admin/events')
@UseGuards(OperatorGuard)
export class EventsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Sse()
  stream(@Query('after') after?: string, @Headers('last-event-id') resume?: string): Observable<MessageEvent> {
    const cursor = Number(resume ?? after);
    return from(follow(this.parts, Number.isInteger(cursor) && cursor >= 0 ? cursor : null));
  }
}

async function* follow({ trace, feed, stopSignal }: AdminParts, start: number | null): AsyncGenerator<MessageEvent> {
  let cursor = start ?? (await trace.lastSeq());
  let wake: () => void = () => undefined;
  const unsubscribe = feed.subscribe(() => wake());
  try {
    while (!stopSignal.aborted) {
      const rows = await trace.eventsAfter(cursor, PAGE);
      for (const row of rows) yield show(row);
      cursor = rows.at(-1)?.seq ?? cursor;
      if (rows.length === 0)
        await new Promise<void>((resolve) => wakeAfter(POLL_MS, resolve, (waker) => (wake = waker)));
    }
  } finally {
    unsubscribe();
  }
}

function wakeAfter(ms: number, resolve: () => void, expose: (waker: () => void) => void): void {
  const timer = setTimeout(resolve, ms);
  expose(() => {
    clearTimeout(timer);
    resolve();
  });
}

const show = (row: JournalEvent): MessageEvent => ({
  id: String(row.seq),
  type: row.event,
  data: { ...row, at: row.at.toISOString() },
});
