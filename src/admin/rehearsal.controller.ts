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
import type { FastifyRequest } from 'fastify';
import { Fault } from '../message/fault.js';
import type { Identified } from '../message/stages.js';
import { stored } from '../registry/edits.js';
import type { Registry } from '../registry/registry.js';
import { json, problem } from './answers.js';
import { keyFrom } from './document-answers.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
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
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiParam({ name: 'version', schema: { type: 'integer', minimum: 1 } })
  @ApiQuery({
    name: 'consumer',
    required: false,
    schema: { type: 'string' },
    description: 'IPA code; default: one that has an agreement',
  })
  @ApiQuery({
    name: 'provider',
    required: false,
    schema: { type: 'string' },
    description: 'IPA code; default: one that provides it',
  })
  @ApiQuery({
    name: 'path',
    required: false,
    schema: { type: 'string' },
    description: 'over REST: below the service, /notifiche; default: its first operation',
  })
  @ApiQuery({ name: 'method', required: false, schema: { type: 'string' }, description: 'over REST; default POST' })
  @ApiConsumes('text/xml', 'application/soap+xml', 'application/xml', 'application/json')
  @ApiBody({ schema: { type: 'string' }, description: 'the message, with the Content-Type and SOAPAction of its own' })
  @ApiOkResponse(json('Operation, agreement, route and every fault.', 'Rehearsal'))
  @ApiNotFoundResponse(problem('No such version, or nobody provides it.'))
  async validate(
    @Param() at: { readonly id: string; readonly version: string },
    @Query() parties: Parties,
    @Req() request: FastifyRequest,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const key = keyFrom('service', at.id, at.version);
    stored(this.parts.desk.documents(), key);
    const registry = this.parts.desk.preview(key);
    const identified = identify(request, key, parties, registry);
    const concerned = [identified.caller.participant, identified.address.participant ?? ''];
    if (!concerned.some((code) => operator.participants?.has(code))) requireScope(operator, concerned[1] ?? '');
    return this.parts.dryRun(identified, bytesOf(request.body), registry);
  }
}

/** The message as if it had come over HTTP from a system of the consumer. */
function identify(
  request: FastifyRequest,
  { id, version }: { readonly id: string; readonly version: number },
  { path, method = 'POST', ...parties }: Parties,
  registry: Registry,
): Identified {
  const provider = parties.provider ?? providerOf(id, version, registry);
  const consumer = parties.consumer ?? consumerOf(id, version, provider, registry);
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  const isSoap = isEnvelope(bytesOf(request.body));
  const first = registry.service(id, version)?.operations.find(({ rest }) => rest !== null)?.rest?.path;
  return {
    door: 'http',
    binding: isSoap ? 'soap' : 'rest',
    address: { participant: provider, version, service: id, path: isSoap ? '' : (path ?? first ?? ''), method },
    headers,
    arrivedAt: new Date(),
    clock: { mark: () => undefined, marks: [] },
    caller: {
      participant: consumer,
      system: registry.systems().find(({ participant }) => participant === consumer)?.id ?? '',
    },
  };
}

const isEnvelope = (body: Buffer) => /<(?:[\w.-]+:)?Envelope[\s>]/.test(body.toString('latin1', 0, 4_096));

/** Throws service-unknown. */
function providerOf(id: string, version: number, registry: Registry): string {
  const system = registry
    .systems()
    .find(({ provides }) => provides.some((one) => one.service === id && one.version === version));
  if (system) return system.participant;
  throw new Fault('service-unknown', { detail: `No system provides ${id} v${version} yet.`, place: 'provider' });
}

const consumerOf = (id: string, version: number, provider: string, registry: Registry): string =>
  registry.participants().find(({ id: consumer }) => registry.agreement(consumer, provider, id, version))?.id ??
  provider;

const bytesOf = (body: unknown): Buffer => {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
};
