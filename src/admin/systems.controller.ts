import { Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { SystemDocument } from '../registry/documents/document-types.js';
import { pausing, stored } from '../registry/documents/edits.js';
import { keyText, type DocumentKey } from '../registry/registry-store.js';
import { json, problem } from './answers.js';
import { showStored } from './document-answers.js';
import { mayRead } from './document-scope.js';
import { ID, REASON } from './parameters.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires } from './requires.js';

const UNKNOWN = problem('No such system in the operator’s scope.');

/** Holds systems back, as while they are being mended. */
@ApiTags('systems')
@Controller('admin/systems')
export class SystemsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post(':id/pause')
  @HttpCode(200)
  @Requires('system.pause')
  @ApiOperation({
    summary: 'Nothing is delivered to it or asked of it: messages wait as SUSPENDED and burn no attempt',
  })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The system, paused.', 'StoredDocument'))
  @ApiNotFoundResponse(UNKNOWN)
  pause(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.turn(id, true, operator, reason);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Requires('system.pause')
  @ApiOperation({ summary: 'Ends a pause; what waited is delivered' })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The system, in use.', 'StoredDocument'))
  @ApiNotFoundResponse(UNKNOWN)
  resume(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    return this.turn(id, false, operator, reason);
  }

  private async turn(id: string, isPaused: boolean, operator: ActingOperator, reason: string | undefined) {
    const key: DocumentKey = { kind: 'system', id, version: 0 };
    const found = this.parts.desk.documents().get(keyText(key));
    const known = found && mayRead(operator, found.document) ? found : stored(new Map(), key);
    requireScope(operator, (known.document as SystemDocument).participant);
    await this.parts.desk.write(pausing(key, isPaused), writerOf(operator, reason));
    return showStored(stored(this.parts.desk.documents(), key), operator);
  }
}
