import { X509Certificate } from 'node:crypto';
import { BaseStringBlock, fromBER, type ObjectIdentifier, type Sequence, type Set as Asn1Set } from 'asn1js';
import { Certificate } from 'pkijs';
import { nameKey, type DistinguishedName } from '../registry/distinguished-name.js';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text. Throws Error for one that is broken. */
export const certificatesIn = (pem: string): readonly X509Certificate[] =>
  (pem.match(PEM) ?? []).map((one) => new X509Certificate(one));

export const parsed = (certificate: X509Certificate): Certificate => Certificate.fromBER(certificate.raw);

/** Subject and issuer as `nameKey` writes them. */
export function namesOf(der: Buffer): { readonly subject: string; readonly issuer: string } {
  const { result } = fromBER(der);
  const tbs = (result as Sequence).valueBlock.value[0] as Sequence;
  // version (left out in old ones), serial number, signature, issuer, validity, subject
  const [first] = tbs.valueBlock.value;
  const fields = tbs.valueBlock.value.slice(first?.idBlock.tagClass === 3 ? 1 : 0);
  return { issuer: nameKey(nameIn(fields[2])), subject: nameKey(nameIn(fields[4])) };
}

const nameIn = (value: unknown): DistinguishedName =>
  (value as Sequence).valueBlock.value.map((rdn) => (rdn as Asn1Set).valueBlock.value.map(attributeIn));

function attributeIn(pair: unknown) {
  const [type, value] = (pair as Sequence).valueBlock.value;
  const oid = (type as ObjectIdentifier).valueBlock.toString();
  const text = value instanceof BaseStringBlock ? String(value.valueBlock.value) : null;
  return { oid, value: text ?? `#${Buffer.from(value?.valueBeforeDecodeView ?? []).toString('hex')}` };
}

/** The one of the truststore that has issued the certificate. */
export const issuerOf = (
  certificate: X509Certificate,
  truststore: readonly X509Certificate[],
): X509Certificate | undefined =>
  truststore.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey));
