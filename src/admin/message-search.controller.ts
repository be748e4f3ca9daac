import { Readable } from 'node:stream';
import { Controller, Get, Inject, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { exported, FORMATS, MOST_EXPORTED } from './message-export.js';
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
import { oneOf } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const FILES = {
  'text/csv': { schema: { type: 'string' } },
  'application/x-ndjson': { schema: { type: 'string' } },
};

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

  @Get('export')
  @Requires('messages.read')
  @ApiOperation({ summary: 'What a filter finds, newest first, as a file; that it was fetched stands in the audit' })
  @ByFilter()
  @ApiQuery(choice('format', FORMATS))
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ description: `At most ${MOST_EXPORTED} rows.`, content: FILES })
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async export(
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ): Promise<StreamableFile> {
    const format = oneOf('format', query['format'], FORMATS) ?? 'csv';
    const filter = { ...filterOf(query, this.parts.current()), ...withinScope(operator) };
    await this.parts.audit.write(entryOf('messages.exported', operator, ip, { detail: toldOf(query, format) }));
    const lines = exported({ format, filter, operator, publicUrl: this.parts.publicUrl }, this.parts.messages);
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
    return new StreamableFile(Readable.from(lines, { objectMode: false }), {
      type,
      disposition: `attachment; filename="messages.${format}"`,
    });
  }
}

/** What is sought may be a person's: the audit says only that something was. */
function toldOf(query: Asked, format: string): Readonly<Record<string, string>> {
  const given = Object.entries(query).filter(([name]) => FILTER.some((one) => one.name === name));
  const told = given.map(([name, value = '']) => [name, name === 'q' ? '***' : value.slice(0, 100)]);
  return { ...Object.fromEntries(told), format };
}
