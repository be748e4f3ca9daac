import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AUDIT_EVENTS, type AuditEvent } from '../trace/audit.js';
import { json, problem } from './answers.js';
import { choice, LIMIT, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const EVENTS = Object.keys(AUDIT_EVENTS) as AuditEvent[];

type Asked = Readonly<Record<string, string | undefined>>;

@ApiTags('audit')
@Controller('admin/audit')
export class AuditController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('audit.read')
  @ApiOperation({
    summary: 'Log-ins, changes of accounts and every look at contents, newest first: who, when, from where',
  })
  @ApiQuery(choice('event', EVENTS))
  @ApiQuery(optional('operator', 'who'))
  @ApiQuery(optional('subject', 'of what: id of a message, an operator or a job'))
  @ApiQuery(LIMIT)
  @ApiQuery({ name: 'before', required: false, schema: { type: 'integer' }, description: '`next` of the page before' })
  @ApiOkResponse(json('A page.', 'AuditPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async list(@Query() query: Asked, @CurrentOperator() { participants }: ActingOperator) {
    const limit = wholeFrom('limit', query['limit'], PAGE.standard, PAGE.maximum);
    const event = oneOf('event', query['event'], EVENTS);
    const { operator, subject, before } = query;
    const filter = {
      ...(event && { event }),
      ...(operator !== undefined && { operator }),
      ...(subject !== undefined && { subject }),
      ...(participants !== null && { concerning: [...participants] }),
    };
    const cursor = before !== undefined && { before: wholeFrom('before', before, 1, Number.MAX_SAFE_INTEGER) };
    const items = await this.parts.audit.list(filter, { limit, ...cursor });
    return { items, next: items.length === limit ? (items.at(-1)?.seq ?? null) : null };
  }
}
