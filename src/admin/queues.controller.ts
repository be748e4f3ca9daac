import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import { MOST_CHANGED } from '../delivery/queue-orders.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { reasonIn } from './deliveries.controller.js';
import { ID, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { wholeFrom } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const SYSTEM = { ...ID, description: 'of the system' };
const WHY = { ...optional('reason', 'stands in the journal of each'), required: true };
const UNKNOWN = problem('No such system in the operator’s scope: `document-unknown`.');
const WRONG = problem('A parameter is wrong: `parameter-wrong`.');
const MOST = 9;
const PRIORITY = { name: 'priority', required: true, schema: { type: 'integer', minimum: 0, maximum: MOST } } as const;
const CHANGED = json(`How many, ${MOST_CHANGED} at most: what is left is changed by the next order.`, 'Changed');

type Asked = Readonly<Record<string, string | undefined>>;

/** What waits for one system, changed as a whole; who and why stands in the journal of each delivery. */
@ApiTags('queues')
@Controller('admin/queues')
export class QueuesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post(':id/release')
  @HttpCode(200)
  @Requires('queue.order')
  @ApiOperation({ summary: 'What waits for its next try is tried now' })
  @ApiParam(SYSTEM)
  @ApiQuery(WHY)
  @ApiOkResponse(CHANGED)
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  async release(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const participant = this.bodyOf(id, operator);
    const order = { operator: operator.id, reason: reasonIn(query) };
    const changed = await this.parts.queueOrders.release(id, order);
    await this.note(
      'queue.released',
      id,
      participant,
      { reason: order.reason, changed: String(changed) },
      operator,
      request,
    );
    return { changed };
  }

  @Post(':id/priority')
  @HttpCode(200)
  @Requires('queue.order')
  @ApiOperation({ summary: 'What waits, and lies in no broker yet, gets another priority' })
  @ApiParam(SYSTEM)
  @ApiQuery(PRIORITY)
  @ApiQuery(optional('sender', 'IPA code or system id: only what it has sent'))
  @ApiQuery(WHY)
  @ApiOkResponse(CHANGED)
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  async prioritise(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const participant = this.bodyOf(id, operator);
    const { sender } = query;
    const priority = wholeFrom('priority', query['priority'], -1, MOST, 0);
    const order = { operator: operator.id, reason: reasonIn(query), priority, ...(sender !== undefined && { sender }) };
    const changed = await this.parts.queueOrders.prioritise(id, order);
    const detail = { reason: order.reason, priority: String(priority), changed: String(changed) };
    await this.note('queue.prioritised', id, participant, detail, operator, request);
    return { changed };
  }

  /** Throws document-unknown where the system is not in the scope. */
  private bodyOf(id: string, { participants }: ActingOperator): string {
    const participant = this.parts.registry.participantOf(id);
    if (participant !== undefined && (participants?.has(participant) ?? true)) return participant;
    throw new Fault('document-unknown', { detail: `No system "${id.slice(0, 200)}".`, place: 'address' });
  }

  private note(
    event: AuditEvent,
    subject: string,
    participant: string,
    detail: Readonly<Record<string, string>>,
    operator: ActingOperator,
    { ip }: OperatorRequest,
  ): Promise<void> {
    return this.parts.audit.write(entryOf(event, operator, ip, { subject, participants: [participant], detail }));
  }
}
