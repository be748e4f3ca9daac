import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import { FLOW_PROTOCOLS, FLOW_STATES } from '../statistics/flows.js';
import { PERIOD_NAMES, PERIODS } from '../statistics/period.js';
import { QUEUE_STATES } from '../statistics/queues.js';
import { json, problem } from './answers.js';
import { actorOf } from './job-order.js';
import { AFTER, choice, ID, LIMIT, optional } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const WRONG = problem('A parameter is wrong: `parameter-wrong`.');
const ENTITY = optional('entity', 'IPA code of a body');
const TEXT = optional('text', 'part of an id, a code, a name or a service');
const PERIOD = { ...choice('period', PERIOD_NAMES), description: 'how far back; default 24h' };
const QUEUE_PERIODS = ['1h', '24h'] as const;

type Asked = Readonly<Record<string, string | undefined>>;

/** How things stand, counted: of bodies in the operator's scope. */
@ApiTags('situation')
@Controller('admin')
export class SituationController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('situation')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'What needs attention now, then the traffic of a period' })
  @ApiQuery(PERIOD)
  @ApiQuery(ENTITY)
  @ApiOkResponse(json('The situation.', 'Situation'))
  @ApiBadRequestResponse(WRONG)
  situation(@Query() { period, entity }: Asked, @CurrentOperator() operator: ActingOperator) {
    const query = { period: oneOf('period', period, PERIOD_NAMES) ?? '24h', ...(entity !== undefined && { entity }) };
    return this.parts.statistics.situate(query, actorOf(operator).scope);
  }

  @Get('flows')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'Who may send or ask whom, with what happened in a period and what waits now' })
  @ApiQuery(PERIOD)
  @ApiQuery(TEXT)
  @ApiQuery(ENTITY)
  @ApiQuery(choice('state', FLOW_STATES))
  @ApiQuery(choice('protocol', FLOW_PROTOCOLS))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page, by id.', 'FlowPage'))
  @ApiBadRequestResponse(WRONG)
  flows(@Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const state = oneOf('state', query['state'], FLOW_STATES);
    const protocol = oneOf('protocol', query['protocol'], FLOW_PROTOCOLS);
    const wanted = {
      period: oneOf('period', query['period'], PERIOD_NAMES) ?? '24h',
      ...(state && { state }),
      ...(protocol && { protocol }),
      ...pageIn(query),
    };
    return this.parts.statistics.flows(wanted, actorOf(operator).scope);
  }

  @Get('flows/map')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'Who exchanged what with whom in a period: the busiest flows, with their errors' })
  @ApiQuery(PERIOD)
  @ApiQuery(ENTITY)
  @ApiOkResponse(json('Bodies, services, and the traffic between them.', 'FlowMap'))
  @ApiBadRequestResponse(WRONG)
  map(@Query() { period, entity }: Asked, @CurrentOperator() operator: ActingOperator) {
    const query = { period: oneOf('period', period, PERIOD_NAMES) ?? '24h', ...(entity !== undefined && { entity }) };
    return this.parts.statistics.map(query, actorOf(operator).scope);
  }

  @Get('queues')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'What waits for each system, of bodies in scope' })
  @ApiQuery(TEXT)
  @ApiQuery(ENTITY)
  @ApiQuery(choice('state', QUEUE_STATES))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page, by id.', 'QueuePage'))
  @ApiBadRequestResponse(WRONG)
  queues(@Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const state = oneOf('state', query['state'], QUEUE_STATES);
    return this.parts.statistics.queues.list({ ...pageIn(query), ...(state && { state }) }, actorOf(operator).scope);
  }

  @Get('queues/:id/series')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'Depth and age of the queue of a system, minute by minute' })
  @ApiParam({ ...ID, description: 'of the system' })
  @ApiQuery({ ...choice('period', QUEUE_PERIODS), description: 'default 1h' })
  @ApiOkResponse(json('One point a minute.', 'QueueSeries'))
  @ApiBadRequestResponse(WRONG)
  @ApiNotFoundResponse(problem('No such system in the operator’s scope: `document-unknown`.'))
  async series(@Param('id') id: string, @Query() { period }: Asked, @CurrentOperator() operator: ActingOperator) {
    const { ms } = PERIODS[oneOf('period', period, QUEUE_PERIODS) ?? '1h'];
    const participant = this.parts.registry.participantOf(id);
    if (participant === undefined || !sees(operator, participant))
      throw new Fault('document-unknown', { detail: `No system "${id.slice(0, 200)}".`, place: 'address' });
    const from = new Date(Date.now() - ms);
    return { system: id, points: await this.parts.statistics.queues.series(from, [id], actorOf(operator).scope) };
  }
}

function sees(operator: ActingOperator, participant: string): boolean {
  try {
    requireScope(operator, participant);
    return true;
  } catch {
    return false;
  }
}

/** Throws parameter-wrong. */
function pageIn({ text, entity, after, limit }: Asked) {
  return {
    limit: wholeFrom('limit', limit, PAGE.standard, PAGE.maximum),
    ...(text !== undefined && { text }),
    ...(entity !== undefined && { entity }),
    ...(after !== undefined && { after }),
  };
}
