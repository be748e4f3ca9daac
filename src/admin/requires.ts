import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiForbiddenResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { problem } from './answers.js';
import { ROLES, rolesFor, type Action, type ActingOperator } from './permissions.js';

/** What a route needs: the metadata that OperatorGuard reads. */
export const REQUIREMENT = 'crocevia:requirement';
export type Requirement = { readonly action: Action | null } | 'nothing';

/** A controller method that only operators whose role may do the action may call. */
export const Requires = (action: Action) =>
  applyDecorators(
    SetMetadata(REQUIREMENT, { action } satisfies Requirement),
    ApiBearerAuth(),
    ApiExtension('x-action', action),
    ApiExtension('x-roles', rolesFor(action)),
    ApiUnauthorizedResponse(problem('No token of a known operator: `operator-unknown`.')),
    ApiForbiddenResponse(problem('The role or the scope of the operator does not cover it: `operator-not-allowed`.')),
  );

/** A controller method that every operator may call, for itself. */
export const AnyOperator = () =>
  applyDecorators(
    SetMetadata(REQUIREMENT, { action: null } satisfies Requirement),
    ApiBearerAuth(),
    ApiExtension('x-roles', ROLES),
    ApiUnauthorizedResponse(problem('No token or session of a known operator: `operator-unknown`.')),
  );

/** A controller method that anybody may call. */
export const Open = () => SetMetadata(REQUIREMENT, 'nothing' satisfies Requirement);

export type OperatorRequest = FastifyRequest & { operator?: ActingOperator };

/** The operator whom the guard has let in. */
export const CurrentOperator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<OperatorRequest>().operator,
);
