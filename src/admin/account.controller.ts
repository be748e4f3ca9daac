import { Body, Controller, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { operatorOf } from '../login/known-operator.js';
import type { LogIn } from '../login/prove.js';
import { Fault } from '../message/fault.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem, schemaOf } from './answers.js';
import { entryOf } from './audit-entry.js';
import { beginSession } from './begin-session.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { cookieName, cookieOf } from './presented.js';
import { wrong } from './query-values.js';
import { AnyOperator, CurrentOperator, type OperatorRequest } from './requires.js';
import { bodyOf } from './session-bodies.js';

const NOT_PROVEN = problem('Password or code is wrong: `log-in-refused`.');
const NOT_GOOD = problem('The password is too short, or is guessed first: `password-refused`.');

/** What an operator does with its own local account. Each change ends its other sessions and gives this browser a new one. */
@ApiTags('session')
@Controller('admin/session')
export class AccountController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Put('password')
  @AnyOperator()
  @ApiOperation({ summary: 'Changes the password' })
  @ApiBody({ schema: schemaOf('NewPassword') })
  @ApiOkResponse(json('The new session.', 'Session'))
  @ApiUnauthorizedResponse(NOT_PROVEN)
  @ApiUnprocessableEntityResponse(NOT_GOOD)
  async changePassword(
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { newPassword, ...proof } = bodyOf('NewPassword', body);
    await this.parts.accounts.changePassword(this.proofOf(proof, operator, request), newPassword);
    return this.anew('password.changed', operator, request, reply);
  }

  @Post('second-factor')
  @HttpCode(200)
  @AnyOperator()
  @ApiOperation({ summary: 'Begins to enrol a second factor (TOTP), which is in force with its first code' })
  @ApiBody({ schema: schemaOf('Proof') })
  @ApiOkResponse(json('For the authenticator; told once.', 'Enrolment'))
  @ApiUnauthorizedResponse(NOT_PROVEN)
  begin(@Body() body: unknown, @CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    return this.parts.accounts.beginEnrolment(this.proofOf(bodyOf('Proof', body), operator, request));
  }

  @Post('second-factor/confirmation')
  @HttpCode(200)
  @AnyOperator()
  @ApiOperation({ summary: 'Puts the second factor in force' })
  @ApiBody({ schema: schemaOf('Code') })
  @ApiOkResponse(json('Codes that serve once each where the authenticator is lost; told once.', 'RecoveryCodes'))
  @ApiBadRequestResponse(problem('It is not the code of now.'))
  async enrol(
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const recoveryCodes = await this.parts.accounts.enrol(operator.id, bodyOf('Code', body).code);
    if (recoveryCodes === null) throw wrong('code', 'the six digits that the authenticator shows now');
    return { ...(await this.anew('second-factor.enrolled', operator, request, reply)), recoveryCodes };
  }

  @Post('second-factor/removal')
  @HttpCode(200)
  @AnyOperator()
  @ApiOperation({ summary: 'Removes the second factor' })
  @ApiBody({ schema: schemaOf('Proof') })
  @ApiOkResponse(json('The new session.', 'Session'))
  @ApiUnauthorizedResponse(NOT_PROVEN)
  @ApiUnprocessableEntityResponse(NOT_GOOD)
  async dropSecondFactor(
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.parts.accounts.dropSecondFactor(this.proofOf(bodyOf('Proof', body), operator, request));
    return this.anew('second-factor.removed', operator, request, reply);
  }

  private proofOf(
    { password, code }: { readonly password: string; readonly code?: string },
    { id: name }: ActingOperator,
    request: OperatorRequest,
  ): LogIn {
    const device = cookieOf(request, cookieName('device', this.parts.isTls)) ?? null;
    return { name, password, code: code ?? null, address: request.ip, device };
  }

  private async anew(event: AuditEvent, { id }: ActingOperator, request: OperatorRequest, reply: FastifyReply) {
    const { sessions, audit, current } = this.parts;
    const operator = operatorOf(id, current());
    if (!operator) throw new Fault('operator-unknown', { detail: 'It was taken out of the registry.' });
    await audit.write(entryOf(event, request.operator!, request.ip, { subject: id }));
    await sessions.endAll(id);
    return beginSession({ operator, method: 'password', mustChange: false, idToken: null }, request, reply, this.parts);
  }
}
