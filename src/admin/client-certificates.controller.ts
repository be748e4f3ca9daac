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
import { Fault } from '../message/fault.js';
import { certificateName, credentialName } from '../registry/documents/credentials.js';
import { crediting, discrediting } from '../registry/documents/edits.js';
import { namesOf } from '../tls/certificate.js';
import { readCertificate, type CertificateProblem } from '../tls/client-certificate.js';
import { factsOf, thumbprintOf } from '../tls/facts.js';
import { json, problem, schemaOf } from './answers.js';
import { certificateIn } from './certificate-schemas.js';
import { showStored } from './document-answers.js';
import { findDocument } from './find-document.js';
import { findSystem, systemKey } from './find-system.js';
import { ID, REASON } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { writerOf } from './registry-documents.controller.js';
import { CurrentOperator, Requires } from './requires.js';

const UNKNOWN = problem('No such system in the operator’s scope.');
const THUMBPRINT = {
  name: 'thumbprint',
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  description: 'SHA-256 of the certificate, lower-case hex',
} as const;

interface Shown {
  readonly problems: readonly CertificateProblem[];
  /** How the system is let in with it already; null: it is not. */
  readonly known: 'thumbprint' | 'name' | null;
}

/** Why a certificate is not to be put in; null: it may be. */
function unfit({ problems, known }: Shown): string | null {
  if (problems.includes('ended')) return 'It has ended: whoever shows it is refused.';
  if (problems.includes('authority')) return 'It is the certificate of an authority, not of a system.';
  if (known === 'name') return 'The system is known by the name of it already: there is nothing to put in.';
  return known === 'thumbprint' ? 'The system has it already: there is nothing to put in.' : null;
}

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
    description: 'A text with a private key is refused and kept nowhere: `private-key-sent`.',
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
    description: 'One that has ended, is of an authority, or that the system is known by already: `certificate-unfit`.',
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
    const against = unfit(shown);
    if (against !== null) throw new Fault('certificate-unfit', { detail: against, place: 'certificate' });
    await this.parts.desk.write(
      crediting(systemKey(id), { kind: 'tls', thumbprint: shown.thumbprint, expires: shown.until.toISOString() }),
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
    return {
      ...factsOf(certificate),
      problems: await this.parts.judgeCertificate(certificate),
      known: this.knownAs(system, certificate),
    };
  }

  private knownAs(id: string, certificate: X509Certificate): Shown['known'] {
    const { subject, issuer } = namesOf(certificate.raw);
    const names = [certificateName(subject, issuer), certificateName(subject, null)];
    const own = (this.parts.current().system(id)?.credentials ?? []).filter(({ kind }) => kind === 'tls');
    if (own.some((one) => credentialName(one) === thumbprintOf(certificate))) return 'thumbprint';
    return own.some((one) => names.includes(credentialName(one))) ? 'name' : null;
  }
}
