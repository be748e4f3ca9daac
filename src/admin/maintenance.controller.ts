import { Controller, Delete, Get, Inject, Put, Query, Req } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { reasonIn } from './deliveries.controller.js';
import { moment, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { timeIn, wrong } from './query-values.js';
import { AnyOperator, CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const WHY = { ...optional('reason', 'shown to every operator; stands in the audit'), required: true };
const WRONG = problem('A parameter is wrong: `parameter-wrong`.');
const SHOWN = json('What is in force; null: nothing.', 'Maintenance');

type Asked = Readonly<Record<string, string | undefined>>;

/** That nothing new is taken, on every node. */
@ApiTags('node')
@Controller('admin/maintenance')
export class MaintenanceController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @AnyOperator()
  @ApiOperation({ summary: 'Whether the gateway is in maintenance, as this node knows' })
  @ApiOkResponse(SHOWN)
  show() {
    return { maintenance: this.parts.maintenance.current() };
  }

  @Put()
  @Requires('gateway.maintain')
  @ApiOperation({
    summary: 'New messages and questions are refused with 503; deliveries, boxes, status and operators go on',
  })
  @ApiQuery(WHY)
  @ApiQuery(moment('until', 'when it ends by itself; left out: an operator ends it'))
  @ApiOkResponse(SHOWN)
  @ApiBadRequestResponse(WRONG)
  async begin(@Query() query: Asked, @CurrentOperator() operator: ActingOperator, @Req() { ip }: OperatorRequest) {
    const { audit, maintenance } = this.parts;
    const order = { operator: operator.id, reason: reasonIn(query), until: untilIn(query) };
    const begun = await maintenance.begin(order);
    const detail = { reason: order.reason, until: order.until?.toISOString() ?? '' };
    await audit.write(entryOf('maintenance.begun', operator, ip, { detail }));
    return { maintenance: begun };
  }

  @Delete()
  @Requires('gateway.maintain')
  @ApiOperation({ summary: 'Messages and questions are taken again' })
  @ApiQuery(WHY)
  @ApiOkResponse(SHOWN)
  @ApiBadRequestResponse(WRONG)
  async end(@Query() query: Asked, @CurrentOperator() operator: ActingOperator, @Req() { ip }: OperatorRequest) {
    const { audit, maintenance } = this.parts;
    const reason = reasonIn(query);
    const ended = await maintenance.end();
    const detail = { reason, since: ended?.since.toISOString() ?? '' };
    if (ended !== null) await audit.write(entryOf('maintenance.ended', operator, ip, { detail }));
    return { maintenance: null };
  }
}

/** Throws parameter-wrong. */
function untilIn({ until }: Asked): Date | null {
  const time = timeIn('until', until) ?? null;
  if (time !== null && time.getTime() <= Date.now()) throw wrong('until', 'a time to come');
  return time;
}
