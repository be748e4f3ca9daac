import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { ADMIN_PARTS, type AdminParts } from './ports.js';

/** A hint from another node; the documents themselves are the truth, so a lost or repeated one does no harm. */
export interface RegistryChanged {
  readonly revision: string;
}

/** Control events between nodes (fan-out over RabbitMQ); messages never travel this way. */
@Controller()
export class ControlController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @EventPattern<string>('registry.changed')
  async registryChanged(@Payload() { revision }: RegistryChanged): Promise<void> {
    const { registry } = this.parts;
    if (revision !== registry.revision()) await registry.reload().catch(() => undefined);
  }
}
