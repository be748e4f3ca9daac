import { Controller, Get, Inject, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { basename } from 'node:path/posix';
import { Fault } from '../message/fault.js';
import { json, problem } from './answers.js';
import { ID, VERSION } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires } from './requires.js';
import { showVersion, versionFor, type Place } from './service-version.js';

const FILE = {
  description: 'The bytes as they were published.',
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
};

/** One version of a service, and the files of its interface. */
@ApiTags('services')
@Controller('admin/services')
export class ServiceVersionsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get(':id/versions/:version')
  @Requires('registry.read')
  @ApiOperation({ summary: 'A version: what it offers, by whom, and to whom; bodies in scope only' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiOkResponse(json('The version.', 'ServiceVersion'))
  @ApiNotFoundResponse(problem('No such version: `document-unknown`.'))
  show(@Param() at: Place, @CurrentOperator() operator: ActingOperator) {
    return showVersion(versionFor(at, operator, this.parts), operator, this.parts);
  }

  @Get(':id/versions/:version/file')
  @Requires('registry.read')
  @ApiOperation({ summary: 'A file of the interface, as it was published' })
  @ApiParam(ID)
  @ApiParam(VERSION)
  @ApiQuery({ name: 'path', required: true, schema: { type: 'string' }, description: 'as `files` names it' })
  @ApiOkResponse(FILE)
  @ApiNotFoundResponse(problem('No such version, or it has no such file: `document-unknown`.'))
  async file(
    @Param() at: Place,
    @Query('path') path: string | undefined,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { files } = versionFor(at, operator, this.parts).document;
    const digest = path !== undefined && Object.hasOwn(files, path) ? files[path] : undefined;
    if (path === undefined || digest === undefined) throw unknownFile(path ?? '', files);
    const bytes = (await this.parts.desk.files([digest])).get(digest)!;
    reply.headers({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
      'x-content-type-options': 'nosniff',
      etag: `"${digest}"`,
    });
    return new StreamableFile(bytes, { type: 'application/octet-stream' });
  }
}

const unknownFile = (path: string, files: Readonly<Record<string, string>>) =>
  new Fault('document-unknown', {
    detail: `The interface has no file "${path.slice(0, 200)}".`,
    place: 'path',
    expected: Object.keys(files).slice(0, 20).join(', '),
  });
