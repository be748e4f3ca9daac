import { Controller, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { proposeRetry } from '../delivery/jobs/propose-retry.js';
import type { OrderResult } from '../delivery/orders.js';
import { CANCELLABLE_STATES, type DeliveryState } from '../message/delivery.js';
import { Fault } from '../message/fault.js';
import { json, problem } from './answers.js';
import { jobEntry } from './audit-entry.js';
import { findMessage } from './find-message.js';
import { showJob } from './job-answers.js';
import { actorOf } from './job-order.js';
import { choice, ID, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf } from './query-values.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';
import { inSight } from './sight.js';

const MESSAGE = { ...ID, description: 'id of the gateway or of the sender' };
const UNKNOWN = problem('No such message or delivery in the operator’s scope.');
const WRONG_STATE = problem('Nothing of it is in a state for it: `delivery-state-wrong`.');
const WHY = problem('No reason: `parameter-wrong`.');
const REASON = { ...optional('reason', 'stands in the journal'), required: true };
const DELIVERY = optional('delivery', 'its id; without it every delivery of the message that is in scope');
const YES_NO = ['true', 'false'] as const;

interface Ordered {
  readonly reason?: string;
  readonly delivery?: string;
  readonly again?: string;
}

/** What operators order of deliveries: who and why stands in the journal. */
@ApiTags('messages')
@Controller('admin/messages')
export class DeliveriesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post(':id/retry')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Sends anew what has failed, expired or was cancelled, with all its tries before it' })
  @ApiParam(MESSAGE)
  @ApiQuery(REASON)
  @ApiQuery(DELIVERY)
  @ApiQuery({ ...choice('again', YES_NO), description: 'true: what was delivered too; its receiver gets it twice' })
  @ApiOkResponse(json('What became of each.', 'OrderResults'))
  @ApiAcceptedResponse(json('With four eyes: the job, which another operator has to approve.', 'Job'))
  @ApiBadRequestResponse(WHY)
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async retry(
    @Param('id') id: string,
    @Query() query: Ordered,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const again = oneOf('again', query.again, YES_NO) === 'true';
    const { message, deliveries } = await this.chosen(id, query, operator);
    const reason = reasonIn(query);
    const { orders, jobs, fourEyes, audit } = this.parts;
    if (!fourEyes)
      return {
        items: told(await orders.retry(deliveries, message, { operator: operator.id, reason, again }), RETRIED),
      };
    const job = await proposeRetry({ id: query.delivery ?? message, reason, again }, actorOf(operator), jobs);
    await audit.write(jobEntry('job.made', job, operator, ip));
    void reply.status(202).header('location', `/admin/jobs/${job.id}`);
    return showJob(job);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Requires('messages.resend')
  @ApiOperation({ summary: 'Withdraws what waits; the sender gets a receipt of it' })
  @ApiParam(MESSAGE)
  @ApiQuery(REASON)
  @ApiQuery(DELIVERY)
  @ApiOkResponse(json('What became of each.', 'OrderResults'))
  @ApiBadRequestResponse(WHY)
  @ApiNotFoundResponse(UNKNOWN)
  @ApiConflictResponse(WRONG_STATE)
  async cancel(@Param('id') id: string, @Query() query: Ordered, @CurrentOperator() operator: ActingOperator) {
    const { message, deliveries } = await this.chosen(id, query, operator);
    const order = { operator: operator.id, reason: reasonIn(query) };
    return { items: told(await this.parts.orders.cancel(deliveries, message, order), CANCELLED) };
  }

  /** A receipt is chosen by its own id only. */
  private async chosen(id: string, { delivery }: Ordered, operator: ActingOperator) {
    const found = inSight(await findMessage(id, operator, this.parts), operator);
    const deliveries = found.deliveries
      .filter(({ deliveryId, kind }) => (delivery === undefined ? kind === 'message' : deliveryId === delivery))
      .map(({ deliveryId }) => deliveryId);
    if (deliveries.length > 0) return { message: found.id, deliveries };
    const detail = `Message ${found.id} has no such delivery.`;
    throw new Fault('message-unknown', { detail, place: delivery === undefined ? 'address' : 'delivery' });
  }
}

/** Throws parameter-wrong. */
export function reasonIn({ reason = '' }: Pick<Ordered, 'reason'>): string {
  const text = reason.trim();
  if (text.length > 0 && text.length <= 500) return text;
  throw new Fault('parameter-wrong', {
    detail: 'An order needs a reason.',
    place: 'reason',
    expected: '1 to 500 characters',
  });
}

/** What can be done instead. */
const WAITS =
  'nothing to be done: what waits goes by itself; POST /admin/queues/SYSTEM/release (crocevia release SYSTEM) tries it now';
const RETRIED = (state: DeliveryState) => {
  if (CANCELLABLE_STATES.includes(state)) return WAITS;
  return state === 'DELIVERED' ? 'again=true, which sends it twice' : 'FAILED, EXPIRED or CANCELLED';
};
const CANCELLED = () => CANCELLABLE_STATES.join(', ');

function told(results: readonly OrderResult[], instead: (state: DeliveryState) => string): readonly OrderResult[] {
  if (results.some(({ done }) => done)) return results;
  const expected = [...new Set(results.map(({ state }) => instead(state)))].join('; ');
  const states = results.map(({ receiver, state }) => `${receiver}: ${state}`).join(', ');
  throw new Fault('delivery-state-wrong', { detail: `Nothing was done. ${states}.`, place: 'address', expected });
}
