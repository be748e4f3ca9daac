import { Controller, Get, Inject, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { searchOf } from '../delivery/jobs/filter.js';
import type { DeadLetters, Place } from '../delivery/jobs/ports.js';
import { FAULTS } from '../message/fault-catalogue.js';
import { json, problem } from './answers.js';
import { actorOf, filterIn } from './job-order.js';
import { UUID } from './message-query.js';
import { LIMIT, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { PAGE, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const TIME = { required: false, schema: { type: 'string', format: 'date-time' } } as const;
const COMMON = [
  optional('receiver', 'IPA code or system id'),
  optional('sender', 'IPA code or system id'),
  optional('service'),
  optional('operation'),
  optional('agreement', 'its id'),
  optional('fault', 'the cause: code of the last fault'),
  ...['acceptedAfter', 'acceptedBefore', 'endedAfter', 'endedBefore'].map((name) => ({ ...TIME, name })),
];
const ByFilter = (): MethodDecorator => (target, key, descriptor) =>
  COMMON.forEach((parameter) => void ApiQuery(parameter)(target, key, descriptor as PropertyDescriptor));

const WRONG = problem('A parameter is wrong.');
const DAY_MS = 86_400_000;
const STANDARD_DAYS = 7;
const MOST_DAYS = 31;
const MOST_COUNTED = 100_000;

type Asked = Readonly<Record<string, string | undefined>>;

/** Deliveries of which the sender or the receiver is in the operator's scope, by what they have in common. */
@ApiTags('messages')
@Controller('admin')
export class DeliverySearchController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('deliveries')
  @Requires('messages.read')
  @ApiOperation({
    summary: 'Deliveries, newest first; among delivered ones of the last 7 days unless it says since when',
  })
  @ApiQuery(optional('state', 'one or several, with commas'))
  @ByFilter()
  @ApiQuery(optional('ids', 'of deliveries or messages, with commas'))
  @ApiQuery(optional('before', '`next` of the page before'))
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'DeliveryPage'))
  @ApiBadRequestResponse(WRONG)
  @ApiUnprocessableEntityResponse(problem('Too many days: `filter-too-wide`.'))
  async list(@Query() { before, limit, ...query }: Asked, @CurrentOperator() operator: ActingOperator) {
    const size = wholeFrom('limit', limit, PAGE.standard, PAGE.maximum);
    const page = { limit: size, ...(before !== undefined && { before: placeIn(before) }) };
    const search = searchOf(filterIn(query), new Date());
    const items = await this.parts.search.list(search, actorOf(operator).scope, page);
    const last = items.at(-1);
    return { items, next: last && items.length === size ? `${last.messageId}.${last.deliveryId}` : null };
  }

  @Get('dead-letters')
  @Requires('messages.read')
  @ApiOperation({ summary: 'What failed or expired, grouped by cause, receiving system and service, the most first' })
  @ByFilter()
  @ApiOkResponse(json('The groups of the last 7 days, or of `endedAfter` to `endedBefore`.', 'DeadLetters'))
  @ApiBadRequestResponse(WRONG)
  async deadLetters(@Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const { endedAfter: from, endedBefore: to, ...filter } = withEnd(filterIn(query));
    const search = { ...filter, endedAfter: from, endedBefore: to, states: ['FAILED', 'EXPIRED'] as const };
    const bound = MOST_COUNTED + 1;
    const { groups, counted } = await this.parts.search.deadLetters(search, actorOf(operator).scope, bound);
    return {
      from,
      to,
      counted: Math.min(counted, MOST_COUNTED),
      more: counted === bound,
      groups: groups.map((group) => showGroup(group, search)),
    };
  }
}

/** Throws parameter-wrong. */
function withEnd(filter: ReturnType<typeof filterIn>) {
  const endedBefore = filter.endedBefore ?? new Date().toISOString();
  const end = Date.parse(endedBefore);
  const endedAfter = filter.endedAfter ?? new Date(end - STANDARD_DAYS * DAY_MS).toISOString();
  if (end - Date.parse(endedAfter) > MOST_DAYS * DAY_MS)
    throw wrong('endedAfter', `at most ${MOST_DAYS} days before endedBefore`);
  return { ...filter, endedAfter, endedBefore };
}

/** Throws parameter-wrong. */
function placeIn(before: string): Place {
  const [messageId = '', deliveryId = '', ...more] = before.split('.');
  if (more.length === 0 && UUID.test(messageId) && UUID.test(deliveryId)) return { messageId, deliveryId };
  throw wrong('before', '`next` of the page before');
}

function showGroup({ fault, ...group }: DeadLetters, search: object) {
  const { receiver: _asked, ...rest } = search as { receiver?: string };
  const cause = fault && FAULTS[fault];
  return {
    cause: cause
      ? { code: fault, title: cause.en, blame: cause.blame, retryable: cause.retryable, remedy: cause.remedy }
      : null,
    ...group,
    filter: { ...rest, receiver: group.system, service: group.service, ...(fault && { fault }) },
  };
}
