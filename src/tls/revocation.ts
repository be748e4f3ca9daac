import { Fault } from '../message/fault.js';
import { statusIn } from './crl.js';
import type { Responder } from './ocsp.js';
import type { PeerCertificate } from './peer-certificate.js';
import type { TlsFiles } from './tls-files.js';

/** Throws certificate-revoked, and certificate-status-unknown where the settings refuse what nobody can say. */
export type CheckCertificate = (certificate: PeerCertificate) => Promise<void>;

interface RevocationParts {
  readonly kind: 'crl' | 'ocsp';
  /** What happens to a certificate of which nobody can say anything now. */
  readonly whenUnknown: 'refuse' | 'accept';
  readonly files: Pick<TlsFiles, 'lists'>;
  /** Null without OCSP. */
  readonly responder: Pick<Responder, 'statusOf'> | null;
  readonly now: () => number;
}

export function createCheckCertificate(parts: RevocationParts): CheckCertificate {
  const { kind, whenUnknown, files, responder, now } = parts;
  return async (certificate) => {
    const status =
      kind === 'ocsp' && responder
        ? await responder.statusOf(certificate)
        : statusIn(files.lists(), certificate, new Date(now()));
    if (status === 'revoked') throw revoked();
    if (status === 'unknown' && whenUnknown === 'refuse') throw unknown();
  };
}

const revoked = () =>
  new Fault('certificate-revoked', {
    detail: 'The client certificate has been revoked by its authority.',
    place: 'client certificate',
    expected: 'a certificate that is in force',
  });

const unknown = () =>
  new Fault('certificate-status-unknown', {
    detail: 'Whether the client certificate has been revoked cannot be found out now.',
    place: 'client certificate',
    retryAfterSeconds: 30,
  });
