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
import { stored, suspending } from '../registry/documents/edits.js';
import { keyText, type DocumentKey } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { reasonIn } from './deliveries.controller.js';
import { showStored } from './document-answers.js';
import { mayRead } from './document-scope.js';
import { requireReach } from './held-back.js';
import { ID, optional } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const BODY = { ...ID, description: 'IPA code' };
const WHY = { ...optional('reason', 'stands in the history of the registry and in the audit'), required: true };
const UNKNOWN = problem('No such body in the operator’s scope: `document-unknown`.');
const WRONG = problem('No reason: `parameter-wrong`.');

/** Whole bodies, shut out and let in again. */
@ApiTags('participants')
@Controller('admin/participants')
export class ParticipantsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post(':id/suspend')
  @HttpCode(200)
  @Requires('participant.suspend')
  @ApiOperation({
    summary: 'Nothing is taken from it, nothing is delivered to it or asked of it',
    description:
      'What it sends is refused with `participant-suspended`. What it has sent and what others send to it is kept and waits as SUSPENDED, ' +
      'and burns no attempt. Its systems and agreements stay as they are written.',
  })
  @ApiParam(BODY)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The body, suspended.', 'StoredDocument'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  suspend(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    return this.turn(id, true, query, operator, request);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Requires('participant.suspend')
  @ApiOperation({ summary: 'Ends a suspension; what waited goes on, systems that were paused by themselves stay so' })
  @ApiParam(BODY)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The body, which takes part.', 'StoredDocument'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  resume(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    return this.turn(id, false, query, operator, request);
  }

  private async turn(
    id: string,
    isSuspended: boolean,
    query: Asked,
    operator: ActingOperator,
    { ip }: OperatorRequest,
  ) {
    const { desk, audit } = this.parts;
    const key: DocumentKey = { kind: 'participant', id, version: 0 };
    const found = desk.documents().get(keyText(key));
    if (!found || !mayRead(operator, found.document)) stored(new Map(), key);
    requireScope(operator, id);
    const reason = reasonIn(query);
    if (!isSuspended) await requireReach(key, operator, this.parts);
    await desk.write(suspending(key, isSuspended), writerOf(operator, reason));
    const event = isSuspended ? 'participant.suspended' : 'participant.resumed';
    await audit.write(entryOf(event, operator, ip, { subject: id, participants: [id], detail: { reason } }));
    return showStored(stored(desk.documents(), key), operator);
  }
}

interface Asked {
  readonly reason?: string;
}
