import { CanActivate, ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Fault } from '../message/fault.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { presentedIn } from './presented.js';
import { REQUIREMENT, type OperatorRequest, type Requirement } from './requires.js';

/** Guards every route: one that says neither `@Requires` nor `@Open` is refused to everybody. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    @Inject(ADMIN_PARTS) private readonly parts: AdminParts,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const needed = this.reflector.get<Requirement | undefined>(REQUIREMENT, context.getHandler());
    if (needed === 'nothing') return true;
    if (!needed) throw new Fault('operator-not-allowed', { detail: 'Nobody may call this: it names no action.' });
    const request = context.switchToHttp().getRequest<OperatorRequest>();
    request.operator = await this.parts.admit(presentedIn(request, this.parts.isTls), needed.action);
    return true;
  }
}
