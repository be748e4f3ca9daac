import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  UnprocessableEntityException,
  UseGuards,
} from '@nestjs/common';
import { RegistryError } from '../registry/registry.js';
import { OperatorGuard } from './operator.guard.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';

@Controller('admin/registry')
@UseGuards(OperatorGuard)
export class RegistryController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  show() {
    const { registry } = this.parts;
    return { revision: registry.revision(), ...registry.counts(), problems: registry.problems() };
  }

  @Post('reload')
  @HttpCode(200)
  async reload() {
    try {
      await this.parts.registry.reload();
      return this.show();
    } catch (error) {
      if (error instanceof RegistryError) throw new UnprocessableEntityException({ problems: error.problems });
      throw error;
    }
  }
}

/** RabbitMQ users of systems that speak AMQP. */
@Controller('admin/broker')
@UseGuards(OperatorGuard)
export class BrokerController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post('grants/:system')
  @HttpCode(201)
  grant(@Param('system') system: string) {
    return this.parts.grant(system);
  }
}
