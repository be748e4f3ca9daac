import type { X509Certificate } from 'node:crypto';
import { Fault } from '../message/fault.js';
import { certificatesIn, issuerOf, namesOf, parsed } from './certificate.js';
import { factsOf } from './facts.js';
import type { CheckCertificate } from './revocation.js';

/** What stands against a client certificate; the first two make it useless for good. */
export const CERTIFICATE_PROBLEMS = [
  'ended',
  'authority',
  'not-yet',
  'weak-key',
  'weak-signature',
  'not-for-clients',
  'unknown-authority',
  'revoked',
  'status-unknown',
] as const;

export type CertificateProblem = (typeof CERTIFICATE_PROBLEMS)[number];

/** Looks at a certificate as at one that a system would show now. */
export type JudgeCertificate = (certificate: X509Certificate) => Promise<readonly CertificateProblem[]>;

interface JudgeParts {
  /** Null: client certificates are known by their thumbprint, whoever issued them. */
  readonly truststore: (() => readonly X509Certificate[]) | null;
  readonly checkCertificate: CheckCertificate;
  readonly now: () => number;
}

/** MD5 and SHA-1 with RSA, SHA-1 with ECDSA (RFC 8017 A.2.4, RFC 5758 §3.2): nobody should sign with them. */
const WEAK_SIGNATURES = ['1.2.840.113549.1.1.4', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1'];
const WEAK_RSA_BITS = 2048;
/** Client authentication, and any use (RFC 5280 §4.2.1.12). */
const CLIENT_USES = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

export function createJudgeCertificate({ truststore, checkCertificate, now }: JudgeParts): JudgeCertificate {
  return async (certificate) => {
    const own = ownProblems(certificate, now());
    if (truststore === null) return own;
    const issuerCertificate = issuerOf(certificate, truststore());
    if (!issuerCertificate) return [...own, 'unknown-authority'];
    const peer = { certificate, issuerCertificate, ...namesOf(certificate.raw) };
    return [...own, ...(await statusOf(checkCertificate(peer)))];
  };
}

function ownProblems(certificate: X509Certificate, now: number): readonly CertificateProblem[] {
  const key = certificate.publicKey;
  const uses = certificate.keyUsage;
  const found: Readonly<Record<string, boolean>> = {
    ended: Date.parse(certificate.validTo) <= now,
    authority: certificate.ca,
    'not-yet': Date.parse(certificate.validFrom) > now,
    'weak-key': key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < WEAK_RSA_BITS,
    'weak-signature': WEAK_SIGNATURES.includes(parsed(certificate).signatureAlgorithm.algorithmId),
    'not-for-clients': uses !== undefined && !uses.some((use) => CLIENT_USES.includes(use)),
  };
  return CERTIFICATE_PROBLEMS.filter((problem) => found[problem]);
}

async function statusOf(check: Promise<void>): Promise<readonly CertificateProblem[]> {
  try {
    await check;
    return [];
  } catch (error) {
    if (error instanceof Fault && error.code === 'certificate-revoked') return ['revoked'];
    if (error instanceof Fault && error.code === 'certificate-status-unknown') return ['status-unknown'];
    throw error;
  }
}

/**
 * The first certificate of a PEM text, which is the system's own where its chain follows. Throws Fault parameter-wrong, and private-key-sent for
 * a text that holds what never leaves its owner.
 */
export function readCertificate(pem: string): X509Certificate {
  if (pem.includes('PRIVATE KEY-----')) throw keySent();
  try {
    const [first] = certificatesIn(pem);
    // OpenSSL takes a certificate with a time or a key that nobody can read.
    if (first && factsOf(first)) return first;
  } catch (error) {
    throw wrong(`The certificate cannot be read: ${(error as Error).message}`);
  }
  throw wrong('There is no certificate in it.');
}

const keySent = () =>
  new Fault('private-key-sent', {
    detail: 'There is a private key in it, which nobody else may have. It is kept nowhere.',
    place: 'certificate',
    expected: 'the certificate alone',
  });

const wrong = (detail: string) =>
  new Fault('parameter-wrong', {
    detail,
    place: 'certificate',
    expected: 'one X.509 certificate in PEM, without its private key',
  });
