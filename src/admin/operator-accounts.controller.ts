import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { ID } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const UNKNOWN = problem('No such operator, or it has no account: `document-unknown`.');

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
  @ApiCreatedResponse(json('The password, told once.', 'FirstPassword'))
  @ApiNotFoundResponse(UNKNOWN)
  async reset(@Param('id') id: string, @CurrentOperator() by: ActingOperator, @Req() request: OperatorRequest) {
    const password = await this.parts.accounts.reset(id);
    if (password === null) throw unknown(id);
    await this.parts.sessions.endAll(id);
    await this.note('account.made', id, by, request);
    return { operator: id, password };
  }

  @Delete(':id/account')
  @HttpCode(204)
  @Requires('account.write')
  @ApiOperation({ summary: 'Takes a local account away, and ends the sessions of its operator' })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiNotFoundResponse(UNKNOWN)
  async remove(@Param('id') id: string, @CurrentOperator() by: ActingOperator, @Req() request: OperatorRequest) {
    if (!(await this.parts.accounts.remove(id))) throw unknown(id);
    await this.parts.sessions.endAll(id);
    await this.note('account.removed', id, by, request);
  }

  @Delete(':id/sessions')
  @HttpCode(204)
  @Requires('account.write')
  @ApiOperation({ summary: 'Ends every session of an operator' })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'They are over.' })
  async logOut(@Param('id') id: string, @CurrentOperator() by: ActingOperator, @Req() request: OperatorRequest) {
    await this.parts.sessions.endAll(id);
    await this.note('sessions.ended', id, by, request);
  }

  private note(event: AuditEvent, subject: string, by: ActingOperator, { ip }: OperatorRequest): Promise<void> {
    const scope = this.parts.current().operator(subject)?.scope ?? null;
    return this.parts.audit.write(entryOf(event, by, ip, { subject, participants: scope === null ? null : [scope] }));
  }
}

const unknown = (id: string) =>
  new Fault('document-unknown', {
    detail: `There is no account of an operator "${id.slice(0, 64)}".`,
    place: 'address',
  });
