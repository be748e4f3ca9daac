import { stringifySetCookie } from 'cookie';
import type { FastifyReply } from 'fastify';
import { cookieName } from './presented.js';

const YEAR_S = 31_536_000;

type Name = Parameters<typeof cookieName>[0];

interface Kept {
  readonly value: string;
  /** Lax: it comes along when another site sends the browser here. */
  readonly sameSite: 'strict' | 'lax';
  /** Seconds; left out: until the browser is closed. */
  readonly maxAge?: number;
}

function setCookie(reply: FastifyReply, name: Name, isTls: boolean, { value, sameSite, maxAge }: Kept): void {
  const options = { httpOnly: true, secure: isTls, path: '/', sameSite, ...(maxAge !== undefined && { maxAge }) };
  const cookie = stringifySetCookie({ name: cookieName(name, isTls), value, ...options });
  void reply.header('set-cookie', cookie);
}

export const keepSession = (reply: FastifyReply, id: string, isTls: boolean): void =>
  setCookie(reply, 'session', isTls, { value: id, sameSite: 'strict' });

export const forgetSession = (reply: FastifyReply, isTls: boolean): void =>
  setCookie(reply, 'session', isTls, { value: '', sameSite: 'strict', maxAge: 0 });

/** By which the throttle knows a browser again. */
export const keepDevice = (reply: FastifyReply, id: string, isTls: boolean): void =>
  setCookie(reply, 'device', isTls, { value: id, sameSite: 'strict', maxAge: YEAR_S });

const ATTEMPT_S = 600;

/** The issuer's site sends the browser back: that one must come along. */
export const keepAttempt = (reply: FastifyReply, attempt: string, isTls: boolean): void =>
  setCookie(reply, 'oidc', isTls, { value: attempt, sameSite: 'lax', maxAge: ATTEMPT_S });

export const forgetAttempt = (reply: FastifyReply, isTls: boolean): void =>
  setCookie(reply, 'oidc', isTls, { value: '', sameSite: 'lax', maxAge: 0 });
