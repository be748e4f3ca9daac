import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiPreconditionFailedResponse,
  ApiQuery,
  ApiResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { putting, removing, stored } from '../registry/documents/edits.js';
import { keyText, type StoredDocument } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { etagOf, keyFrom, KINDS, pageAfter, preconditionFrom, showChange, showStored } from './document-answers.js';
import { changedDocument } from './document-change.js';
import { readable, requireWrite } from './document-scope.js';
import { findDocument } from './find-document.js';
import { requireLettingGo } from './held-back.js';
import { AFTER, ID, KIND, LIMIT, optional, REASON, VERSION } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { eventCursors } from './event-cursor.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, PAGE, wholeFrom } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';
import { isVisible, shownChanges } from './shown-changes.js';

const OF_SERVICE = { ...VERSION, required: false, description: 'of a service' } as const;
const IF_MATCH = { name: 'If-Match', required: false, schema: { type: 'string' } } as const;
const IF_NONE_MATCH = { ...IF_MATCH, name: 'If-None-Match', description: '`*` for a new document' } as const;
const CHANGED = problem('Changed meanwhile: `document-changed`.');
const UNCONDITIONAL = { status: 428, ...problem('Neither If-Match nor If-None-Match: `precondition-missing`.') };

interface ListQuery {
  readonly kind?: string;
  readonly text?: string;
  readonly limit?: string;
  readonly after?: string;
}

