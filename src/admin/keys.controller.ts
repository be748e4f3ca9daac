import { Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import { json } from './answers.js';
import { LIMIT } from './parameters.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { PAGE, wholeFrom } from './query-values.js';
import { Requires } from './requires.js';

/** The keys that secrets and contents are sealed with. */
@ApiTags('keys')
@Controller('admin/keys')
export class KeysController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post('rotate')
  @HttpCode(200)
  @Requires('keys.rotate')
  @ApiOperation({ summary: 'Seals a batch anew with the first master key; call it until `left` is 0' })
  @ApiQuery(LIMIT)
  @ApiOkResponse(json('What was done.', 'RotatedKeys'))
  async rotate(@Query('limit') limit?: string) {
    const rotated = await this.parts.keys.rotate(wholeFrom('limit', limit, PAGE.standard, PAGE.maximum));
    if (rotated) return rotated;
    throw new Fault('parameter-wrong', {
      detail: 'This node has no master key.',
      place: 'CROCEVIA_MASTER_KEY_FILE',
      expected: 'a master key in the settings of every node',
    });
  }
}
