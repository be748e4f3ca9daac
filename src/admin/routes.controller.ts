import { Controller, Get, Inject, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Fault } from '../message/fault.js';
import { simulate, type Described, type SimulatedRoute } from '../policy/simulate.js';
import type { System } from '../registry/model.js';
import { json, problem } from './answers.js';
import { choice, optional } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, wholeFrom, wrong } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const BINDINGS = ['soap', 'rest', 'cloudevents'] as const;
const YES_NO = ['yes', 'no'] as const;

type Asked = Readonly<Record<string, string | undefined>>;

/** Which way a message would take. */
@ApiTags('services')
@Controller('admin/routes')
export class RoutesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({
    summary: 'Which way a message would take, and each decision on it; nothing is sent',
    description:
      'As `POST /admin/services/{id}/versions/{version}/validate`, but without a message: its content, its size, rates and quotas are not judged.',
  })
  @ApiQuery({
    name: 'system',
    required: true,
    schema: { type: 'string' },
    description: 'that would send it; in the operator’s scope',
  })
  @ApiQuery({ ...choice('binding', BINDINGS), description: 'default rest' })
  @ApiQuery(optional('sender', 'IPA code of another body for which the system speaks'))
  @ApiQuery(optional('receiver', 'IPA code in the address; of an event: the receivers that it names, with commas'))
  @ApiQuery(optional('service', 'in the address'))
  @ApiQuery(optional('version', 'in the address; default 1'))
  @ApiQuery(optional('path', 'over REST: below the service, /notifiche'))
  @ApiQuery(optional('method', 'over REST; default POST'))
  @ApiQuery(optional('soapAction', 'over SOAP'))
  @ApiQuery(optional('element', 'over SOAP: the first in the Body, {namespace}name'))
  @ApiQuery(optional('eventType', 'of an event'))
  @ApiQuery({ ...choice('messageId', YES_NO), description: 'whether the sender gives an id; default yes' })
  @ApiQuery(optional('priority', 'X-Priority, 0 to 9'))
  @ApiOkResponse(json('Each decision, and each receiver.', 'RouteSimulation'))
  @ApiBadRequestResponse(problem('A parameter is wrong: `parameter-wrong`.'))
  @ApiNotFoundResponse(problem('No such system in the operator’s scope: `document-unknown`.'))
  async simulate(@Query() query: Asked, @CurrentOperator() operator: ActingOperator) {
    const registry = this.parts.current();
    const system = registry.system(query['system'] ?? '');
    if (!system || !(operator.participants?.has(system.participant) ?? true)) throw unknown(query['system'] ?? '');
    const { routes, ...told } = simulate(describedIn(query, system), registry, new Date());
    const spared = new Map((await this.parts.openCircuits()).map((one) => [one.system, one.until]));
    const circuitUntil = (id: string) => spared.get(id)?.toISOString() ?? null;
    // How another body's system stands is for those who have an agreement with it.
    const isTold = ({ participant, agreement }: SimulatedRoute) =>
      agreement?.status === 'active' || (operator.participants?.has(participant) ?? true);
    return {
      ...told,
      routes: routes.filter(isTold).map((one) => ({ ...one, circuitUntil: circuitUntil(one.system) })),
    };
  }
}

/** Throws parameter-wrong. */
function describedIn(query: Asked, system: System): Described {
  const binding = oneOf('binding', query['binding'], BINDINGS) ?? 'rest';
  const { receiver = '', sender, priority } = query;
  return {
    system,
    binding,
    address: addressIn(binding, query),
    headers: priority === undefined ? {} : { 'x-priority': priority },
    hints: hintsIn(binding, query),
    claimedSender: sender ?? null,
    claimedReceivers: binding === 'cloudevents' ? receiver.split(/[\s,]+/).filter(Boolean) : [],
    messageId: oneOf('messageId', query['messageId'], YES_NO) === 'no' ? null : 'simulated',
  };
}

function addressIn(binding: Described['binding'], query: Asked): Described['address'] {
  const { receiver = null, service = null, path = '', method = 'POST' } = query;
  const nowhere = { path: '', query: '', method: 'POST' };
  if (binding === 'cloudevents') return { participant: null, version: null, service: null, ...nowhere };
  const to = { participant: receiver, version: wholeFrom('version', query['version'], 1, 9999), service };
  if (binding === 'soap') return { ...to, ...nowhere };
  const [plain = '', parameters = ''] = path.split('?');
  return { ...to, path: plain, query: parameters, method: method.toUpperCase() };
}

function hintsIn(binding: Described['binding'], { soapAction, element, eventType }: Asked): Described['hints'] {
  const none = { soapAction: null, actionParameter: null, wsaAction: null, element: null, eventType: null };
  if (binding === 'cloudevents') return { ...none, eventType: eventType ?? null };
  if (binding === 'rest') return none;
  return { ...none, soapAction: soapAction ?? null, element: element === undefined ? null : elementIn(element) };
}

/** Throws parameter-wrong. */
function elementIn(text: string) {
  const [, namespace, name] = /^\{([^}]*)\}([^{}\s]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) throw wrong('element', '{namespace}name');
  return { namespace, name };
}

const unknown = (system: string) =>
  new Fault('document-unknown', {
    detail: `There is no system "${system.slice(0, 200)}" in your scope.`,
    place: 'system',
    expected: 'the id of a system',
  });
