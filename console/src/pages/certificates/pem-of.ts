/** What nobody but its owner may have was chosen: it does not leave the browser. */
export class PrivateKeyIn extends Error {}

const LINE = 64;

/** The text of a file in PEM; DER is written so. Throws PrivateKeyIn. */
export async function pemOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (text.includes('PRIVATE KEY-----')) throw new PrivateKeyIn(file.name);
  if (text.includes('-----BEGIN ')) return text;
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
