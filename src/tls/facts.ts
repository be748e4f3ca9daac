import type { X509Certificate } from 'node:crypto';

const DAY_MS = 86_400_000;

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Names as OpenSSL writes them, on one line. */
  readonly subject: string;
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  /** Lower-case hex SHA-256 of the DER certificate. */
  readonly thumbprint: string;
  readonly from: Date;
  readonly until: Date;
  /** Whole days that are left; negative: it is over. */
  readonly days: number;
  /** Such as "RSA 2048" or "EC prime256v1". */
  readonly key: string;
  /** Such as "DNS:comune.it" or "IP Address:127.0.0.1". */
  readonly names: readonly string[];
}

/** Throws Error where a time or the key cannot be read: OpenSSL takes such certificates all the same. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const until = timeOf(certificate.validTo);
  return {
    subject: onOneLine(certificate.subject),
    issuer: onOneLine(certificate.issuer),
    serial: certificate.serialNumber,
    thumbprint: thumbprintOf(certificate),
    from: timeOf(certificate.validFrom),
    until,
    days: daysTo(until),
    key: keyOf(certificate),
    names: certificate.subjectAltName?.split(', ') ?? [],
  };
}

/** Lower-case hex SHA-256 of the DER certificate. */
export const thumbprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();

/** A name of a certificate on one line. */
export const onOneLine = (name: string): string => name.replaceAll('\n', ', ');

/** Whole days that are left; negative: it is over. */
export const daysTo = (until: Date): number => Math.floor((until.getTime() - Date.now()) / DAY_MS);

function keyOf({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  return [publicKey.asymmetricKeyType?.toUpperCase(), modulusLength ?? namedCurve].filter(Boolean).join(' ');
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`a time of it is none: ${text}`);
  return time;
}
