import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { draftOf } from '../corrections/draft.js';
import { CORRECTION_STATES, type Correction } from '../corrections/ports.js';
import { Fault } from '../message/fault.js';
import type { AuditEvent } from '../trace/audit.js';
import type { MessageStatus } from '../trace/ports.js';
import { json, problem, schemaOf } from './answers.js';
import { entryOf } from './audit-entry.js';
import { decisionIn, proposalIn, showCorrection } from './correction-schemas.js';
import { findMessage } from './find-message.js';
import { UUID } from './message-query.js';
import { choice, ID, LIMIT, optional } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const MESSAGE = { ...ID, description: 'id of the gateway or of the sender, or a correlation id' };
const UNKNOWN_MESSAGE = problem('No such message in the operator’s scope, or nothing is kept of it.');
const UNKNOWN = problem('No such correction in the operator’s scope: `correction-unknown`.');
const IMPOSSIBLE = problem('It is no text, a question, or still has the id of the original: `correction-impossible`.');
const WRONG_STATE = problem('It is decided, or its time is over: `correction-state-wrong`.');
const WRONG = problem('A member is wrong: `parameter-wrong`.');
const DECISION = { required: false, schema: schemaOf('CorrectionDecision') };

/** Edited copies of messages, under an id of their own: one operator writes, another one approves. */
@ApiTags('corrections')
@Controller('admin')
export class CorrectionsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('messages/:id/correction-draft')
  @Requires('messages.correct')
  @ApiOperation({ summary: 'The text of a message to be edited; that it was looked at stands in its journal' })
  @ApiParam(MESSAGE)
  @ApiOkResponse(json('The text.', 'CorrectionDraft'))
  @ApiNotFoundResponse(UNKNOWN_MESSAGE)
  @ApiConflictResponse(IMPOSSIBLE)
  async draft(@Param('id') id: string, @CurrentOperator() operator: ActingOperator, @Req() { ip }: OperatorRequest) {
    const message = await this.ofOwnSender(id, operator);
    return draftOf(await this.viewed(message, operator, ip));
  }

  @Post('messages/:id/corrections')
  @Requires('messages.correct')
  @ApiOperation({
    summary: 'Proposes an edited copy of a message; it is sent once another operator has approved it',
    description: 'It is examined first: what would be refused is told with every fault and 200, and nothing is kept.',
  })
  @ApiParam(MESSAGE)
  @ApiBody({ schema: schemaOf('CorrectionBody') })
  @ApiCreatedResponse(json('It waits for another operator, for a day.', 'CorrectionOutcome'))
  @ApiOkResponse(json('What stands against it.', 'CorrectionOutcome'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN_MESSAGE)
  @ApiConflictResponse(IMPOSSIBLE)
  async propose(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const message = await this.ofOwnSender(id, operator);
    const { text, reason, receiver = null } = proposalIn(body);
    const viewed = await this.viewed(message, operator, ip);
    const order = { message, viewed, text, receiver, reason: reason.trim(), operator: operator.id };
    const { correction, faults } = await this.parts.corrections.propose(order);
    if (correction === null) void reply.status(200);
    else await this.noted('correction.proposed', correction, operator, ip);
    return { correction: correction && showCorrection(correction), faults };
  }

  @Get('corrections')
  @Requires('messages.correct')
  @ApiOperation({ summary: 'Corrections, newest first: those of senders in the operator’s scope' })
  @ApiQuery(choice('state', CORRECTION_STATES))
  @ApiQuery(optional('before', '`next` of the page before'))
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'CorrectionPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async list(
    @Query() query: Readonly<Record<string, string | undefined>>,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const { before } = query;
    if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
    const limit = wholeFrom('limit', query['limit'], PAGE.standard, PAGE.maximum);
    const state = oneOf('state', query['state'], CORRECTION_STATES);
    const senders = operator.participants && [...operator.participants];
    const page = { senders, limit, ...(state && { state }), ...(before && { before }) };
    const rows = await this.parts.correctionStore.list(page);
    return { items: rows.map(showCorrection), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
  }

  @Get('corrections/:id')
  @Requires('messages.correct')
  @ApiOperation({ summary: 'One correction' })
  @ApiParam(ID)
  @ApiOkResponse(json('The correction.', 'Correction'))
  @ApiNotFoundResponse(UNKNOWN)
  async one(@Param('id') id: string, @CurrentOperator() operator: ActingOperator) {
    return showCorrection(await this.find(id, operator));
  }

  @Get('corrections/:id/content')
  @Requires('messages.correct')
  @ApiOperation({ summary: 'What it would send; that it was looked at stands in the audit' })
  @ApiParam(ID)
  @ApiOkResponse(json('The text.', 'CorrectionDraft'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiGoneResponse(problem('It is decided: what was sent is the content of its message. `content-purged`.'))
  async content(@Param('id') id: string, @CurrentOperator() operator: ActingOperator, @Req() { ip }: OperatorRequest) {
    const correction = await this.find(id, operator);
    const content = await this.parts.correctionStore.content(correction.id);
    if (content === null)
      throw new Fault('content-purged', { detail: `The correction is ${correction.state}.`, place: 'address' });
    await this.noted('content.viewed', correction, operator, ip);
    return { text: content.toString(), type: correction.headers['content-type'] ?? '' };
  }

  @Post('corrections/:id/approve')
  @HttpCode(200)
  @Requires('messages.correct')
  @ApiOperation({
    summary: 'Sends it as its sender’s; never by who has written it',
    description:
      'It takes the whole path: REFUSED where the gateway does not take it any more, PROPOSED where it is to be tried again.',
  })
  @ApiParam(ID)
  @ApiBody(DECISION)
  @ApiOkResponse(json('The correction, decided.', 'Correction'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async approve(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ) {
    const { reason } = decisionIn(body);
    const correction = await this.find(id, operator);
    const decided = await this.parts.corrections.approve(correction, operator.id, reason?.trim() ?? null);
    await this.noted('correction.approved', decided, operator, ip);
    return showCorrection(decided);
  }

  @Post('corrections/:id/reject')
  @HttpCode(200)
  @Requires('messages.correct')
  @ApiOperation({ summary: 'It is not sent; also by who has written it' })
  @ApiParam(ID)
  @ApiBody({ schema: schemaOf('CorrectionDecision') })
  @ApiOkResponse(json('The correction, rejected.', 'Correction'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async reject(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ) {
    const { reason } = decisionIn(body);
    if (reason === undefined) throw wrong('reason', '1 to 500 characters');
    const correction = await this.find(id, operator);
    const decided = await this.parts.corrections.reject(correction, operator.id, reason.trim());
    await this.noted('correction.rejected', decided, operator, ip);
    return showCorrection(decided);
  }

  /** Only who looks after the sender speaks for it. Throws message-unknown, operator-not-allowed. */
  private async ofOwnSender(id: string, operator: ActingOperator): Promise<MessageStatus> {
    const message = await findMessage(id, operator, this.parts);
    requireScope(operator, message.sender.participant);
    return message;
  }

  /** Throws message-unknown. */
  private async viewed({ id }: MessageStatus, operator: ActingOperator, ip: string) {
    const viewed = await this.parts.contents.view(id, operator.id, ip);
    if (viewed) return viewed;
    throw new Fault('message-unknown', { detail: `Of message ${id} no contents are kept.`, place: 'address' });
  }

  /** Throws correction-unknown. */
  private async find(id: string, { participants }: ActingOperator): Promise<Correction> {
    const found = await this.parts.correctionStore.find(id);
    if (found && (participants === null || participants.has(found.sender))) return found;
    throw new Fault('correction-unknown', { detail: `No correction "${id.slice(0, 64)}".`, place: 'address' });
  }

  private noted(
    event: AuditEvent,
    { id, messageId, sender, state, sentAs }: Correction,
    operator: ActingOperator,
    ip: string,
  ): Promise<void> {
    const detail = { message: messageId, state, ...(sentAs !== null && { sentAs }) };
    return this.parts.audit.write(entryOf(event, operator, ip, { subject: id, participants: [sender], detail }));
  }
}
