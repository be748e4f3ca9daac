import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBody,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { packService, yamlText } from '../registry/bundle/transfer.js';
import { keyText, type Change } from '../registry/registry-store.js';
import { json, problem, schemaOf } from './answers.js';
import { etagOf, keyFrom, KINDS } from './document-answers.js';
import { checkText } from './document-check.js';
import { textIn } from './document-schemas.js';
import { readable, withoutSecrets } from './document-scope.js';
import { eventCursors } from './event-cursor.js';
import { findDocument } from './find-document.js';
import { ID, LIMIT, VERSION } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { PAGE, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';
import { isVisible, shownChanges } from './shown-changes.js';
import { showTextChange } from './text-change.js';

/** Operators hold hashes that nothing puts back: they are written by their own pages and doors. */
const TEXTS = KINDS.filter((kind) => kind !== 'operator');

const OF = { name: 'kind', schema: { type: 'string', enum: TEXTS } } as const;
const OF_SERVICE = { ...VERSION, required: false, description: 'of a service' } as const;
const UNKNOWN = problem('No such document in the operator’s scope.');
const BEFORE = {
  name: 'before',
  required: false,
  schema: { type: 'string' },
  description: '`next` of the page before',
};
const FILE = { schema: { type: 'string', format: 'binary' } } as const;

interface Place {
  readonly kind: string;
  readonly id: string;
}

/** One document of the registry as a text: read, tried out, taken out, and as it was before. */
@ApiTags('registry')
@Controller('admin/registry/documents/:kind/:id')
export class DocumentTextController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('text')
  @Requires('registry.read')
  @ApiOperation({ summary: 'One document as YAML, without secrets, with its ETag' })
  @ApiParam(OF)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiOkResponse(json('The text.', 'DocumentText'))
  @ApiNotFoundResponse(UNKNOWN)
  text(
    @Param() at: Place,
    @Query('version') version: string | undefined,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = findDocument(keyAt(at, version), operator, this.parts);
    void reply.header('etag', etagOf(found));
    const { revision, changedAt, changedBy, document } = found;
    const text = yamlText(withoutSecrets(document));
    return { key: keyText(found.key), revision, changedAt: changedAt.toISOString(), changedBy, text };
  }

  @Get('file')
  @Requires('registry.read')
  @ApiOperation({
    summary: 'One document as a file for the directory of a registry, without secrets',
    description: 'YAML; of a service a ZIP archive with its interface files.',
  })
  @ApiParam(OF)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiOkResponse({ description: 'The file.', content: { 'application/yaml': FILE, 'application/zip': FILE } })
  @ApiNotFoundResponse(UNKNOWN)
  async file(
    @Param() at: Place,
    @Query('version') version: string | undefined,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const found = findDocument(keyAt(at, version), operator, this.parts);
    const { key, document, files } = found;
    const isService = document.kind === 'service';
    const name = isService ? `${key.id}-v${key.version}.zip` : `${key.kind}-${key.id}.yaml`;
    reply.headers({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'x-content-type-options': 'nosniff',
      etag: etagOf(found),
    });
    if (!isService)
      return new StreamableFile(Buffer.from(yamlText(withoutSecrets(document))), { type: 'application/yaml' });
    const bytes = await this.parts.desk.files([...new Set(Object.values(files))]);
    const own = new Map(Object.entries(files).map(([path, digest]) => [path, bytes.get(digest)!]));
    return new StreamableFile(await packService(document, own), { type: 'application/zip' });
  }

  @Post('check')
  @HttpCode(200)
  @Requires('registry.write')
  @ApiOperation({
    summary: 'What would stand against writing this text; nothing is written',
    description:
      'As PUT looks at it, with the line of each problem. A document that is not there yet is looked at too.',
  })
  @ApiParam(OF)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiBody({ schema: schemaOf('DocumentTextBody') })
  @ApiOkResponse(json('Every problem, and the document.', 'DocumentCheck'))
  @ApiNotFoundResponse(problem('A version of a service that was never published: `document-unknown`.'))
  check(
    @Param() at: Place,
    @Query('version') version: string | undefined,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
  ) {
    return checkText(keyAt(at, version), textIn(body), operator, this.parts);
  }

  @Get('history')
  @Requires('registry.read')
  @ApiOperation({ summary: 'Every change of one document, newest first, with its text before and after' })
  @ApiParam(OF)
  @ApiParam(ID)
  @ApiQuery(OF_SERVICE)
  @ApiQuery(LIMIT)
  @ApiQuery(BEFORE)
  @ApiOkResponse(json('A page; empty for what is out of scope.', 'DocumentHistory'))
  async history(
    @Param() at: Place,
    @Query() query: { version?: string; limit?: string; before?: string },
    @CurrentOperator() operator: ActingOperator,
  ) {
    const key = keyAt(at, query.version);
    const size = wholeFrom('limit', query.limit, PAGE.standard, PAGE.maximum);
    const cursors = eventCursors(await this.parts.cursorKey(), operator.id);
    const mayRead = readable(operator, this.parts.desk.documents());
    const isShown = (row: Change) => row.key.version === key.version && isVisible(row, mayRead);
    const rows = await shownChanges(this.parts.history, { kind: key.kind, id: key.id }, isShown, {
      limit: size + 1,
      ...(query.before !== undefined && { before: cursors.read(query.before, 'before') }),
    });
    const items = rows.slice(0, size);
    const last = rows.length > size ? items.at(-1) : undefined;
    return { items: items.map((row) => showTextChange(row, mayRead)), next: last ? cursors.write(last.seq) : null };
  }
}

/** Throws parameter-wrong. */
function keyAt({ kind, id }: Place, version: string | undefined) {
  if (kind === 'operator') throw wrong('kind', `one of ${TEXTS.join(', ')}`);
  return keyFrom(kind, id, version);
}
