import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { ID, REASON } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const UNKNOWN = problem('No such operator, or it has no account: `document-unknown`.');

/** Characters. */
const MOST_REASON = 500;

/** Local accounts of other operators. */
@ApiTags('operators')
@Controller('admin/operators')
export class OperatorAccountsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get(':id/account')
  @Requires('account.write')
  @ApiOperation({ summary: 'Whether an operator has a local account, and how it is used' })
  @ApiParam(ID)
  @ApiOkResponse(json('The account, without what it keeps secret.', 'Account'))
  @ApiNotFoundResponse(UNKNOWN)
  async show(@Param('id') id: string) {
    const account = await this.parts.accounts.find(id);
    if (!account) throw unknown(id);
    const { operator, mustChange, totp, recovery, changedAt, loggedInAt } = account;
    const secondFactor = totp !== null;
    return { operator, mustChange, secondFactor, recoveryCodes: recovery.length, changedAt, loggedInAt };
  }

  @Post(':id/account')
  @HttpCode(201)
  @Requires('account.write')
  @ApiOperation({
    summary: 'Gives an operator a first password, which must be changed; second factor and sessions of before are gone',
  })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiCreatedResponse(json('The password, told once.', 'FirstPassword'))
  @ApiNotFoundResponse(UNKNOWN)
  async reset(
    @Param('id') id: string,
    @Query('reason') reason: string | undefined,
    @CurrentOperator() by: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const password = await this.parts.accounts.reset(id);
    if (password === null) throw unknown(id);
    await this.parts.sessions.endAll(id);
    await this.note('account.made', { id, reason }, by, request);
    return { operator: id, password };
  }

  @Delete(':id/account')
  @HttpCode(204)
  @Requires('account.write')
  @ApiOperation({ summary: 'Takes a local account away, and ends the sessions of its operator' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiNotFoundResponse(UNKNOWN)
  async remove(
    @Param('id') id: string,
    @Query('reason') reason: string | undefined,
    @CurrentOperator() by: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    if (!(await this.parts.accounts.remove(id))) throw unknown(id);
    await this.parts.sessions.endAll(id);
    await this.note('account.removed', { id, reason }, by, request);
  }

  @Delete(':id/sessions')
  @HttpCode(204)
  @Requires('account.write')
  @ApiOperation({ summary: 'Ends every session of an operator' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiNoContentResponse({ description: 'They are over.' })
  async logOut(
    @Param('id') id: string,
    @Query('reason') reason: string | undefined,
    @CurrentOperator() by: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    await this.parts.sessions.endAll(id);
    await this.note('sessions.ended', { id, reason }, by, request);
  }

  private note(
    event: AuditEvent,
    { id: subject, reason }: { readonly id: string; readonly reason: string | undefined },
    by: ActingOperator,
    { ip }: OperatorRequest,
  ): Promise<void> {
    const scope = this.parts.current().operator(subject)?.scope ?? null;
    const detail = reason === undefined ? {} : { reason: reason.slice(0, MOST_REASON) };
    const participants = scope === null ? null : [scope];
    return this.parts.audit.write(entryOf(event, by, ip, { subject, participants, detail }));
  }
}

const unknown = (id: string) =>
  new Fault('document-unknown', {
    detail: `There is no account of an operator "${id.slice(0, 64)}".`,
    place: 'address',
  });
