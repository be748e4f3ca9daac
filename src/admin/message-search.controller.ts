import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { json, problem } from './answers.js';
import {
  FAULT_CODES,
  filterOf,
  MESSAGE_STATES,
  pageOf,
  PROTOCOLS,
  withinScope,
  type Query as Asked,
} from './message-query.js';
import { rowOf } from './message-row.js';
import { choice, LIMIT, moment, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires } from './requires.js';

const FILTER = [
  optional('q', 'one box: an id of the message or of a delivery, a correlation id or a business key, whole'),
  choice('state', MESSAGE_STATES),
  moment('from', 'accepted or refused at this time or later'),
  moment('to', 'and before this time'),
  optional('sender', 'IPA code or system id'),
  optional('receiver', 'IPA code or system id'),
  optional('service'),
  choice('fault', FAULT_CODES),
  {
    name: 'attempts',
    required: false,
    schema: { type: 'integer', minimum: 1 },
    description: 'of one delivery at least',
  },
  choice('protocol', PROTOCOLS),
] as const;
const ByFilter = (): MethodDecorator => (target, key, descriptor) =>
  FILTER.forEach((parameter) => void ApiQuery(parameter)(target, key, descriptor as PropertyDescriptor));

/** Messages of which the sender or a receiver is in the operator's scope, by what people know of them. */
@ApiTags('messages')
@Controller('admin/messages')
export class MessageSearchController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('messages.read')
  @ApiOperation({ summary: 'Messages, newest first' })
  @ByFilter()
  @ApiQuery({ ...optional('text', 'as `q`'), deprecated: true })
  @ApiQuery(LIMIT)
  @ApiQuery({
    name: 'before',
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: '`next` of the page before',
  })
  @ApiOkResponse(json('A page.', 'MessagePage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async list(@Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const filter = { ...filterOf(query, this.parts.current()), ...withinScope(operator) };
    const { items, next, searchedTo } = await this.parts.messages.find(filter, pageOf(query));
    return { items: items.map((found) => rowOf(found, operator, this.parts.publicUrl)), next, searchedTo };
  }
}
