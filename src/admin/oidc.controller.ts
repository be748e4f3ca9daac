import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiFoundResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Attempt, OidcLogIn } from '../login/oidc.js';
import { Fault } from '../message/fault.js';
import { json, problem, text } from './answers.js';
import { beginSession } from './begin-session.js';
import { LANDING } from './landing.js';
import { optional } from './parameters.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { cookieName, cookieOf } from './presented.js';
import { wrong } from './query-values.js';
import { Open, type OperatorRequest } from './requires.js';
import { forgetAttempt, keepAttempt } from './session-cookies.js';

const AWAY = problem('The issuer cannot be reached: `issuer-away`.');
const NONE = problem('There is no issuer: `route-unknown`.');

/** Log-in at the issuer of the settings. */
@ApiTags('session')
@Controller('admin/session')
export class OidcController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('methods')
  @Open()
  @ApiOperation({ summary: 'How operators may log in here' })
  @ApiOkResponse(json('Which there are.', 'LogInMethods'))
  methods() {
    return { password: true, oidc: this.parts.oidc !== null };
  }

  @Get('oidc')
  @Open()
  @ApiOperation({ summary: 'Sends the browser to the issuer' })
  @ApiQuery(optional('to', `page below /console/ or /admin/ to go on to; default ${LANDING}`))
  @ApiFoundResponse({ description: 'To the issuer.' })
  @ApiNotFoundResponse(NONE)
  @ApiServiceUnavailableResponse(AWAY)
  async begin(@Query('to') to: string | undefined, @Res() reply: FastifyReply) {
    const { address, attempt } = await this.issuer().begin();
    const kept = JSON.stringify({ ...attempt, to: pageFrom(to) });
    keepAttempt(reply, Buffer.from(kept).toString('base64url'), this.parts.isTls);
    await reply.redirect(address, 302);
  }

  @Get('oidc/callback')
  @Open()
  @ApiOperation({ summary: 'Where the issuer sends the browser back to; begins the session' })
  @ApiOkResponse(text('A page that goes on.', 'text/html'))
  @ApiUnauthorizedResponse(problem('It is no answer to a log-in of this browser: `log-in-refused`.'))
  @ApiForbiddenResponse(problem('Whom the issuer names is no operator: `operator-not-allowed`.'))
  @ApiNotFoundResponse(NONE)
  @ApiServiceUnavailableResponse(AWAY)
  async finish(@Req() request: OperatorRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { isTls, publicUrl, audit } = this.parts;
    const issuer = this.issuer();
    const { to, ...attempt } = attemptIn(cookieOf(request, cookieName('oidc', isTls)));
    forgetAttempt(reply, isTls);
    const found = await issuer.finish(new URL(request.url, publicUrl), attempt).catch(async (error: unknown) => {
      const nobody = { operator: null, subject: null, participants: null };
      await audit.write({ event: 'session.refused', address: request.ip, ...nobody, detail: { method: 'oidc' } });
      throw error;
    });
    await beginSession({ ...found, method: 'oidc', mustChange: false }, request, reply, this.parts);
    void reply.type('text/html; charset=utf-8');
    return goOn(to);
  }

  private issuer(): OidcLogIn {
    if (this.parts.oidc) return this.parts.oidc;
    throw new Fault('route-unknown', {
      detail: 'There is no issuer in the settings of this gateway.',
      place: 'address',
    });
  }
}

/** A page of this gateway, and nothing that could be read as markup. Throws parameter-wrong. */
function pageFrom(to: string | undefined): string {
  const page = to ?? LANDING;
  if (!page.includes('..') && /^\/(console|admin)\/[\w\-./]{0,200}(\?[\w\-.~=&%+]{0,300})?$/.test(page)) return page;
  throw wrong('to', 'a path below /console/ or /admin/');
}

/** Throws log-in-refused for a browser that has begun no log-in. */
function attemptIn(cookie: string | undefined): Attempt & { readonly to: string } {
  try {
    const kept = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString()) as Record<string, unknown>;
    const [state, nonce, verifier] = [kept['state'], kept['nonce'], kept['verifier']].map(String) as [
      string,
      string,
      string,
    ];
    return { state, nonce, verifier, to: pageFrom(String(kept['to'])) };
  } catch (cause) {
    throw new Fault('log-in-refused', {
      detail: 'This browser has begun no log-in within the last 10 minutes.',
      expected: 'a log-in that begins at GET /admin/session/oidc',
      cause,
    });
  }
}

/** A redirect would still count as sent by the issuer's site, and the browser would hold the session's cookie back. */
const goOn = (page: string) => {
  const to = page.replaceAll('&', '&amp;');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${to}"><title>Crocevia</title><a href="${to}">Go on</a></html>`;
};
