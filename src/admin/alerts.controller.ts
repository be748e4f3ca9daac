import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Incident } from '../alerts/ports.js';
import { DEFAULT_RULES, RULE_KINDS, rulesInForce, SEVERITIES, type AlertRule } from '../alerts/rules.js';
import { Fault } from '../message/fault.js';
import type { AuditEvent } from '../trace/audit.js';
import { INCIDENT_STATES, ruleOf } from './alert-schemas.js';
import { json, problem, schemaOf } from './answers.js';
import { entryOf } from './audit-entry.js';
import { UUID } from './message-query.js';
import { choice, ID, LIMIT, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

const UNKNOWN = problem('No such incident in the operator’s scope: `alert-unknown`.');
const OVER = problem('The incident is resolved: `alert-state-wrong`.');
const WRONG = problem('A parameter is wrong.');
const WHY = optional('reason', 'stands with the incident');
const MOST_MINUTES = 43_200;
const MINUTES = {
  name: 'minutes',
  required: true,
  schema: { type: 'integer', minimum: 1, maximum: MOST_MINUTES },
} as const;

type Asked = Readonly<Record<string, string | undefined>>;

/** Incidents, one for each cause, and the rules that open them. */
@ApiTags('alerts')
@Controller('admin/alerts')
export class AlertsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('alerts.read')
  @ApiOperation({ summary: 'Incidents about bodies in the operator’s scope, newest first' })
  @ApiQuery(choice('state', INCIDENT_STATES))
  @ApiQuery(choice('severity', SEVERITIES))
  @ApiQuery(optional('before', '`next` of the page before'))
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'IncidentPage'))
  @ApiBadRequestResponse(WRONG)
  async list(@Query() query: Asked, @CurrentOperator() { participants }: ActingOperator) {
    const { before } = query;
    if (before !== undefined && !UUID.test(before)) throw wrong('before', '`next` of the page before');
    const limit = wholeFrom('limit', query['limit'], PAGE.standard, PAGE.maximum);
    const state = oneOf('state', query['state'], INCIDENT_STATES);
    const severity = oneOf('severity', query['severity'], SEVERITIES);
    const concerning = participants && { concerning: [...participants] };
    const filter = { ...(state && { state }), ...(severity && { severity }), ...concerning };
    const items = await this.parts.alertStore.list(filter, { limit, ...(before && { before }) });
    return { items, next: items.length === limit ? (items.at(-1)?.id ?? null) : null };
  }

  @Get('rules')
  @Requires('alerts.read')
  @ApiOperation({ summary: 'The rules in force' })
  @ApiOkResponse(json('The rules.', 'AlertRules'))
  async rules() {
    return { items: rulesInForce(await this.parts.alertStore.rules()).map(shownRule) };
  }

  @Put('rules/:id')
  @Requires('alerts.rules')
  @ApiOperation({ summary: 'Changes a rule, or makes another one' })
  @ApiParam(ID)
  @ApiBody({ schema: schemaOf('AlertRuleBody') })
  @ApiOkResponse(json('The rule.', 'AlertRule'))
  @ApiBadRequestResponse(WRONG)
  async put(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    const rule = ruleOf(id, body);
    await this.parts.alertStore.putRule(rule);
    await this.noted('alert-rule.changed', id, operator, request);
    return shownRule(rule);
  }

  @Delete('rules/:id')
  @Requires('alerts.rules')
  @ApiOperation({ summary: 'Takes a rule away; one that was delivered is as it was delivered again' })
  @ApiParam(ID)
  @ApiOkResponse(json('The rules in force.', 'AlertRules'))
  @ApiNotFoundResponse(problem('No such rule was written: `alert-unknown`.'))
  async remove(@Param('id') id: string, @CurrentOperator() operator: ActingOperator, @Req() request: OperatorRequest) {
    if (!(await this.parts.alertStore.removeRule(id))) throw unknown(id);
    await this.noted('alert-rule.removed', id, operator, request);
    return this.rules();
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @Requires('alerts.handle')
  @ApiOperation({ summary: 'Somebody has taken it on' })
  @ApiParam(ID)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The incident.', 'Incident'))
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(OVER)
  async acknowledge(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    await this.inScope(id, operator);
    if (!(await this.parts.alertStore.acknowledge(id, operator.id, whyIn(query)))) throw over(id);
    return this.handled('alert.acknowledged', id, operator, request);
  }

  @Post(':id/silence')
  @HttpCode(200)
  @Requires('alerts.handle')
  @ApiOperation({ summary: 'Nobody is told of it for so long; it is open again then' })
  @ApiParam(ID)
  @ApiQuery(MINUTES)
  @ApiQuery(WHY)
  @ApiOkResponse(json('The incident.', 'Incident'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(OVER)
  async silence(
    @Param('id') id: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Req() request: OperatorRequest,
  ) {
    await this.inScope(id, operator);
    const until = new Date(Date.now() + wholeFrom('minutes', query['minutes'], 0, MOST_MINUTES) * 60_000);
    if (!(await this.parts.alertStore.silence(id, operator.id, until, whyIn(query)))) throw over(id);
    return this.handled('alert.silenced', id, operator, request);
  }

  @Post('channels/test')
  @HttpCode(200)
  @Requires('alerts.rules')
  @ApiOperation({ summary: 'Sends a test notice by every channel that is set' })
  @ApiOkResponse(json('What became of it; an error is what the mail server or webhook said.', 'ChannelTests'))
  async test() {
    return { channels: await this.parts.alerts.test() };
  }

  private async inScope(id: string, { participants }: ActingOperator): Promise<Incident> {
    const found = UUID.test(id) ? await this.parts.alertStore.find(id) : null;
    const isSeen = found && (participants === null || found.participants?.some((one) => participants.has(one)));
    if (!found || !isSeen) throw unknown(id);
    return found;
  }

  private async handled(event: AuditEvent, id: string, operator: ActingOperator, { ip }: OperatorRequest) {
    const incident = await this.inScope(id, operator);
    const { cause, participants, state } = incident;
    await this.parts.audit.write(entryOf(event, operator, ip, { subject: id, participants, detail: { cause, state } }));
    return incident;
  }

  private noted(event: AuditEvent, subject: string, operator: ActingOperator, { ip }: OperatorRequest): Promise<void> {
    return this.parts.audit.write(entryOf(event, operator, ip, { subject, participants: null }));
  }
}

const unknown = (id: string) =>
  new Fault('alert-unknown', { detail: `There is no incident or rule "${id.slice(0, 64)}".`, place: 'id' });

const over = (id: string) => new Fault('alert-state-wrong', { detail: `Incident ${id} is resolved.`, place: 'state' });

const shownRule = (rule: AlertRule) => ({
  ...rule,
  unit: RULE_KINDS[rule.kind].unit,
  tells: RULE_KINDS[rule.kind].tells,
  isDefault: DEFAULT_RULES.includes(rule),
});

function whyIn({ reason }: Asked): string | null {
  const text = reason?.trim() ?? '';
  if (text.length > 500) throw wrong('reason', 'at most 500 characters');
  return text === '' ? null : text;
}
