import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { certificatesIn, issuerOf } from './certificate.js';
import { factsOf, type CertificateFacts } from './facts.js';
import type { TlsFiles } from './tls-files.js';

/** How the certificate of this node stands: what is in use, what lies on its disk, and what callers make of it. */
export interface OwnCertificate {
  readonly inUse: CertificateFacts;
  readonly readAt: Date;
  /** Null: it cannot be read; `problem` says why. */
  readonly onDisk: CertificateFacts | null;
  readonly isSame: boolean;
  /** Of the files: whether the key is that of the certificate; null: they cannot be read. */
  readonly keyFits: boolean | null;
  /** Why the newest files are not in use. */
  readonly problem: string | null;
  /** As callers are shown it, the certificate first. */
  readonly chain: readonly CertificateFacts[];
  /** Whether nothing is missing between the certificate and a root, its own or one that is known here. */
  readonly isChainComplete: boolean;
  /** Of PUBLIC_URL. */
  readonly host: string;
  readonly coversHost: boolean;
}

type Files = Pick<TlsFiles, 'options' | 'truststore' | 'reading' | 'look'>;

/** Looks at the files now, and at what is shown to callers. */
export async function lookAtOwn(tls: Files, publicUrl: string): Promise<OwnCertificate> {
  const shown = tls.options().cert as Buffer;
  const certificate = new X509Certificate(shown);
  const chain = chainOf(certificate, certificatesIn(shown.toString('latin1')).slice(1));
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  const { readAt, problem } = tls.reading();
  return {
    inUse: factsOf(certificate),
    readAt,
    problem,
    ...(await diskOf(tls, certificate)),
    chain: chain.map((one) => factsOf(one)),
    isChainComplete: isComplete(chain.at(-1)!, tls.truststore()),
    host,
    coversHost: (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined,
  };
}

async function diskOf(tls: Files, inUse: X509Certificate) {
  try {
    const { certificate, keyFits } = await tls.look();
    return { onDisk: factsOf(certificate), isSame: certificate.raw.equals(inUse.raw), keyFits };
  } catch (error) {
    return { onDisk: null, isSame: false, keyFits: null, problem: (error as Error).message };
  }
}

/** The certificate, its issuer, and so on, as far as they are sent along. */
function chainOf(certificate: X509Certificate, others: readonly X509Certificate[]): readonly X509Certificate[] {
  const issuer = issuerOf(certificate, others);
  if (!issuer) return [certificate];
  const rest = others.filter((one) => one !== issuer);
  return [certificate, ...chainOf(issuer, rest)];
}

const isComplete = (last: X509Certificate, truststore: readonly X509Certificate[]): boolean =>
  issuerOf(last, [last, ...truststore]) !== undefined || rootCertificates.some((pem) => isRootOf(pem, last));

const isRootOf = (pem: string, last: X509Certificate) => issuerOf(last, [new X509Certificate(pem)]) !== undefined;
