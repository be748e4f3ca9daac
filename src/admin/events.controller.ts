import { Controller, Headers, Inject, MessageEvent, Query, Req, Sse } from '@nestjs/common';
import { ApiBadRequestResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Observable, defer, finalize, from } from 'rxjs';
import { Fault } from '../message/fault.js';
import type { JournalEvent } from '../trace/events.js';
import { JournalTail, type Following } from '../trace/journal-tail.js';
import { seldom } from '../seldom.js';
import { problem, text } from './answers.js';
import { shownTo } from './contents.js';
import { eventCursors, type EventCursors } from './event-cursor.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { presentedIn } from './presented.js';
import { CurrentOperator, Requires } from './requires.js';
import { eventInSight } from './sight.js';

/** Streams of one operator, and of all, that a node keeps open. */
const MOST_STREAMS = { operator: 20, node: 200 };
/** Who is let in is so for a second. */
const ADMITTED_MS = 1_000;
const CURSOR = { type: 'string', maxLength: 22 };

/** The journal as it grows, of all nodes: server-sent events whose id is the cursor to resume from. */
@ApiTags('events')
@Controller('admin/events')
export class EventsController {
  /** Open ones by operator. */
  private readonly open = new Map<string, number>();

  private readonly tail: JournalTail;

  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {
    this.tail = new JournalTail(parts.trace, parts.feed);
  }

  @Sse()
  @Requires('events.read')
  @ApiOperation({ summary: 'Every change of a message in the operator’s scope, as it happens' })
  @ApiQuery({
    name: 'after',
    required: false,
    schema: CURSOR,
    description: 'begin after the event with this id, or 0: as far back as is kept; default: now',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, schema: CURSOR, description: 'as `after`, sent by browsers' })
  @ApiBadRequestResponse(problem('No such cursor can be.'))
  @ApiOkResponse(text('Server-sent events: `id` the cursor, `event` the name, `data` JSON.', 'text/event-stream'))
  async stream(
    @Query('after') after: string | undefined,
    @Headers('last-event-id') resume: string | undefined,
    @Req() request: FastifyRequest,
    @CurrentOperator() { id }: ActingOperator,
  ): Promise<Observable<MessageEvent>> {
    const cursors = eventCursors(await this.parts.cursorKey(), id);
    const start = resume ?? after;
    const cursor = start === undefined ? await this.parts.trace.lastSeq() : cursors.read(start);
    const presented = presentedIn(request, this.parts.isTls);
    const admit = seldom(ADMITTED_MS, () => this.parts.admit(presented, 'events.read').catch(() => null));
    // Nest does not subscribe where the client has left meanwhile.
    return defer(() => {
      this.begin(id);
      const following = this.tail.follow(cursor);
      const end = () => (following.end(), this.end(id));
      return from(follow(this.parts, admit, { cursor, cursors, following })).pipe(finalize(end));
    });
  }

  /** Throws overloaded. */
  private begin(operator: string): void {
    const [own, all] = [this.open.get(operator) ?? 0, [...this.open.values()].reduce((sum, count) => sum + count, 0)];
    if (own >= MOST_STREAMS.operator || all >= MOST_STREAMS.node)
      throw new Fault('overloaded', { detail: `Operator ${operator} has ${own} streams open.`, retryAfterSeconds: 30 });
    this.open.set(operator, own + 1);
  }

  private end(operator: string): void {
    const left = (this.open.get(operator) ?? 1) - 1;
    if (left > 0) this.open.set(operator, left);
    else this.open.delete(operator);
  }
}

/** Ends when the node stops and when the operator is not let in any more: the registry may change meanwhile. */
async function* follow(
  parts: AdminParts,
  admit: () => Promise<ActingOperator | null>,
  { cursor, cursors, following }: { cursor: number; readonly cursors: EventCursors; readonly following: Following },
): AsyncGenerator<MessageEvent> {
  while (!parts.stopSignal.aborted) {
    const rows = await following.after(cursor);
    const operator = rows && (await admit());
    if (!operator) return;
    for (const row of await inScope(rows, operator, parts)) yield show(row, operator, cursors);
    cursor = rows.at(-1)?.seq ?? cursor;
  }
}

async function inScope(rows: readonly JournalEvent[], operator: ActingOperator, { trace }: AdminParts) {
  const { participants } = operator;
  if (participants === null) return rows;
  const ids = new Set(rows.map(({ messageId }) => messageId));
  const senders = await trace.concerning([...ids], [...participants]);
  return rows.filter((row) => {
    const sender = senders.get(row.messageId);
    return sender !== undefined && eventInSight(row, sender, operator);
  });
}

const show = ({ seq, ...row }: JournalEvent, operator: ActingOperator, cursors: EventCursors): MessageEvent => ({
  id: cursors.write(seq),
  type: row.event,
  data: shownTo(operator, { ...row, at: row.at.toISOString() }),
});
