import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault, faultFrom } from '../message/fault.js';
import { json, problem, text } from './answers.js';
import { ADMIN_PARTS, type AdminParts, type Shape } from './ports.js';
import { Open, Requires } from './requires.js';

/** For load balancers and container engines; open, and tells no more than what is away. */
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
  @ApiOkResponse(
    json('It can; `degraded` names what is away meanwhile. In maintenance it is ready too, and says so.', 'Readiness'),
  )
  @ApiServiceUnavailableResponse(problem('Not now: `store-unavailable`, `registry-stale` or `stopping`.'))
  async ready(): Promise<Readiness> {
    if (this.parts.stopSignal.aborted) throw notReady('stopping');
    await this.parts.ready().catch((error: unknown) => {
      throw notReady(faultFrom(error).code);
    });
    const degraded = this.parts.degraded();
    // Boxes, status and operators go on: a load balancer that took every node out would end them too.
    const maintenance = this.parts.maintenance.current() !== null && { maintenance: true as const };
    return {
      status: degraded.length === 0 ? 'up' : 'degraded',
      ...(degraded.length > 0 && { degraded }),
      ...maintenance,
    };
  }
}

interface Readiness {
  readonly status: 'up' | 'degraded';
  readonly degraded?: readonly string[];
  readonly maintenance?: true;
}

/** Strangers are told which, and nothing of how. */
const notReady = (code: FaultCode) =>
  new Fault(READY_FAULTS.includes(code) ? code : 'store-unavailable', {
    detail: 'The node takes no messages now.',
    retryAfterSeconds: 5,
  });

const READY_FAULTS: readonly FaultCode[] = ['stopping', 'store-unavailable', 'registry-stale'];

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
