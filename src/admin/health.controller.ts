import { Controller, Get, Header, Inject, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import { OperatorGuard } from './operator.guard.js';
import { ADMIN_PARTS, type AdminParts, type Shape } from './ports.js';

/** For load balancers and container engines; open, and tells nothing but yes or no. */
@Controller('health')
export class HealthController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(): Promise<{ status: string }> {
    if (this.parts.stopSignal.aborted) throw new ServiceUnavailableException('stopping');
    await this.parts.ready().catch(() => {
      throw new ServiceUnavailableException('not ready');
    });
    return { status: 'up' };
  }
}

/** How this node runs, for operators. */
@Controller('admin')
@UseGuards(OperatorGuard)
export class NodeController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('node')
  node(): Shape {
    return this.parts.shape();
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    return (await this.parts.metrics.text()).body;
  }
}
