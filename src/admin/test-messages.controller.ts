import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { randomUUID } from 'node:crypto';
import { firstOverRest, rehearsed } from '../acceptance/rehearsed.js';
import { Fault } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import { callerOf } from '../policy/represent.js';
import { stored, unknownDocument } from '../registry/documents/edits.js';
import type { Service, System } from '../registry/model.js';
import { keyText } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { keyFrom } from './document-answers.js';
import { mayRead, readable } from './document-scope.js';
import { exampleBody } from './example-body.js';
import { choice, ID, optional, VERSION } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf } from './query-values.js';
import { bytesOf, plainHeaders, type Tried } from './handed-in.js';
import { CurrentOperator, Requires } from './requires.js';

const YES_NO = ['true', 'false'] as const;
const SYSTEM = { ...ID, description: 'of the sending system' };
const CARRIED = ['content-type', 'soapaction', 'accept', 'accept-language'];
/** Characters of an answer that are shown. */
const SHOWN = 65_536;

interface Ordered {
  readonly service?: string;
  readonly version?: string;
  readonly provider?: string;
  readonly path?: string;
  readonly method?: string;
  readonly live?: string;
}

/** Messages that operators send to try the way: marked as a test from the first moment to the receiver. */
@ApiTags('systems')
@Controller('admin')
export class TestMessagesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('services/:id/versions/:version/example')
  @Requires('registry.read')
  @ApiOperation({
    summary: 'A JSON payload made of the published schema: what is required, naming sender and receiver',
  })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery(optional('operation', 'default: the first over REST'))
  @ApiQuery(optional('consumer', 'IPA code that it names as its sender'))
  @ApiQuery(optional('provider', 'IPA code that it names as its receiver'))
  @ApiOkResponse(json('The example; without a JSON Schema its body is null.', 'ExampleBody'))
  @ApiNotFoundResponse(problem('No such version or operation.'))
  example(
    @Param() at: { readonly id: string; readonly version: string },
    @Query() query: { readonly operation?: string; readonly consumer?: string; readonly provider?: string },
    @CurrentOperator() operator: ActingOperator,
  ) {
    const service = this.service(at.id, at.version, operator);
    const { operations } = service;
    const wanted = operations.find(({ name }) => name === query.operation);
    const found = query.operation === undefined ? (firstOverRest(operations) ?? operations[0]) : wanted;
    if (!found)
      throw new Fault('operation-unknown', { detail: `No operation "${query.operation}".`, place: 'operation' });
    const { consumer = '', provider = '' } = query;
    return {
      operation: found.name,
      method: found.rest?.method ?? null,
      path: found.rest?.path ?? null,
      body: exampleBody(found, service, { consumer, provider }),
    };
  }

  @Post('systems/:id/test-messages')
  @HttpCode(200)
  @Requires('messages.test')
  @ApiOperation({
    summary: 'Sends a message as this system over the normal path, marked as a test',
    description:
      'It is examined first: what would be refused is told with every fault, and nothing is stored. Its receiver gets `X-Test-Message: true`; ' +
      'reports leave it out. To a system of another body only with `live=true`.',
  })
  @ApiParam(SYSTEM)
  @ApiQuery({ ...optional('service'), required: true })
  @ApiQuery(VERSION)
  @ApiQuery(optional('provider', 'IPA code of the receiver; default: the body of the system itself'))
  @ApiQuery(optional('path', 'over REST: below the service, /notifiche; default: its first operation'))
  @ApiQuery(optional('method', 'over REST; default POST'))
  @ApiQuery({ ...choice('live', YES_NO), description: 'true: also to a system of another body' })
  @ApiConsumes('application/json', 'text/xml', 'application/soap+xml', 'application/xml')
  @ApiBody({ schema: { type: 'string' }, description: 'the message, with the Content-Type and SOAPAction of its own' })
  @ApiOkResponse(json('What became of it.', 'TestMessage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  @ApiNotFoundResponse(problem('No such system in the operator’s scope, or no such version.'))
  @ApiConflictResponse(problem('It would go to another body: `test-would-be-live`.'))
  async send(
    @Param('id') id: string,
    @Query() query: Ordered,
    @Req() request: Tried,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const registry = this.parts.current();
    const system = this.system(id, operator);
    const { provider = system.participant } = query;
    requireScope(operator, provider);
    const isLive = oneOf('live', query.live, YES_NO) === 'true';
    if (provider !== system.participant && !isLive) throw wouldBeLive(provider);
    const service = this.service(query.service ?? '', query.version, operator);
    const body = bytesOf(request);
    const { path, method } = query;
    const order = { key: service, provider, headers: headersOf(request), body, ...given({ path, method }) };
    const identified = rehearsed(order, registry, callerOf(system, registry));
    const { wouldBe, faults } = await this.parts.dryRun(identified, body, { registry, asksAgreement: true });
    if (wouldBe === 'refused') return { id: null, status: null, answer: '', faults };
    const told = toldOf(await this.parts.receiveTest(identified, body), provider === system.participant);
    const detail = { service: `${service.id} v${service.version}`, provider, live: String(isLive) };
    const participants = [...new Set([system.participant, provider])];
    const about = {
      subject: told.id ?? id,
      participants,
      detail: { ...detail, system: id, status: String(told.status) },
    };
    await this.parts.audit.write(entryOf('test-message.sent', operator, request.ip, about));
    return told;
  }

  /** Throws document-unknown, operator-not-allowed. */
  private system(id: string, operator: ActingOperator): System {
    const key = { kind: 'system', id, version: 0 } as const;
    const found = this.parts.desk.documents().get(keyText(key));
    const system = this.parts.current().system(id);
    if (!found || !system || !mayRead(operator, found.document)) throw unknownDocument(key);
    requireScope(operator, system.participant);
    return system;
  }

  /** One that can be called. Throws parameter-wrong, document-unknown. */
  private service(id: string, version: string | undefined, operator: ActingOperator): Service {
    const key = keyFrom('service', id, version);
    const documents = this.parts.desk.documents();
    const service = this.parts.current().service(id, key.version);
    if (!service || !readable(operator, documents)(stored(documents, key).document)) throw unknownDocument(key);
    return service;
  }
}

const wouldBeLive = (provider: string) =>
  new Fault('test-would-be-live', {
    detail: `${provider} is another body: its system would take the message for one of its work.`,
    place: 'live',
    expected: 'live=true',
  });

/** Under an id of its own: two tests of the same content are two messages. */
const headersOf = (request: Tried) => ({
  ...Object.fromEntries(Object.entries(plainHeaders(request)).filter(([name]) => CARRIED.includes(name))),
  'idempotency-key': `prova-${randomUUID()}`,
});

const given = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** What another body answers is for its caller, not for who tries the way. */
const toldOf = ({ status, headers, body }: Reply, isOwn: boolean) => ({
  id: headers['x-gateway-id'] ?? null,
  status,
  answer: isOwn || status >= 400 ? body.toString().slice(0, SHOWN) : '',
  faults: [],
});
