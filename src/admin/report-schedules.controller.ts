import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import type { ReportSchedule } from '../reports/schedule.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem, schemaOf } from './answers.js';
import { entryOf } from './audit-entry.js';
import { UUID } from './message-query.js';
import { ID } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { scheduleIn } from './report-schemas.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const UNKNOWN = problem('No such schedule of this operator: `report-schedule-unknown`.');
const NO_MAIL = 'no mail server is set: `mail-missing`';

/** Reports that are sent by mail. */
@ApiTags('reports')
@Controller('admin/report-schedules')
export class ReportSchedulesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('reports.schedule')
  @ApiOperation({ summary: 'What is sent to whom and when: of this operator, or of all where it has no scope' })
  @ApiOkResponse(json('The schedules.', 'ReportSchedules'))
  async list(@CurrentOperator() { id, participants }: ActingOperator) {
    return { items: await this.parts.scheduleStore.list(participants === null ? null : id) };
  }

  @Post()
  @Requires('reports.schedule')
  @ApiOperation({ summary: 'Has a report sent by mail every day, week or month' })
  @ApiBody({ schema: schemaOf('ReportScheduleBody') })
  @ApiCreatedResponse(json('The schedule.', 'ReportSchedule'))
  @ApiBadRequestResponse(problem('A member is wrong: `parameter-wrong`.'))
  @ApiConflictResponse(problem(`There are too many: \`report-schedule-limit\`; or ${NO_MAIL}.`))
  async add(@Body() body: unknown, @CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    const schedule = await this.parts.schedules.add({ ...scheduleIn(body), owner: operator.id });
    await this.noted('report-schedule.made', schedule, operator, request);
    return schedule;
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('reports.schedule')
  @ApiOperation({ summary: 'Ends a schedule' })
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiNotFoundResponse(UNKNOWN)
  async remove(
    @Param('id') id: string,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ): Promise<void> {
    const schedule = await this.owned(id, operator);
    await this.parts.scheduleStore.remove(id);
    await this.noted('report-schedule.removed', schedule, operator, request);
  }

  @Post(':id/send')
  @HttpCode(200)
  @Requires('reports.schedule')
  @ApiOperation({ summary: 'Sends the report of the last whole day, week or month at once' })
  @ApiParam(ID)
  @ApiOkResponse(json('The mail server has taken it.', 'ReportSchedule'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(problem(`There is ${NO_MAIL}.`))
  @ApiBadGatewayResponse(problem('The mail server has not taken it: `mail-not-taken`.'))
  async send(@Param('id') id: string, @CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    const schedule = await this.owned(id, operator);
    await this.parts.schedules.sendNow(schedule);
    await this.noted('report.sent', schedule, operator, request);
    return schedule;
  }

  private async owned(id: string, { id: operator, participants }: ActingOperator): Promise<ReportSchedule> {
    const found = UUID.test(id) ? await this.parts.scheduleStore.find(id) : null;
    if (found && (participants === null || found.owner === operator)) return found;
    const detail = `There is no report schedule "${id.slice(0, 64)}".`;
    throw new Fault('report-schedule-unknown', { detail, place: 'id' });
  }

  private noted(
    event: AuditEvent,
    { id, kind, every, to }: ReportSchedule,
    operator: ActingOperator,
    { ip }: OperatorRequest,
  ): Promise<void> {
    const detail = { kind, every, to: to.join(', ') };
    return this.parts.audit.write(entryOf(event, operator, ip, { subject: id, detail }));
  }
}
