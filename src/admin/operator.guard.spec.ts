import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OperatorGuard } from './operator.guard.js';
import type { ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';
import { Open, Requires } from './requires.js';

class Routes {
  @Requires('messages.read')
  guarded() {}
  @Open()
  open() {}
  forgotten() {}
}

const operator: ActingOperator = { id: 'x', name: 'x', role: 'auditor', participants: null };

function call(route: keyof Routes) {
  const asked: unknown[] = [];
  const request: { method: string; headers: object; operator?: ActingOperator } = {
    method: 'GET',
    headers: { authorization: 'Bearer x.y' },
  };
  const admit: AdminParts['admit'] = async (...given) => {
    asked.push(given);
    return operator;
  };
  const context = {
    getType: () => 'http',
    getHandler: () => Routes.prototype[route],
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const answer = new OperatorGuard({ admit, isTls: false } as AdminParts, new Reflector()).canActivate(context);
  return { answer, asked, request };
}

describe('operator guard', () => {
  it('6: asks for the action of the route and hands the operator on', async () => {
    const { answer, asked, request } = call('guarded');
    expect(await answer).toBe(true);
    const presented = expect.objectContaining({ authorization: 'Bearer x.y', isSafe: true }) as unknown;
    expect([asked, request.operator]).toEqual([[[presented, 'messages.read']], operator]);
  });

  it('6: refuses a route that names no action to everybody, and asks nobody at an open one', async () => {
    await expect(call('forgotten').answer).rejects.toMatchObject({ code: 'operator-not-allowed' });
    const { answer, asked } = call('open');
    expect([await answer, asked]).toEqual([true, []]);
  });
});
