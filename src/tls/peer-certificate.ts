import type { X509Certificate } from 'node:crypto';

/** A client certificate that chains to the truststore. */
export interface PeerCertificate {
  readonly certificate: X509Certificate;
  /** Of the truststore; undefined where an authority between them, that the client has sent, issued it. */
  readonly issuerCertificate: X509Certificate | undefined;
  /** As `nameKey` writes them. */
  readonly subject: string;
  readonly issuer: string;
}

/** `unknown` where nobody can be asked. */
export type CertificateStatus = 'good' | 'revoked' | 'unknown';