/** The registry's documents: participants, systems, services, agreements, operators. */
@ApiTags('registry')
@Controller('admin/registry')
export class RegistryDocumentsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('documents')
  @Requires('registry.read')
  @ApiOperation({ summary: 'Documents in the order of their keys' })
  @ApiQuery({ ...KIND, required: false })
  @ApiQuery(optional('text', 'part of the id, title or name'))
  @ApiQuery(AFTER)
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('A page.', 'DocumentPage'))
  list(@Query() query: ListQuery, @CurrentOperator() operator: ActingOperator) {
    const { text = '' } = query;
    const kind = oneOf('kind', query.kind, KINDS);
    const documents = this.parts.desk.documents();
    const mayRead = readable(operator, documents);
    const found = [...documents.values()].filter(
      (one) => (kind === undefined || one.key.kind === kind) && mayRead(one.document) && names(one, text),
    );
    const { items, next } = pageAfter(found, (one) => keyText(one.key), query);
    return { items: items.map((one) => showStored(one, operator)), next };
  }

  @Get('documents/:kind/:id')
  @Requires('registry.read')
  @ApiOperation({ summary: 'One document, with its ETag' })
  @ApiParam(KIND)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiOkResponse(json('The document.', 'StoredDocument'))
  @ApiNotFoundResponse(problem('No such document in the operator’s scope.'))
  show(
    @Param('kind') kind: string,
    @Param('id') id: string,
    @Query('version') version: string | undefined,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = findDocument(keyFrom(kind, id, version), operator, this.parts);
    void reply.header('etag', etagOf(found));
    return showStored(found, operator);
  }

  @Put('documents/:kind/:id')
  @Requires('registry.write')
  @ApiOperation({
    summary: 'Writes a document; in force on every node within a second',
    description:
      'A credential of a system without `hash` keeps the one that is stored for its kind and id; `***` as a header value, or for name and password in an address, keeps what is stored for the same address.',
  })
  @ApiParam(KIND)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiQuery(REASON)
  @ApiHeader({ ...IF_MATCH, description: 'ETag of the document that is changed: "12"' })
  @ApiHeader(IF_NONE_MATCH)
  @ApiBody({ schema: { type: 'object', description: 'as schemas/crocevia/1.0/registry.schema.json says' } })
  @ApiOkResponse(json('As it is now.', 'StoredDocument'))
  @ApiCreatedResponse(json('The new document.', 'StoredDocument'))
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiResponse(UNCONDITIONAL)
  @ApiUnprocessableEntityResponse(problem('Not right: `problems` names each; nothing was changed.'))
  async write(
    @Param('kind') kind: string,
    @Param('id') id: string,
    @Query() query: { version?: string; reason?: string },
    @Headers() headers: Record<string, string | undefined>,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const key = keyFrom(kind, id, query.version);
    const precondition = preconditionFrom(headers['if-match'], headers['if-none-match']);
    await requireLettingGo(key, body, operator, this.parts);
    await this.parts.desk.write(
      (documents) => {
        const document = changedDocument(operator, documents, key, { value: body });
        return putting(document, precondition)(documents);
      },
      writerOf(operator, query.reason),
    );
    const now = stored(this.parts.desk.documents(), key);
    if (precondition === 'absent') void reply.status(201);
    void reply.header('etag', etagOf(now));
    return showStored(now, operator);
  }

  @Delete('documents/:kind/:id')
  @HttpCode(204)
  @Requires('registry.write')
  @ApiOperation({ summary: 'Takes a document away' })
  @ApiParam(KIND)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiQuery(REASON)
  @ApiHeader({ ...IF_MATCH, required: true, description: 'ETag of the document that goes: "12"' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiNotFoundResponse(problem('No such document in the operator’s scope.'))
  @ApiPreconditionFailedResponse(CHANGED)
  @ApiResponse(UNCONDITIONAL)
  @ApiUnprocessableEntityResponse(problem('Others refer to it: `problems` names each.'))
  async remove(
    @Param('kind') kind: string,
    @Param('id') id: string,
    @Query() query: { version?: string; reason?: string },
    @Headers() headers: Record<string, string | undefined>,
    @CurrentOperator() operator: ActingOperator,
  ) {
    const { key, document } = findDocument(keyFrom(kind, id, query.version), operator, this.parts);
    requireWrite(operator, document);
    await requireLettingGo(key, null, operator, this.parts);
    const precondition = preconditionFrom(headers['if-match'], undefined);
    await this.parts.desk.write(removing(key, precondition), writerOf(operator, query.reason));
  }

  @Get('history')
  @Requires('audit.read')
  @ApiOperation({ summary: 'Every change of the registry, newest first: who, when, before, after' })
  @ApiQuery({ ...KIND, required: false })
  @ApiQuery({ ...ID, required: false })
  @ApiQuery(LIMIT)
  @ApiQuery({ name: 'before', required: false, schema: { type: 'string' }, description: '`next` of the page before' })
  @ApiOkResponse(json('A page.', 'HistoryPage'))
  async history(
    @Query() query: { kind?: string; id?: string; limit?: string; before?: string },
    @CurrentOperator() operator: ActingOperator,
  ) {
    const { id, limit, before } = query;
    const kind = oneOf('kind', query.kind, KINDS);
    const size = wholeFrom('limit', limit, PAGE.standard, PAGE.maximum);
    const cursors = eventCursors(await this.parts.cursorKey(), operator.id);
    const filter = { ...(kind && { kind }), ...(id !== undefined && { id }) };
    const mayRead = readable(operator, this.parts.desk.documents());
    const rows = await shownChanges(this.parts.history, filter, (row) => isVisible(row, mayRead), {
      limit: size + 1,
      ...(before !== undefined && { before: cursors.read(before, 'before') }),
    });
    const items = rows.slice(0, size);
    const last = rows.length > size ? items.at(-1) : undefined;
    return {
      items: items.map((row) => showChange(row, operator, mayRead)),
      next: last ? cursors.write(last.seq) : null,
    };
  }
}

const names = ({ key, document }: StoredDocument, text: string) =>
  [key.id, 'title' in document ? document.title : '', 'name' in document ? document.name : ''].some((name) =>
    name.toLowerCase().includes(text.toLowerCase()),
  );

export const writerOf = ({ id }: ActingOperator, reason: string | undefined) => ({
  by: id,
  reason: reason?.slice(0, 500) ?? null,
});
