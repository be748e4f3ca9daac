import { Readable } from 'node:stream';
import { Body, Controller, Get, Inject, Param, Post, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sizeOf } from '../message/content.js';
import { Fault } from '../message/fault.js';
import type { Registry } from '../registry/registry.js';
import type { MessageStatus, ViewedContent } from '../trace/ports.js';
import { timelineOf } from '../trace/timeline.js';
import { json, problem, schemaOf } from './answers.js';
import { shownTo } from './contents.js';
import { detailOf } from './message-detail.js';
import { findMessage } from './find-message.js';
import { ID } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { wrong } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';
import { eventInSight, inSight } from './sight.js';

const MESSAGE = { ...ID, description: 'id of the gateway or of the sender, or a correlation id' };
const BYTES = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
const MOST_OF_NOTE = 2_000;
const UNKNOWN = problem('No such message in the operator’s scope.');

/** Messages of which the sender or a receiver is in the operator's scope; the other receivers only for the sender's side. */
@ApiTags('messages')
@Controller('admin/messages')
export class MessagesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get(':id')
  @Requires('messages.read')
  @ApiOperation({ summary: 'One message as it stands' })
  @ApiParam(MESSAGE)
  @ApiOkResponse(json('The message, with what belongs to it.', 'MessageDetail'))
  @ApiNotFoundResponse(UNKNOWN)
  async one(@Param('id') id: string, @CurrentOperator() operator: ActingOperator) {
    return detailOf(await findMessage(id, operator, this.parts), operator, this.parts);
  }

  @Post(':id/notes')
  @Requires('messages.note')
  @ApiOperation({ summary: 'Writes a note on a message; operators who see the message read it, systems do not' })
  @ApiParam(MESSAGE)
  @ApiBody({ schema: schemaOf('Note') })
  @ApiCreatedResponse(json('The message, with the note.', 'MessageDetail'))
  @ApiBadRequestResponse(problem('No note: `parameter-wrong`.'))
  @ApiNotFoundResponse(UNKNOWN)
  async note(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ) {
    const found = await findMessage(id, operator, this.parts);
    await this.parts.notes.add(found.id, noteIn(body), operator.id, ip);
    return detailOf(found, operator, this.parts);
  }

  @Get(':id/timeline')
  @Requires('messages.read')
  @ApiOperation({ summary: 'The story of one message' })
  @ApiParam(MESSAGE)
  @ApiOkResponse(json('Its events in order.', 'Timeline'))
  @ApiNotFoundResponse(UNKNOWN)
  async timeline(@Param('id') id: string, @CurrentOperator() operator: ActingOperator) {
    const found = await findMessage(id, operator, this.parts);
    const events = await this.parts.trace.timeline(found.id);
    const seen = events.filter((event) => eventInSight(event, found.sender.participant, operator));
    return shownTo(operator, { id: found.id, entries: timelineOf(seen) });
  }

  @Get(':id/explanation')
  @Requires('messages.read')
  @ApiOperation({ summary: 'Why a message was refused, as its rehearsal would have said' })
  @ApiParam(MESSAGE)
  @ApiOkResponse(json('Operation, agreement and fault.', 'Explanation'))
  @ApiNotFoundResponse(UNKNOWN)
  async explanation(@Param('id') id: string, @CurrentOperator() operator: ActingOperator) {
    const found = await findMessage(id, operator, this.parts);
    return shownTo(operator, explain(inSight(found, operator), this.parts.current()));
  }

  @Get(':id/content')
  @Requires('messages.payload')
  @ApiOperation({ summary: 'What a message carried, as it came; that it was looked at stands in its journal' })
  @ApiParam(MESSAGE)
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ description: 'The original bytes, under their own media type.', content: BYTES })
  @ApiNotFoundResponse(UNKNOWN)
  async content(
    @Param('id') id: string,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = await findMessage(id, operator, this.parts);
    const kept = await this.parts.contents.view(found.id, operator.id, request.ip);
    if (!kept) throw nothingKept(found.id);
    reply.headers(targetOf(kept));
    const { content, headers } = kept;
    const type = headers['content-type'] || 'application/octet-stream';
    const disposition = `attachment; filename="${found.id}"`;
    const options = { type, disposition, length: sizeOf(content) };
    if (Buffer.isBuffer(content)) return new StreamableFile(content, options);
    return new StreamableFile(Readable.from(this.parts.payloads.read(content.id, 0, content.size)), options);
  }
}

/** Throws parameter-wrong. */
function noteIn(body: unknown): string {
  const { note } = (body ?? {}) as { readonly note?: unknown };
  const text = typeof note === 'string' ? note.trim() : '';
  if (text.length > 0 && text.length <= MOST_OF_NOTE && !text.includes('\0')) return text;
  throw wrong('note', `1 to ${MOST_OF_NOTE} characters`);
}

/** What a query over REST asked stands in its address too. */
function targetOf({ headers }: ViewedContent): Record<string, string> {
  const { 'x-method': method, 'x-path': path = '', 'x-query': query } = headers;
  return method === undefined ? {} : { 'x-target': `${method} ${path}${query ? `?${query}` : ''}` };
}

const nothingKept = (id: string) =>
  new Fault('message-unknown', {
    detail: `Of message ${id} no contents are kept.`,
    place: 'address',
    expected: 'an accepted message, or a query under an agreement with evidence: full',
  });

/** The agreement is the one of today: it may have changed since. */
function explain({ id, state, sender, service, version, operation, fault, ...at }: MessageStatus, registry: Registry) {
  const [delivery, ...others] = at.deliveries;
  const receiver = at.receiver ?? (others.length === 0 && delivery ? delivery.receiver.participant : null);
  const isKnown = receiver !== null && service !== null && version !== null;
  const agreement = isKnown ? registry.agreement(sender.participant, receiver, service, version) : undefined;
  return {
    id,
    wouldBe: state === 'REJECTED' ? 'refused' : 'accepted',
    operation,
    agreement: agreement ? { id: agreement.id, status: agreement.status } : null,
    faults: fault ? [fault] : [],
  };
}
