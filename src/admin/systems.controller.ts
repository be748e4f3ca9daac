import { randomBytes } from 'node:crypto';
import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { crediting, pausing, stored } from '../registry/documents/edits.js';
import { hashSecret } from '../registry/secret.js';
import { json, problem } from './answers.js';
import { entryOf } from './audit-entry.js';
import { showStored } from './document-answers.js';
import { findSystem, systemKey } from './find-system.js';
import { requireReach } from './held-back.js';
import { ID, REASON } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

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

  @Post(':id/connectivity')
  @HttpCode(200)
  @Requires('system.test')
  @ApiOperation({
    summary: 'Looks whether it can be reached, stage by stage: address, connection, TLS, answer; nothing is delivered',
    description:
      'Each registered address is asked with HEAD and the registered headers, within CROCEVIA_ALLOWED_NETWORKS as every delivery. Of a box or an ' +
      'AMQP queue: what waits there, and when the system last took something.',
  })
  @ApiParam(ID)
  @ApiOkResponse(json('How far it came.', 'Connectivity'))
  @ApiNotFoundResponse(UNKNOWN)
  async connectivity(
    @Param('id') id: string,
    @CurrentOperator() operator: ActingOperator,
    @Req() { ip }: OperatorRequest,
  ) {
    const { participant } = findSystem(id, operator, this.parts);
    const system = this.parts.current().system(id);
    if (!system) return stored(new Map(), systemKey(id));
    const found = await this.parts.testConnectivity(system);
    const detail = { verdict: found.verdict };
    await this.parts.audit.write(
      entryOf('system.tested', operator, ip, { subject: id, participants: [participant], detail }),
    );
    return { system: id, at: new Date().toISOString(), ...found };
  }

  @Post(':id/api-keys')
  @Requires('registry.write')
  @ApiOperation({
    summary: 'Makes an API key for it beside those that it has; the key is shown once and kept as its hash',
  })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiCreatedResponse(json('The key.', 'NewApiKey'))
  @ApiNotFoundResponse(UNKNOWN)
  async makeKey(@Param('id') id: string, @Query('reason') reason: string, @CurrentOperator() operator: ActingOperator) {
    findSystem(id, operator, this.parts);
    const name = `${id.replaceAll('.', '-').slice(0, 50)}-${randomBytes(4).toString('hex')}`;
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const credential = { kind: 'api-key', id: name, hash: hashSecret(secret) } as const;
    await this.parts.desk.write(crediting(systemKey(id), credential), writerOf(operator, reason));
    return { system: id, id: name, key: `${name}.${secret}` };
  }

  private async turn(id: string, isPaused: boolean, operator: ActingOperator, reason: string | undefined) {
    const key = systemKey(id);
    findSystem(id, operator, this.parts);
    if (!isPaused) await requireReach(key, operator, this.parts);
    await this.parts.desk.write(pausing(key, isPaused), writerOf(operator, reason));
    return showStored(stored(this.parts.desk.documents(), key), operator);
  }
}

const SECRET_BYTES = 24;
