import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { PLATFORM } from '../login/known-operator.js';
import type { AccountState, OpenSession } from '../login/ports.js';
import type { OperatorDocument } from '../registry/documents/document-types.js';
import { json, problem } from './answers.js';
import { pageAfter } from './document-answers.js';
import { AFTER, choice, LIMIT, optional } from './parameters.js';
import { ACTIONS, ROLES, rolesFor, SCOPES } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf } from './query-values.js';
import { AnyOperator, Requires } from './requires.js';

type Asked = Readonly<Record<string, string | undefined>>;
type Known = Pick<OperatorDocument, 'id' | 'name' | 'role' | 'scope' | 'tokens' | 'identity'> & {
  readonly revision: number | null;
};

/** Who works with the console and the API, and what each role may do. */
@ApiTags('operators')
@Controller('admin')
export class OperatorsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('operators')
  @Requires('account.write')
  @ApiOperation({ summary: 'Operators with their roles, accounts and open sessions' })
  @ApiQuery(optional('text', 'part of the id or name'))
  @ApiQuery(choice('role', ROLES))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page, by id.', 'OperatorPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async list(@Query() query: Asked) {
    const role = oneOf('role', query['role'], ROLES);
    const part = query['text']?.toLowerCase() ?? '';
    const wanted = this.known().filter(
      (one) => (!role || one.role === role) && [one.id, one.name].some((name) => name.toLowerCase().includes(part)),
    );
    const { items, next } = pageAfter(wanted, ({ id }) => `operator ${id}`, query);
    const [accounts, sessions] = await Promise.all([this.parts.accountStates(), this.parts.sessions.open()]);
    return { items: items.map((one) => rowOf(one, accounts, sessions)), next };
  }

  @Get('roles')
  @AnyOperator()
  @ApiOperation({ summary: 'What each role may do, and what the scope of an operator means for it' })
  @ApiOkResponse(json('The table by which the gateway decides.', 'RoleTable'))
  roles() {
    const actions = ACTIONS.map((action) => ({ action, roles: rolesFor(action), scope: SCOPES[action] }));
    return { roles: ROLES, actions };
  }

  private known(): readonly Known[] {
    const documents = [...this.parts.desk.documents().values()].flatMap(({ document, revision }): Known[] =>
      document.kind === 'operator' ? [{ ...document, revision }] : [],
    );
    return [{ id: PLATFORM.id, name: PLATFORM.name, role: PLATFORM.role, revision: null }, ...documents];
  }
}

function rowOf(
  { id, name, role, scope, tokens = [], identity, revision }: Known,
  accounts: readonly AccountState[],
  sessions: readonly OpenSession[],
) {
  const account = accounts.find(({ operator }) => operator === id);
  // A session does not outlive a change of role or scope.
  const isIts = (one: OpenSession) => one.operator === id && one.role === role && one.scope === (scope ?? null);
  return {
    ...{ id, name, role, revision },
    scope: scope ?? null,
    identity: identity ?? null,
    tokens: tokens.length,
    account: account ? showAccount(account) : null,
    sessions: sessions.filter(isIts).map(showSession),
  };
}

const showAccount = ({ changedAt, loggedInAt, ...account }: AccountState) => ({
  ...account,
  changedAt: changedAt.toISOString(),
  loggedInAt: loggedInAt?.toISOString() ?? null,
});

const showSession = ({ method, address, createdAt, seenAt }: OpenSession) => ({
  method,
  address,
  createdAt: createdAt.toISOString(),
  seenAt: seenAt.toISOString(),
});
