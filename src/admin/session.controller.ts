import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Fault } from '../message/fault.js';
import { json, problem, schemaOf } from './answers.js';
import { entryOf } from './audit-entry.js';
import { beginSession } from './begin-session.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { cookieName, cookieOf, presentedIn } from './presented.js';
import { AnyOperator, CurrentOperator, Open, type OperatorRequest } from './requires.js';
import { showSession } from './session-answers.js';
import { bodyOf } from './session-bodies.js';
import { forgetSession, keepDevice } from './session-cookies.js';

/** Log-in of browsers. A command uses a bearer token and needs none of this. */
@ApiTags('session')
@Controller('admin/session')
export class SessionController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post()
  @HttpCode(200)
  @Open()
  @ApiOperation({ summary: 'Logs in with a local account; the session is a cookie' })
  @ApiBody({ schema: schemaOf('LogIn') })
  @ApiOkResponse(json('Who is logged in.', 'Session'))
  @ApiUnauthorizedResponse(problem('Something of it is wrong: `log-in-refused`.'))
  @ApiForbiddenResponse(problem('The browser says that another site sent this: `csrf-token-wrong`.'))
  @ApiTooManyRequestsResponse(problem('Too many were refused: `log-in-throttled`.'))
  async logIn(@Body() body: unknown, @Req() request: OperatorRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { accounts, isTls } = this.parts;
    if (presentedIn(request, isTls).isCrossSite) throw crossSite();
    const { operator: name, password, code = null } = bodyOf('LogIn', body);
    const device = cookieOf(request, cookieName('device', isTls)) ?? null;
    const loggedIn = await accounts
      .logIn({ name, password, code, address: request.ip, device })
      .catch((error: unknown) => this.refused(name, request.ip, error));
    keepDevice(reply, loggedIn.device, isTls);
    return beginSession({ ...loggedIn, method: 'password', idToken: null }, request, reply, this.parts);
  }

  @Get()
  @AnyOperator()
  @ApiOperation({ summary: 'Who is at work, what it may do, and the CSRF token of its session' })
  @ApiOkResponse(json('The operator; `session` is null with a bearer token.', 'Session'))
  async show(@CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    const account = operator.session ? await this.parts.accounts.find(operator.id) : null;
    return showSession(operator, cookieOf(request, cookieName('session', this.parts.isTls)), account);
  }

  @Delete()
  @AnyOperator()
  @ApiOperation({ summary: 'Logs out' })
  @ApiOkResponse(json('The session is over.', 'LoggedOut'))
  async logOut(
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { sessions, audit, isTls, oidc } = this.parts;
    const { session } = operator;
    forgetSession(reply, isTls);
    if (!session) return { logOutAt: null };
    await sessions.end(session);
    await audit.write(entryOf('session.ended', operator, request.ip));
    return { logOutAt: session.method === 'oidc' ? ((await oidc?.endSession(session.idToken)) ?? null) : null };
  }

  @Delete('all')
  @HttpCode(204)
  @AnyOperator()
  @ApiOperation({ summary: 'Logs out everywhere: ends every session of the operator' })
  @ApiNoContentResponse({ description: 'They are over.' })
  async logOutAll(
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { sessions, audit, isTls } = this.parts;
    forgetSession(reply, isTls);
    await sessions.endAll(operator.id);
    await audit.write(entryOf('sessions.ended', operator, request.ip, { subject: operator.id }));
  }

  /** A name that is nobody's may be a password in the wrong field: it is not kept. Who is held up is not written down anew. */
  private async refused(name: string, address: string, error: unknown): Promise<never> {
    if (!(error instanceof Fault) || error.code !== 'log-in-refused') throw error;
    const operator = (await this.parts.accounts.find(name)) === null ? null : name;
    const about = { subject: null, participants: null, detail: { method: 'password' } };
    await this.parts.audit.write({ event: 'session.refused', operator, address, ...about });
    throw error;
  }
}

const crossSite = () =>
  new Fault('csrf-token-wrong', { detail: 'The browser says that another site sent this.', place: 'Sec-Fetch-Site' });
