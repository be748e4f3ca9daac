import type { X509Certificate } from 'node:crypto';
import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { certificateName, credentialName } from '../registry/documents/credentials.js';
import { crediting, discrediting } from '../registry/documents/edits.js';
import { namesOf } from '../tls/certificate.js';
import { keyOf, readCertificate, thumbprintOf, type CertificateProblem } from '../tls/client-certificate.js';
import { nameOf } from '../tls/inventory.js';
import { json, problem, schemaOf } from './answers.js';
import { certificateIn } from './certificate-schemas.js';
import { daysTo } from './certificates.controller.js';
import { showStored } from './document-answers.js';
import { findDocument } from './find-document.js';
import { findSystem, systemKey } from './find-system.js';
import { ID, REASON } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { wrong } from './query-values.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires } from './requires.js';

const UNKNOWN = problem('No such system in the operator’s scope.');
const THUMBPRINT = {
  name: 'thumbprint',
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  description: 'SHA-256 of the certificate, lower-case hex',
} as const;
/** With these it is refused, whoever shows it. */
const USELESS: readonly CertificateProblem[] = ['ended', 'authority'];

/** The certificates that systems show: looked at, put in beside the old one, taken away. */
@ApiTags('certificates')
@Controller('admin/systems/:id/certificates')
export class ClientCertificatesController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Post('check')
  @HttpCode(200)
  @Requires('registry.write')
  @ApiOperation({
    summary: 'What a certificate says and what stands against it; nothing is written',
    description: 'A text with a private key is refused and kept nowhere.',
  })
  @ApiParam(ID)
  @ApiBody({ schema: schemaOf('ClientCertificateBody') })
  @ApiOkResponse(json('The certificate.', 'ClientCertificate'))
  @ApiNotFoundResponse(UNKNOWN)
  check(@Param('id') id: string, @Body() body: unknown, @CurrentOperator() operator: ActingOperator) {
    findSystem(id, operator, this.parts);
    return this.show(id, readCertificate(certificateIn(body)));
  }

  @Post()
  @Requires('registry.write')
  @ApiOperation({
    summary: 'Puts a certificate in beside what the system has; until the old one is taken away both are taken',
  })
  @ApiParam(ID)
  @ApiQuery(REASON)
  @ApiBody({ schema: schemaOf('ClientCertificateBody') })
  @ApiCreatedResponse(json('The certificate.', 'ClientCertificate'))
  @ApiNotFoundResponse(UNKNOWN)
  async add(
    @Param('id') id: string,
    @Query('reason') reason: string,
    @Body() body: unknown,
    @CurrentOperator() operator: ActingOperator,
  ) {
    findSystem(id, operator, this.parts);
    const certificate = readCertificate(certificateIn(body));
    const shown = await this.show(id, certificate);
    if (shown.problems.some((one) => USELESS.includes(one)))
      throw wrong('certificate', 'a certificate of a system that has not ended');
    if (shown.known === 'name') throw wrong('certificate', 'nothing: the system is known by this name already');
    const { thumbprint, until } = shown;
    await this.parts.desk.write(
      crediting(systemKey(id), { kind: 'tls', thumbprint, expires: until }),
      writerOf(operator, reason),
    );
    return shown;
  }

  @Delete(':thumbprint')
  @Requires('registry.write')
  @ApiOperation({ summary: 'Takes a certificate away: the system is not let in with it any more' })
  @ApiParam(ID)
  @ApiParam(THUMBPRINT)
  @ApiQuery(REASON)
  @ApiOkResponse(json('The system.', 'StoredDocument'))
  @ApiNotFoundResponse(UNKNOWN)
  async remove(
    @Param() { id, thumbprint }: { readonly id: string; readonly thumbprint: string },
    @Query('reason') reason: string,
    @CurrentOperator() operator: ActingOperator,
  ) {
    findSystem(id, operator, this.parts);
    const fits = (one: object) => 'thumbprint' in one && one.thumbprint === thumbprint;
    await this.parts.desk.write(discrediting(systemKey(id), fits), writerOf(operator, reason));
    return showStored(findDocument(systemKey(id), operator, this.parts), operator);
  }

  private async show(system: string, certificate: X509Certificate) {
    const until = new Date(certificate.validTo);
    return {
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      serial: certificate.serialNumber,
      thumbprint: thumbprintOf(certificate),
      from: new Date(certificate.validFrom).toISOString(),
      until: until.toISOString(),
      days: daysTo(until),
      key: keyOf(certificate),
      problems: await this.parts.judgeCertificate(certificate),
      known: this.knownAs(system, certificate),
    };
  }

  /** How the system is let in with it already. */
  private knownAs(id: string, certificate: X509Certificate): 'thumbprint' | 'name' | null {
    const { subject, issuer } = namesOf(certificate.raw);
    const names = [certificateName(subject, issuer), certificateName(subject, null)];
    const own = (this.parts.current().system(id)?.credentials ?? []).filter(({ kind }) => kind === 'tls');
    if (own.some((one) => credentialName(one) === thumbprintOf(certificate))) return 'thumbprint';
    return own.some((one) => names.includes(credentialName(one))) ? 'name' : null;
  }
}
