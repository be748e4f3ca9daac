import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Registry } from '../registry/registry.js';
import { json } from './answers.js';
import { optional } from './parameters.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { Requires } from './requires.js';

const MOST = 200;

interface Asked {
  readonly service?: string;
  readonly text?: string;
}

/** Who offers what: as public as the interfaces, and as what systems read at /directory. */
@ApiTags('services')
@Controller('admin/directory')
export class DirectoryController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({ summary: 'Services that can be called, and who offers them' })
  @ApiQuery(optional('service', 'its id'))
  @ApiQuery(optional('text', 'part of a service, a title, a code or a name'))
  @ApiOkResponse(json(`The first ${MOST}.`, 'Directory'))
  list(@Query() { service, text = '' }: Asked) {
    const wanted = text.toLowerCase();
    const found = offersIn(this.parts.current()).filter(
      (one) =>
        (service === undefined || one.service === service) &&
        [one.service, one.title, one.provider, one.name].some((word) => word.toLowerCase().includes(wanted)),
    );
    return { items: found.slice(0, MOST), isWhole: found.length <= MOST };
  }
}

function offersIn(registry: Registry) {
  const offers = registry.systems().flatMap(({ participant, provides }) =>
    provides.flatMap(({ service: id, version }) => {
      const service = registry.service(id, version);
      if (!service || service.status === 'retired') return [];
      const { title, operations } = service;
      const name = registry.participant(participant)?.name ?? participant;
      const isAsked = operations.every(({ profile }) => profile === 'query');
      return [{ service: id, version, title, provider: participant, name, isAsked }];
    }),
  );
  const keyOf = ({ service, version, provider }: (typeof offers)[number]) => `${service} ${version} ${provider}`;
  return offers.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
