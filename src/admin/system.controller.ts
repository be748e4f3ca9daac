import { Controller, Get, Inject, Req, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { visibleJson } from '../message/visible.js';
import { json } from './answers.js';
import { entryOf } from './audit-entry.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires, type OperatorRequest } from './requires.js';

/** The node and what it stands on, for operators. */
@ApiTags('node')
@Controller('admin/system')
export class SystemController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('node.read')
  @ApiOperation({ summary: 'How this node, its disks and its database are doing, and what went round last' })
  @ApiOkResponse(json('Also where the database is away: `database` is null then.', 'System'))
  show() {
    return this.parts.system();
  }

  @Get('history')
  @Requires('node.read')
  @ApiOperation({ summary: 'Memory, event loop and disks of this node in the last day' })
  @ApiOkResponse(json('One point a minute since its start, the oldest first.', 'GaugeHistory'))
  history() {
    return { points: this.parts.gauges.points() };
  }

  @Get('diagnostics')
  @Requires('gateway.diagnose')
  @ApiOperation({
    summary: 'For a support case: how things stand, as a file without contents, credentials or personal data',
  })
  @ApiOkResponse(json('That it was taken stands in the audit.', 'Diagnostics'))
  async diagnostics(@CurrentOperator() operator: ActingOperator, @Req() { ip }: OperatorRequest) {
    const { node } = this.parts.shape();
    await this.parts.audit.write(entryOf('diagnostics.taken', operator, ip, { subject: node }));
    const diagnostics = await this.parts.diagnose();
    const day = diagnostics.at.toISOString().slice(0, 10);
    return new StreamableFile(Buffer.from(visibleJson(`${JSON.stringify(diagnostics, null, 2)}\n`)), {
      type: 'application/json',
      disposition: `attachment; filename="crocevia-diagnostics-${day}.json"`,
    });
  }
}
