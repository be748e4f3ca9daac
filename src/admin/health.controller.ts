import { Controller, Get, Header, Inject, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { json, problem, text } from './answers.js';
import { ADMIN_PARTS, type AdminParts, type Shape } from './ports.js';
import { Open, Requires } from './requires.js';

/** For load balancers and container engines; open, and tells nothing but yes or no. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('live')
  @Open()
  @ApiOperation({ summary: 'Is the process up' })
  @ApiOkResponse(json('It is.', 'Health'))
  live(): { status: string } {
    return { status: 'up' };
  }

  @Get('ready')
  @Open()
  @ApiOperation({ summary: 'Can it take messages' })
  @ApiOkResponse(json('It can.', 'Health'))
  @ApiServiceUnavailableResponse(problem('Not now.'))
  async ready(): Promise<{ status: string }> {
    if (this.parts.stopSignal.aborted) throw new ServiceUnavailableException('stopping');
    await this.parts.ready().catch(() => {
      throw new ServiceUnavailableException('not ready');
    });
    return { status: 'up' };
  }
}

/** How this node runs, for operators. */
@ApiTags('node')
@Controller('admin')
export class NodeController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get('node')
  @Requires('node.read')
  @ApiOperation({ summary: 'How this node runs' })
  @ApiOkResponse(json('The node.', 'Node'))
  node(): Shape {
    return this.parts.shape();
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Requires('node.read')
  @ApiOperation({ summary: 'Counters of this node in the format of Prometheus' })
  @ApiOkResponse(text('The counters.', 'text/plain'))
  async metrics(): Promise<string> {
    return (await this.parts.metrics.text()).body;
  }
}
