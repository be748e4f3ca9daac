/** One attribute of a name: its OID, and its value as text, or as `#` and hex where it is none. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

/** A name as a certificate holds it: RDN by RDN, the widest (country) first; several attributes in one are rare. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

const OIDS: Readonly<Record<string, string>> = {
  cn: '2.5.4.3',
  sn: '2.5.4.4',
  serialnumber: '2.5.4.5',
  c: '2.5.4.6',
  l: '2.5.4.7',
  st: '2.5.4.8',
  s: '2.5.4.8',
  street: '2.5.4.9',
  o: '2.5.4.10',
  ou: '2.5.4.11',
  title: '2.5.4.12',
  gn: '2.5.4.42',
  givenname: '2.5.4.42',
  dnqualifier: '2.5.4.46',
  organizationidentifier: '2.5.4.97',
  dc: '0.9.2342.19200300.100.1.25',
  uid: '0.9.2342.19200300.100.1.1',
  emailaddress: '1.2.840.113549.1.9.1',
};

/** Two names are the same where this is: attribute by attribute, values to the letter, whatever order stands inside an RDN. */
export const nameKey = (name: DistinguishedName): string =>
  JSON.stringify(name.map((rdn) => rdn.map(({ oid, value }) => `${oid}=${value}`).sort()));

/**
 * Reads a name as RFC 4514 writes it (`openssl x509 -subject -nameopt RFC2253`): the narrowest RDN first. Throws Error
 * naming what is wrong.
 */
export function readName(text: string): DistinguishedName {
  const rdns = cut(text, ',').map((rdn) => cut(rdn, '+').map(readAttribute));
  return rdns.reverse();
}

/** Cuts at a separator that no backslash escapes. */
function cut(text: string, separator: ',' | '+'): readonly string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    const last = parts.length - 1;
    if (character === separator) parts.push('');
    else if (character === '\\') parts[last] += text.slice(at, ++at + 1);
    else parts[last] += character;
  }
  return parts;
}

function readAttribute(text: string): NameAttribute {
  const equals = text.indexOf('=');
  const type = text.slice(0, Math.max(equals, 0)).trim();
  const oid = /^(OID\.)?\d+(\.\d+)+$/i.test(type) ? type.replace(/^OID\./i, '') : OIDS[type.toLowerCase()];
  if (oid === undefined) throw new Error(`"${text.trim().slice(0, 40)}" begins with no known attribute`);
  return { oid, value: readValue(text.slice(equals + 1)) };
}

function readValue(text: string): string {
  const bare = text.replace(/^ +/, '').replace(/((?:^|[^\\])(?:\\\\)*) +$/, '$1');
  if (/^#([0-9a-f]{2})+$/i.test(bare)) return bare.toLowerCase();
  if (bare === '' || /^[#"]|(^|[^\\])(\\\\)*[";<>]/.test(bare))
    throw new Error(`the value "${bare.slice(0, 40)}" is empty or has to be escaped with a backslash`);
  const pieces = [...bare.matchAll(PIECE)].map(([plain, hex, escaped]) =>
    hex === undefined ? Buffer.from(escaped ?? plain) : Buffer.from(hex, 'hex'),
  );
  return Buffer.concat(pieces).toString('utf8');
}

/** A byte in hex, one character that is escaped, or text. */
const PIECE = /\\([0-9a-f]{2})|\\([^])|[^\\]+/giu;
