import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import type { Preview } from '../delivery/preview.js';
import { json, problem } from './answers.js';
import { findMessage } from './find-message.js';
import { ID } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';
import { inSight } from './sight.js';

const DELIVERY = {
  name: 'delivery',
  description: 'id of a delivery of the message',
  schema: { type: 'string', format: 'uuid' },
} as const;
/** Bytes of a body that is shown as text. */
const MOST_SHOWN = 1_048_576;
const TEXT = /\b(xml|json|text)\b/;

/** What receivers are given, as the gateway writes it for them. */
@ApiTags('messages')
@Controller('admin/messages')
export class DeliveryContentController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get(':id/deliveries/:delivery/content')
  @Requires('messages.payload')
  @ApiOperation({
    summary: 'What a receiver is given: headers and body in the shape that its system has registered now',
    description: 'Written anew from what is kept; that it was looked at stands in the journal of the message.',
  })
  @ApiParam(ID)
  @ApiParam(DELIVERY)
  @ApiOkResponse(json('What goes to the receiver.', 'DeliveryContent'))
  @ApiNotFoundResponse(problem('No such delivery in the operator’s scope, or nothing of it is kept.'))
  async show(
    @Param() at: { readonly id: string; readonly delivery: string },
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ) {
    const found = inSight(await findMessage(at.id, operator, this.parts), operator);
    const delivery = found.deliveries.find(({ deliveryId }) => deliveryId === at.delivery);
    const kept = delivery && (await this.parts.contents.view(found.id, operator.id, ip));
    if (!delivery || !kept) throw nothingKept(at.delivery);
    return shown(await this.parts.preview(delivery.receiver.system, delivery.deliveryId, kept.content));
  }
}

function shown({ system, channel, headers, body }: Preview) {
  const size = Buffer.isBuffer(body) ? body.length : body.size;
  const isShown = Buffer.isBuffer(body) && size <= MOST_SHOWN && TEXT.test(headers['content-type'] ?? '');
  return { system, channel, headers, size, text: isShown ? body.toString() : null };
}

const nothingKept = (delivery: string) =>
  new Fault('message-unknown', {
    detail: `Of delivery "${delivery.slice(0, 64)}" nothing is kept here.`,
    place: 'address',
    expected: 'a delivery of the message, whose contents are kept',
  });
