import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import { checkedDocument } from '../registry/documents/check-shape.js';
import type { AgreementDocument } from '../registry/documents/document-types.js';
import { AGREEMENT_STATUSES, asking, pausingIntake, stored, turning } from '../registry/documents/edits.js';
import type { Agreement } from '../registry/model.js';
import {
  keyText,
  type Decision,
  type DocumentKey,
  type Documents,
  type StoredDocument,
} from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { pageAfter, preconditionFrom, showStored } from './document-answers.js';
import { mayRead } from './document-scope.js';
import { requireReach } from './held-back.js';
import { AFTER, choice, ID, LIMIT, optional, REASON } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { oneOf } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const WRONG_STATE = problem('The agreement is in another state: `agreement-state-wrong`.');
const UNKNOWN = problem('No such agreement in the operator’s scope.');

/** The provider offers (its system provides the service), the consumer asks, the provider grants, either ends it. */
@ApiTags('agreements')
@Controller('admin/agreements')
export class AgreementsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({ summary: 'Agreements of which the consumer or the provider is in scope' })
  @ApiQuery(choice('status', AGREEMENT_STATUSES))
  @ApiQuery(optional('participant', 'IPA code of either'))
  @ApiQuery(optional('service'))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'DocumentPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  list(@Query() query: Record<string, string | undefined>, @CurrentOperator() operator: ActingOperator) {
    oneOf('status', query['status'], AGREEMENT_STATUSES);
    const all = [...this.parts.desk.documents().values()].filter(
      (one) => mayRead(operator, one.document) && isWanted(one, query),
    );
    const { items, next } = pageAfter(all, (one) => keyText(one.key), query);
    return { items: items.map((one) => showStored(one, operator)), next };
  }

  @Post()
  @Requires('agreement.request')
  @ApiOperation({
    summary: 'Asks for an agreement, or anew for a revoked one; it can be used once the provider has granted it',
  })
  @ApiBody({
    schema: { type: 'object', description: 'an agreement of registry.schema.json; kind and status are filled in' },
  })
  @ApiQuery(REASON)
  @ApiCreatedResponse(json('The agreement as requested.', 'StoredDocument'))
  @ApiConflictResponse(problem('The id is taken by an agreement that was not revoked: `agreement-state-wrong`.'))
  @ApiUnprocessableEntityResponse(problem('Not right: `problems` names each.'))
  async request(
    @Body() body: Record<string, unknown>,
    @Query('reason') reason: string | undefined,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const key: DocumentKey = { kind: 'agreement', id: String(body?.['id'] ?? ''), version: 0 };
    const document = checkedDocument({ ...body, kind: 'agreement', status: 'requested' }, key) as AgreementDocument;
    requireScope(operator, document.consumer);
    await this.parts.desk.write(asking(document), writerOf(operator, reason));
    return showStored(stored(this.parts.desk.documents(), key), operator);
  }

  @Post(':id/grant')
  @HttpCode(200)
  @Requires('agreement.grant')
  @ApiOperation({ summary: 'The provider grants what was asked for' })
  @ApiParam(ID)
  @ApiHeader({ name: 'If-Match', required: false, description: 'ETag of the agreement that was read: "12"' })
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, active.', 'StoredDocument'))
  @ApiConflictResponse(WRONG_STATE)
  @ApiNotFoundResponse(UNKNOWN)
  grant(
    @Param('id') id: string,
    @Query('reason') reason: string,
    @Headers('if-match') ifMatch: string | undefined,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const { revision } = this.known(id, 'provider', operator);
    // What is granted is what was read: it may have been withdrawn and asked for anew under the same id.
    if (ifMatch !== undefined) requireRevision(keyOf(id), revision, ifMatch);
    return this.turn(id, 'active', ['requested'], operator, reason);
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @Requires('agreement.suspend')
  @ApiOperation({ summary: 'Holds it back: new messages are refused, accepted ones wait as SUSPENDED' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, suspended.', 'StoredDocument'))
  @ApiConflictResponse(WRONG_STATE)
  @ApiNotFoundResponse(UNKNOWN)
  suspend(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.turn(id, 'suspended', null, operator, reason);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Requires('agreement.suspend')
  @ApiOperation({ summary: 'Ends a suspension; what waited is delivered' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, active.', 'StoredDocument'))
  @ApiConflictResponse(WRONG_STATE)
  @ApiNotFoundResponse(UNKNOWN)
  async resume(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    this.known(id, 'provider', operator);
    await requireReach(keyOf(id), operator, this.parts);
    return this.turn(id, 'active', ['suspended'], operator, reason);
  }

  @Post(':id/drain')
  @HttpCode(200)
  @Requires('agreement.suspend')
  @ApiOperation({
    summary: 'Pauses its intake: new messages are refused with `intake-paused`, what waits is delivered',
  })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, which takes nothing new.', 'StoredDocument'))
  @ApiNotFoundResponse(UNKNOWN)
  drain(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.write(id, (key) => pausingIntake(key, true), 'provider', operator, reason);
  }

  @Post(':id/reopen')
  @HttpCode(200)
  @Requires('agreement.suspend')
  @ApiOperation({ summary: 'Ends a pause of its intake' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, which takes messages.', 'StoredDocument'))
  @ApiNotFoundResponse(UNKNOWN)
  reopen(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.write(id, (key) => pausingIntake(key, false), 'provider', operator, reason);
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Requires('agreement.suspend')
  @ApiOperation({ summary: 'Ends it for good; the consumer may withdraw too' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The agreement, revoked.', 'StoredDocument'))
  @ApiConflictResponse(WRONG_STATE)
  @ApiNotFoundResponse(UNKNOWN)
  revoke(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.turn(id, 'revoked', null, operator, reason);
  }

  /** Only the provider's side moves an agreement on; revoking is open to both sides. */
  private turn(
    id: string,
    status: Agreement['status'],
    from: readonly Agreement['status'][] | null,
    operator: ActingOperator,
    reason: string | undefined,
  ) {
    const side = status === 'revoked' ? 'either' : 'provider';
    return this.write(id, (key) => turning(key, status, from), side, operator, reason);
  }

  private async write(
    id: string,
    changing: (key: DocumentKey) => (documents: Documents) => Decision,
    side: 'provider' | 'either',
    operator: ActingOperator,
    reason: string | undefined,
  ) {
    const key = keyOf(id);
    this.known(id, side, operator);
    await this.parts.desk.write(changing(key), writerOf(operator, reason));
    return showStored(stored(this.parts.desk.documents(), key), operator);
  }

  /** Throws document-unknown, operator-not-allowed. */
  private known(id: string, side: 'provider' | 'either', operator: ActingOperator): StoredDocument {
    const key = keyOf(id);
    const found = this.parts.desk.documents().get(keyText(key));
    const known = found && mayRead(operator, found.document) ? found : stored(new Map(), key);
    const { consumer, provider } = known.document as AgreementDocument;
    const isConsumer = operator.participants?.has(consumer) ?? false;
    if (!(side === 'either' && isConsumer)) requireScope(operator, provider);
    return known;
  }
}

/** Throws document-changed, parameter-wrong. */
function requireRevision(key: DocumentKey, revision: number, ifMatch: string): void {
  const wanted = preconditionFrom(ifMatch, undefined);
  if (wanted !== 'absent' && wanted.revision === revision) return;
  throw new Fault('document-changed', {
    detail: `${keyText(key)} is at revision ${revision}.`,
    place: 'If-Match',
    expected: `"${revision}"`,
  });
}

const keyOf = (id: string): DocumentKey => ({ kind: 'agreement', id, version: 0 });

function isWanted({ document }: StoredDocument, query: Record<string, string | undefined>): boolean {
  if (document.kind !== 'agreement') return false;
  const { status, participant, service } = query;
  return (
    (status === undefined || (document.status ?? 'active') === status) &&
    (participant === undefined || [document.consumer, document.provider].includes(participant)) &&
    (service === undefined || document.service === service)
  );
}
