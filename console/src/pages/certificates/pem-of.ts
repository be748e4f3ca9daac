/** A file that does not leave the browser: it holds what nobody but its owner may have, or no certificate. */
export class NotSent extends Error {
  constructor(readonly why: 'privateKey' | 'noCertificate') {
    super(why);
  }
}

const LINE = 64;

/** The text of a file in PEM; DER is written so. Throws NotSent. */
export async function pemOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (text.includes('PRIVATE KEY-----')) throw new NotSent('privateKey');
  if (text.includes('-----BEGIN ')) return text;
  requireCertificate(bytes);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Tags of DER (X.690 §8). */
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OBJECT_ID = 0x06;
const VERSION = 0xa0;

/**
 * A certificate begins with two sequences and its version or serial number (RFC 5280 §4.1); PKCS #1, #8, #12 and SEC 1 with
 * a sequence and a number, an encrypted PKCS #8 with two sequences and an algorithm.
 */
function requireCertificate(bytes: Uint8Array): void {
  const outer = contentOf(bytes);
  const inner = outer && contentOf(outer);
  if (inner && [VERSION, INTEGER].includes(inner[0] ?? 0)) return;
  const isKey = outer?.[0] === INTEGER || inner?.[0] === OBJECT_ID;
  throw new NotSent(isKey ? 'privateKey' : 'noCertificate');
}

/** What stands in a sequence; null: it is none. */
function contentOf(der: Uint8Array): Uint8Array | null {
  const [tag, length = 0] = der;
  if (tag !== SEQUENCE) return null;
  return der.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f));
}
