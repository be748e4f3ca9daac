import type { X509Certificate } from 'node:crypto';
import { CertificateRevocationList } from 'pkijs';
import { parsed } from './certificate.js';
import type { CertificateStatus, PeerCertificate } from './peer-certificate.js';

const PEM = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;
/** CRL number, authority key identifier, freshest CRL: what says nothing of how the list is to be read. */
const HARMLESS: readonly string[] = ['2.5.29.20', '2.5.29.35', '2.5.29.46'];

/** What an authority has revoked. */
export interface RevocationList {
  /** The authority's certificate. */
  readonly issuer: X509Certificate;
  /** Serial numbers, upper-case hex without leading zeros. */
  readonly serials: ReadonlySet<string>;
  readonly nextUpdate: Date | null;
}

/** Reads lists (PEM) of authorities of the truststore. Throws Error for one that is broken, partial or of nobody there. */
export async function readLists(
  pem: string,
  truststore: readonly X509Certificate[],
): Promise<readonly RevocationList[]> {
  const found = [...pem.matchAll(PEM)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  if (found.length === 0) throw new Error('there is no X509 CRL in PEM');
  return Promise.all(found.map((der) => readList(der, truststore)));
}

async function readList(der: Buffer, truststore: readonly X509Certificate[]): Promise<RevocationList> {
  const list = CertificateRevocationList.fromBER(der);
  const strange = list.crlExtensions?.extensions.find((one) => one.critical && !HARMLESS.includes(one.extnID));
  if (strange) throw new Error(`a CRL has the critical extension ${strange.extnID}: partial lists are not read`);
  for (const issuer of truststore) {
    const issuerCertificate = parsed(issuer);
    if (!list.issuer.isEqual(issuerCertificate.subject) || !(await list.verify({ issuerCertificate }))) continue;
    const serials = (list.revokedCertificates ?? []).map(({ userCertificate }) =>
      serialText(Buffer.from(userCertificate.valueBlock.valueHexView).toString('hex')),
    );
    return { issuer, serials: new Set(serials), nextUpdate: list.nextUpdate?.value ?? null };
  }
  throw new Error('a CRL is signed by no authority of the truststore');
}

export const serialText = (hex: string): string => hex.toUpperCase().replace(/^0+(?=.)/, '');

/** Unknown where its authority has no list here, or one that should have been replaced. */
export function statusIn(lists: readonly RevocationList[], certificate: PeerCertificate, now: Date): CertificateStatus {
  const own = lists.filter(({ issuer }) => certificate.issuerCertificate?.fingerprint256 === issuer.fingerprint256);
  if (own.some(({ serials }) => serials.has(serialText(certificate.certificate.serialNumber)))) return 'revoked';
  return own.some(({ nextUpdate }) => nextUpdate !== null && nextUpdate > now) ? 'good' : 'unknown';
}
