import {
  BadRequestException,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Query,
  UseGuards,
} from '@nestjs/common';
import type { MessageState } from '../message/message.js';
import type { MessageFilter, MessageStatus } from '../trace/ports.js';
import { showStatus } from '../trace/status.js';
import { timelineOf } from '../trace/timeline.js';
import { OperatorGuard } from './operator.guard.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';

const STATES: readonly MessageState[] = ['ACCEPTED', 'COMPLETED', 'PARTIALLY_FAILED', 'REJECTED'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every message, for operators. */
@Controller('admin/messages')
@UseGuards(OperatorGuard)
export class MessagesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  /** Newest first; `before` is the id of the last one seen. */
  @Get()
  async list(@Query() query: Record<string, string | undefined>) {
    const limit = Math.min(Math.max(Number(query['limit'] ?? 50) || 50, 1), 500);
    const before = query['before'];
    if (before !== undefined && !UUID.test(before)) throw new BadRequestException('before is no message id');
    const rows = await this.parts.trace.list(filterOf(query), { limit, ...(before !== undefined && { before }) });
    return {
      items: rows.map((row) => showStatus(row, this.parts.publicUrl)),
      next: rows.length === limit ? rows.at(-1)?.id : null,
    };
  }

  @Get(':id')
  async show(@Param('id') id: string) {
    return showStatus(await this.find(id), this.parts.publicUrl);
  }

  @Get(':id/timeline')
  async timeline(@Param('id') id: string) {
    const found = await this.find(id);
    return { id: found.id, entries: timelineOf(await this.parts.trace.timeline(found.id)) };
  }

  private async find(id: string): Promise<MessageStatus> {
    const { trace } = this.parts;
    const found = UUID.test(id)
      ? await trace.status(id)
      : preferAccepted(await trace.list({ text: id }, { limit: 20 }));
    if (!found) throw new NotFoundException(`No message "${id.slice(0, 64)}".`);
    return found;
  }
}

function filterOf(query: Record<string, string | undefined>): MessageFilter {
  const { state, sender, receiver, service, text } = query;
  if (state !== undefined && !STATES.includes(state as MessageState))
    throw new BadRequestException(`state is none of ${STATES.join(', ')}`);
  return {
    ...(state !== undefined && { state: state as MessageState }),
    ...(sender !== undefined && { sender }),
    ...(receiver !== undefined && { receiver }),
    ...(service !== undefined && { service }),
    ...(text !== undefined && { text }),
  };
}

/** An id may have been refused before and after it was accepted once; the accepted message is the one that is meant. */
const preferAccepted = (found: readonly MessageStatus[]) => found.find(({ state }) => state !== 'REJECTED') ?? found[0];
