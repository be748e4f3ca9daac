import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { Job } from '../delivery/jobs/ports.js';
import type { AuditEvent } from '../trace/audit.js';
import { json, problem, schemaOf } from './answers.js';
import { jobEntry } from './audit-entry.js';
import { showItem, showJob } from './job-answers.js';
import { actorOf, orderIn } from './job-order.js';
import { RATE } from './job-schemas.js';
import { UUID } from './message-query.js';
import { choice, ID, LIMIT, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const UNKNOWN = problem('No such job in the operator’s scope: `job-unknown`.');
const WRONG_STATE = problem('The job is in another state: `job-state-wrong`.');
const TOO_WIDE = problem('More match than one job takes: `filter-too-wide`.');
const WRONG = problem('A member of the order is wrong: `parameter-wrong`.');
const UNCONFIRMED = {
  status: 428,
  ...problem('`again` or `discard` without the `confirm` of a preview: `confirmation-missing`.'),
};
const ORDER = { schema: schemaOf('JobOrder') };
const WHY = optional('reason', 'stands in the history of the job');
const BEFORE = optional('before', '`next` of the page before');
const CURSOR = optional('cursor', '`next` of the page before');
const RESULTS = ['done', 'skipped', 'failed'] as const;
const PER_SECOND = {
  name: 'rate',
  required: true,
  schema: { type: 'integer', minimum: 1, maximum: RATE.maximum },
} as const;

type Asked = Readonly<Record<string, string | undefined>>;

/** One order for many deliveries: who and why stands in the journal of each. */
@ApiTags('jobs')
@Controller('admin/jobs')
export class JobsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post('preview')
  @HttpCode(200)
  @Requires('messages.read')
  @ApiOperation({ summary: 'What a job would do; nothing is done' })
  @ApiBody(ORDER)
  @ApiOkResponse(json('How many, in which states, and the newest of them.', 'JobPreview'))
  @ApiBadRequestResponse(WRONG)
  @ApiUnprocessableEntityResponse(TOO_WIDE)
  preview(@Body() body: unknown, @CurrentOperator() operator: ActingOperator) {
    return this.parts.jobs.preview(orderIn(body), actorOf(operator));
  }

  @Post()
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Sends anew, withdraws or discards everything that matches now, at a rate' })
  @ApiBody(ORDER)
  @ApiCreatedResponse(json('The job; its items are fixed.', 'Job'))
  @ApiBadRequestResponse(WRONG)
  @ApiUnprocessableEntityResponse(TOO_WIDE)
  @ApiResponse(UNCONFIRMED)
  async create(@Body() body: unknown, @CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    const { reason, ...order } = orderIn(body);
    if (reason === null) throw wrong('reason', '1 to 500 characters');
    const job = await this.parts.jobs.create({ ...order, reason }, actorOf(operator));
    return this.noted('job.made', job, operator, request);
  }

  @Get()
  @Requires('messages.read')
  @ApiOperation({ summary: 'Jobs, newest first: those whose whole scope the operator has' })
  @ApiQuery(BEFORE)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'JobPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  async list(@Query() { before, ...query }: Asked, @CurrentOperator() operator: ActingOperator) {
    if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
    const limit = wholeFrom('limit', query['limit'], PAGE.standard, PAGE.maximum);
    const rows = await this.parts.jobList.list(actorOf(operator).scope, { limit, ...(before && { before }) });
    return { items: rows.map(showJob), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
  }

  @Get(':id')
  @Requires('messages.read')
  @ApiOperation({ summary: 'One job with its progress and history' })
  @ApiParam(ID)
  @ApiOkResponse(json('The job.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  async one(@Param('id') id: string, @CurrentOperator() operator: ActingOperator) {
    return showJob(await this.parts.jobs.find(id, actorOf(operator).scope));
  }

  @Get(':id/items')
  @Requires('messages.read')
  @ApiOperation({ summary: 'What became of each item' })
  @ApiParam(ID)
  @ApiQuery(choice('result', RESULTS))
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page, in the order of the job.', 'JobItemPage'))
  @ApiNotFoundResponse(UNKNOWN)
  async items(@Param('id') id: string, @Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const limit = wholeFrom('limit', query['limit'], PAGE.standard, PAGE.maximum);
    const after = wholeFrom('cursor', query['cursor'], 0, 2 ** 31 - 1, 0);
    const result = oneOf('result', query['result'], RESULTS);
    const { action } = await this.parts.jobs.find(id, actorOf(operator).scope);
    const rows = await this.parts.jobList.items(id, { limit, after, ...(result && { result }) });
    const next = rows.length === limit ? (rows.at(-1)?.n ?? null) : null;
    return { items: rows.map((row) => showItem(row, action)), next };
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Lets a proposed job begin; never by who has ordered it' })
  @ApiParam(ID)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The job, running.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async approve(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const job = await this.parts.jobs.approve(id, actorOf(operator), whyIn(query));
    return this.noted('job.approved', job, operator, request);
  }

  @Post(':id/reject')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Ends a proposed job before it begins; never by who has ordered it' })
  @ApiParam(ID)
  @ApiQuery({ ...WHY, required: true })
  @ApiOkResponse(json('The job, rejected.', 'Job'))
  @ApiBadRequestResponse(problem('There is no reason.'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async reject(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const reason = whyIn(query);
    if (reason === null) throw wrong('reason', '1 to 500 characters');
    return this.noted('job.rejected', await this.parts.jobs.reject(id, actorOf(operator), reason), operator, request);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Holds a job back; at most what a quarter of a second takes is still done' })
  @ApiParam(ID)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The job, paused.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  pause(@Param('id') id: string, @Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    return shown(this.parts.jobs.pause(id, actorOf(operator), whyIn(query)));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Goes on with a paused job' })
  @ApiParam(ID)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The job, running.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  resume(@Param('id') id: string, @Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    return shown(this.parts.jobs.resume(id, actorOf(operator), whyIn(query)));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Ends a job for good; what it has done stays done' })
  @ApiParam(ID)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The job, cancelled.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  cancel(@Param('id') id: string, @Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    return shown(this.parts.jobs.cancel(id, actorOf(operator), whyIn(query)));
  }

  @Post(':id/rate')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Changes how many items a second a job does' })
  @ApiParam(ID)
  @ApiQuery(PER_SECOND)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The job.', 'Job'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  rate(@Param('id') id: string, @Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const rate = wholeFrom('rate', query['rate'], 0, RATE.maximum);
    return shown(this.parts.jobs.changeRate(id, actorOf(operator), rate, whyIn(query)));
  }

  private async noted(event: AuditEvent, job: Job, operator: ActingOperator, { ip }: OperatorRequest) {
    await this.parts.audit.write(jobEntry(event, job, operator, ip));
    return showJob(job);
  }
}

const shown = async (job: Promise<Job>) => showJob(await job);

function whyIn({ reason }: Asked): string | null {
  const text = reason?.trim() ?? '';
  if (text.length > 500) throw wrong('reason', 'at most 500 characters');
  return text === '' ? null : text;
}
