import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { json, problem } from './answers.js';
import { requireScope, type ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires } from './requires.js';

@ApiTags('registry')
@Controller('admin/registry')
export class RegistryController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({ summary: 'Which documents are in force' })
  @ApiOkResponse(json('The registry in force.', 'Registry'))
  show(@CurrentOperator() { participants }: ActingOperator) {
    const { registry } = this.parts;
    const problems = participants === null && { problems: registry.problems() };
    return { revision: registry.revision(), ...registry.counts(), ...problems };
  }

  @Post('reload')
  @HttpCode(200)
  @Requires('registry.reload')
  @ApiOperation({ summary: 'Reads the documents now' })
  @ApiOkResponse(json('The registry in force.', 'Registry'))
  @ApiUnprocessableEntityResponse(problem('The documents are wrong; the last good ones stay. `problems` names each.'))
  async reload(@CurrentOperator() operator: ActingOperator) {
    await this.parts.registry.reload();
    return this.show(operator);
  }
}

/** RabbitMQ users of systems that speak AMQP. */
@ApiTags('broker')
@Controller('admin/broker')
export class BrokerController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post('grants/:system')
  @HttpCode(201)
  @Requires('broker.grant')
  @ApiOperation({ summary: 'Makes the RabbitMQ user of a system, or gives it a new password, which is shown once' })
  @ApiParam({ name: 'system', schema: { type: 'string' }, description: 'system id' })
  @ApiQuery({
    name: 'username',
    required: false,
    schema: { type: 'string' },
    description: 'which of its users; default: the first',
  })
  @ApiCreatedResponse(json('The user.', 'BrokerUser'))
  @ApiBadRequestResponse(problem('The system has no such user in the registry.'))
  grant(
    @Param('system') system: string,
    @Query('username') username: string | undefined,
    @CurrentOperator() operator: ActingOperator,
  ) {
    requireScope(operator, this.parts.registry.participantOf(system) ?? system);
    return this.parts.grant(system, username);
  }
}
