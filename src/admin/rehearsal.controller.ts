import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { rehearsed } from '../acceptance/rehearsed.js';
import { Fault } from '../message/fault.js';
import type { Identified } from '../message/stages.js';
import { stored, unknownDocument } from '../registry/documents/edits.js';
import type { System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { DocumentKey } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { keyFrom } from './document-answers.js';
import { readable } from './document-scope.js';
import { ID, optional, VERSION } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { bytesOf, plainHeaders, type Tried } from './handed-in.js';
import { CurrentOperator, Requires } from './requires.js';

interface Parties {
  readonly consumer?: string;
  readonly provider?: string;
  readonly path?: string;
  readonly method?: string;
}

/** What would happen to a message, drafts included; nothing is stored or sent. */
@ApiTags('services')
@Controller('admin/services')
export class RehearsalController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post(':id/versions/:version/validate')
  @HttpCode(200)
  @Requires('registry.read')
  @ApiOperation({ summary: 'Says what the gateway would do with a message, without sending it' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery(optional('consumer', 'IPA code; default: one that has an agreement'))
  @ApiQuery(optional('provider', 'IPA code; default: one that provides it'))
  @ApiQuery(optional('path', 'over REST: below the service, /notifiche; default: its first operation'))
  @ApiQuery(optional('method', 'over REST; default POST'))
  @ApiConsumes('text/xml', 'application/soap+xml', 'application/xml', 'application/json')
  @ApiBody({ schema: { type: 'string' }, description: 'the message, with the Content-Type and SOAPAction of its own' })
  @ApiOkResponse(json('Operation, agreement, route and every fault.', 'Rehearsal'))
  @ApiNotFoundResponse(problem('No such version, or nobody provides it.'))
  async validate(
    @Param() at: { readonly id: string; readonly version: string },
    @Query() parties: Parties,
    @Req() request: Tried,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const key = keyFrom('service', at.id, at.version);
    const documents = this.parts.desk.documents();
    if (!readable(operator, documents)(stored(documents, key).document)) throw unknownDocument(key);
    const registry = this.parts.desk.preview(key);
    const identified = identify(request, key, parties, registry);
    const concerned = [identified.caller.participant, identified.address.participant ?? ''];
    if (!concerned.some((code) => operator.participants?.has(code))) requireScope(operator, concerned[1] ?? '');
    const asksAgreement = (parties.consumer ?? consumerOf(key, concerned[1] ?? '', registry)) !== undefined;
    const rehearsal = await this.parts.dryRun(identified, bytesOf(request), { registry, asksAgreement });
    // Which system it is there is for those who have an agreement with it.
    const isTold = ({ participant }: { readonly participant: string }) =>
      rehearsal.agreement?.status === 'active' || (operator.participants?.has(participant) ?? true);
    return { ...rehearsal, route: rehearsal.route.filter(isTold) };
  }
}

/** The message as if it had come over HTTP from a system of the consumer. */
function identify(request: Tried, key: DocumentKey, parties: Parties, registry: Registry): Identified {
  const provider = parties.provider ?? providerOf(key, registry);
  const consumer = parties.consumer ?? consumerOf(key, provider, registry) ?? provider;
  const caller = registry.systems().find(({ participant }) => participant === consumer);
  return rehearsed({ ...parties, headers: plainHeaders(request), body: bytesOf(request), key, provider }, registry, {
    participant: consumer,
    system: caller?.id ?? '',
    ...(caller?.actsFor && { actsFor: caller.actsFor }),
  });
}

/** Throws service-unknown. */
function providerOf({ id, version }: DocumentKey, registry: Registry): string {
  const offers = ({ provides }: System) => provides.some((one) => one.service === id && one.version === version);
  const system = registry.systems().find(offers);
  if (system) return system.participant;
  throw new Fault('service-unknown', { detail: `No system provides ${id} v${version} yet.`, place: 'provider' });
}

const consumerOf = ({ id, version }: DocumentKey, provider: string, registry: Registry): string | undefined =>
  registry.participants().find((one) => registry.agreement(one.id, provider, id, version))?.id;
