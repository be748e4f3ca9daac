import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Credential, System } from '../registry/model.js';
import { daysTo } from '../tls/facts.js';
import type { HeldCertificate } from '../tls/inventory.js';
import { json } from './answers.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { CurrentOperator, Requires } from './requires.js';

/** What ends: certificates of the gateway, and what systems prove themselves with. */
@ApiTags('certificates')
@Controller('admin/certificates')
export class CertificatesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get()
  @Requires('registry.read')
  @ApiOperation({
    summary: 'Certificates and credentials, those that end first before the others',
    description:
      'Of this node: its own certificate, the authorities that it trusts, revocation lists, and whether the newest files are in use. Of systems in ' +
      'the operator’s scope: every credential, never its secret.',
  })
  @ApiOkResponse(json('What there is.', 'Certificates'))
  list(@CurrentOperator() { participants }: ActingOperator) {
    const { held, ...reading } = this.parts.certificates();
    const systems = this.parts
      .current()
      .systems()
      .filter(({ participant }) => participants === null || participants.has(participant));
    const items = [...held.map(ofNode), ...systems.flatMap(ofSystem)].map((one) => ({
      ...one,
      days: one.until && daysTo(one.until),
    }));
    return { ...reading, items: items.sort((a, b) => (a.days ?? Infinity) - (b.days ?? Infinity)) };
  }

  @Get('own')
  @Requires('node.read')
  @ApiOperation({
    summary: 'How the certificate of this node stands: in use and on the disk, its key, its chain, its names',
    description: 'The files are read now. No key is shown.',
  })
  @ApiOkResponse(json('How it stands.', 'OwnCertificate'))
  async own() {
    return { own: await this.parts.ownCertificate() };
  }
}

const ofNode = (one: HeldCertificate) => ({ ...one, participant: null, system: null });

const ofSystem = ({ id, participant, credentials }: System) =>
  credentials.map((credential) => ({
    kind: credential.kind,
    subject: nameOf(credential),
    issuer: 'issuer' in credential ? (credential.issuer ?? null) : null,
    serial: null,
    thumbprint: 'thumbprint' in credential ? credential.thumbprint : null,
    until: credential.expires === undefined ? null : new Date(credential.expires),
    participant,
    system: id,
  }));

/** What it is known by, which is no secret. */
function nameOf(credential: Credential): string {
  if (credential.kind === 'api-key') return credential.id;
  if (credential.kind === 'oauth') return credential.clientId;
  if (credential.kind === 'basic' || credential.kind === 'amqp') return credential.username;
  return 'subject' in credential ? credential.subject : credential.thumbprint;
}
