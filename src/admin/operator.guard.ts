import { createHash, timingSafeEqual } from 'node:crypto';
import { CanActivate, ExecutionContext, Inject, Injectable, UnauthorizedException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ADMIN_PARTS, type AdminParts } from './ports.js';

/** Lets operators in by bearer token, compared in constant time; without a configured token nobody gets in. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && this.parts.token !== null && sameSecret(given, this.parts.token)) return true;
    throw new UnauthorizedException('The operators’ API needs the bearer token of CROCEVIA_ADMIN_TOKEN.');
  }
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
