import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { ServiceDocument } from '../registry/documents/document-types.js';
import { moving, stored } from '../registry/documents/edits.js';
import { SERVICE_STATUSES, statusOf } from '../registry/lifecycle.js';
import type { ServiceStatus } from '../registry/model.js';
import { changesBetween } from '../registry/publish/comparison.js';
import { publicationOf } from '../registry/publish/publish.js';
import { keyText, type StoredDocument } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { keyFrom, pageAfter, showStored, zipFrom } from './document-answers.js';
import { oneOf, wholeFrom, wrong } from './query-values.js';
import { readable, requirePublish, requireWrite } from './document-scope.js';
import { AFTER, choice, ID, LIMIT, optional, REASON, VERSION } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { versionFor, type Place } from './service-version.js';
import { CurrentOperator, Requires } from './requires.js';

const STEP = json('The version as it is now.', 'StoredDocument');
const NOT_ALLOWED = problem('The version cannot take this step: `problems` says why.');

/** How far ahead an end may be announced. */
const SUNSET_YEARS = 20;

/** Published interfaces: draft, published, deprecated, retired. */
@ApiTags('services')
@Controller('admin/services')
export class ServicesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({ summary: 'Service versions, drafts included' })
  @ApiQuery(choice('status', SERVICE_STATUSES))
  @ApiQuery(optional('owner', 'IPA code'))
  @ApiQuery(optional('text', 'part of the id or title'))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'DocumentPage'))
  @ApiBadRequestResponse(problem('A parameter is wrong.'))
  list(@Query() query: Record<string, string | undefined>, @CurrentOperator() operator: ActingOperator) {
    oneOf('status', query['status'], SERVICE_STATUSES);
    const documents = this.parts.desk.documents();
    const mayList = readable(operator, documents);
    const found = [...documents.values()].filter((one) => isWanted(one, query) && mayList(one.document));
    const { items, next } = pageAfter(found, (one) => keyText(one.key), query);
    return { items: items.map((one) => showStored(one, operator)), next };
  }

  @Post()
  @Requires('service.publish')
  @ApiOperation({ summary: 'Takes a bundle of interface files as the draft of a service version' })
  @ApiConsumes('application/zip')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiQuery(optional('id', 'needed where the bundle has no service.yaml'))
  @ApiQuery({ ...VERSION, required: false })
  @ApiQuery(optional('title'))
  @ApiQuery(optional('owner', 'IPA code of the body whose operators publish it'))
  @ApiQuery(REASON)
  @ApiCreatedResponse(json('The draft, what was found in it, and what it changes.', 'Publication'))
  @ApiUnprocessableEntityResponse(problem('`problems` names each with file and line; the registry is unchanged.'))
  async publish(
    @Body() body: unknown,
    @Query() query: Record<string, string | undefined>,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const { desk, current } = this.parts;
    const { id, title, version, owner = ownerFor(operator), reason } = query;
    const order = {
      ...(id !== undefined && { id }),
      ...(title !== undefined && { title }),
      ...(owner !== undefined && { owner }),
      ...(version !== undefined && { version: wholeFrom('version', version, 1, 9999) }),
    };
    const { document, report, compatibility, decide } = await publicationOf(zipFrom(body), order, current());
    const key = keyFrom('service', document.id, String(document.version));
    await desk.write(
      (documents) => {
        requirePublish(operator, document, documents);
        return decide(documents);
      },
      writerOf(operator, reason),
    );
    const now = stored(desk.documents(), key);
    return { key: keyText(key), revision: now.revision, report, compatibility };
  }

  @Get(':id/versions/:version/compatibility')
  @Requires('registry.read')
  @ApiOperation({ summary: 'What changes for senders from one version to another' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery({ ...VERSION, name: 'from', description: 'the version to compare with' })
  @ApiOkResponse(json('Each change, and whether it breaks.', 'Compatibility'))
  @ApiNotFoundResponse(problem('No such version.'))
  @ApiServiceUnavailableResponse(problem('Other interfaces are being checked, or the comparison took too long.'))
  async compatibility(
    @Param() { id, version }: Place,
    @Query('from') from: string,
    @CurrentOperator() operator: ActingOperator,
  ) {
    wholeFrom('from', from ?? '', 1, 9999);
    return {
      changes: await changesBetween(
        versionFor({ id, version: from }, operator, this.parts).built,
        versionFor({ id, version }, operator, this.parts).built,
      ),
    };
  }

  @Post(':id/versions/:version/publish')
  @HttpCode(200)
  @Requires('service.publish')
  @ApiOperation({ summary: 'From now on it can be called, and its interface cannot change' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery(REASON)
  @ApiOkResponse(STEP)
  @ApiUnprocessableEntityResponse(NOT_ALLOWED)
  release(@Param() at: Place, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.move(at, 'published', null, reason, operator);
  }

  @Post(':id/versions/:version/deprecate')
  @HttpCode(200)
  @Requires('service.publish')
  @ApiOperation({ summary: 'Announces its end to every caller (Deprecation, Sunset)' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery({ name: 'sunset', required: false, schema: { type: 'string', format: 'date-time' } })
  @ApiQuery(REASON)
  @ApiOkResponse(STEP)
  @ApiUnprocessableEntityResponse(NOT_ALLOWED)
  deprecate(
    @Param() at: Place,
    @Query() { sunset, reason }: { sunset?: string; reason?: string },
    @CurrentOperator() operator: ActingOperator,
  ) {
    return this.move(at, 'deprecated', sunsetFrom(sunset, new Date()), reason, operator);
  }

  @Post(':id/versions/:version/retire')
  @HttpCode(200)
  @Requires('service.publish')
  @ApiOperation({ summary: 'New messages are refused with service-retired; accepted ones are still delivered' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery(REASON)
  @ApiOkResponse(STEP)
  @ApiUnprocessableEntityResponse(NOT_ALLOWED)
  retire(@Param() at: Place, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.move(at, 'retired', null, reason, operator);
  }

  private async move(
    { id, version }: Place,
    status: ServiceStatus,
    sunset: string | null,
    reason: string | undefined,
    operator: ActingOperator,
  ) {
    const { desk } = this.parts;
    const key = keyFrom('service', id, version);
    requireWrite(operator, stored(desk.documents(), key).document);
    await desk.write(moving(key, status, { now: new Date(), sunset }), writerOf(operator, reason));
    return showStored(stored(desk.documents(), key), operator);
  }
}

/** ISO 8601. Throws parameter-wrong. */
function sunsetFrom(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const end = new Date(text);
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + SUNSET_YEARS);
  if (end > now && end <= latest) return end.toISOString();
  throw wrong('sunset', `a date and time to come, ISO 8601, in at most ${SUNSET_YEARS} years`);
}

/** A participant's operator publishes in the name of its own body. */
const ownerFor = ({ role, participants }: ActingOperator) =>
  role === 'participant' ? [...(participants ?? [])][0] : undefined;

function isWanted(
  { document }: StoredDocument,
  { status, owner, text: part = '' }: Record<string, string | undefined>,
) {
  if (document.kind !== 'service') return false;
  const { id, title } = document satisfies ServiceDocument;
  return (
    (status === undefined || statusOf(document) === status) &&
    (owner === undefined || document.owner === owner) &&
    [id, title].some((name) => name.toLowerCase().includes(part.toLowerCase()))
  );
}
