import { nameKey, readName } from '../distinguished-name.js';
import type { SystemDocument } from './document-types.js';
import type { Noted, Path, Written } from './documents.js';

type Credential = NonNullable<SystemDocument['credentials']>[number];

/** Credentials of one kind and name that a system may have, so that one can replace the other. */
const AT_ONCE = 2;

/** Notes a name that two systems have, or one system too often, and a token of an issuer that nobody has registered. */
export function checkCredentials(
  systems: readonly Written<SystemDocument>[],
  issuers: ReadonlySet<string>,
  note: Noted,
): void {
  const holders = new Map<string, string[]>();
  for (const system of systems)
    (system.value.credentials ?? []).forEach((credential, index) => {
      const said = problemOf(credential, system.value.id, holders) ?? unknownIssuer(credential, issuers);
      if (said) note({ file: system.file, line: system.line(['credentials', index] satisfies Path), ...said });
    });
}

function problemOf(credential: Credential, system: string, holders: Map<string, string[]>) {
  const name = `${credential.kind} ${credentialName(credential)}`;
  const before = holders.get(name) ?? [];
  holders.set(name, [...before, system]);
  const [first] = before;
  if (first === undefined) return null;
  const most = isReplaceable(credential) ? AT_ONCE : 1;
  if (first === system && before.length < most) return null;
  const hint = first === system ? `${most} at most` : `${first} has it; a credential names one system`;
  return { message: `credential ${name} is written ${before.length < 2 ? 'twice' : 'too often'}`, hint };
}

/** What holds a secret or a key can be there twice under its name; of the others the name is all there is. */
const isReplaceable = (credential: Credential) =>
  'hash' in credential || 'jwks' in credential || 'publicKey' in credential;

function unknownIssuer(credential: Credential, issuers: ReadonlySet<string>) {
  if (credential.kind !== 'token' || issuers.has(credential.issuer)) return null;
  const hint = `known: ${[...issuers].join(', ') || 'none; write a document of kind: issuer'}`;
  return { message: `no issuer ${credential.issuer}`, hint };
}

/** What a credential is looked up by, beside its kind. */
export function credentialName(credential: Credential): string {
  switch (credential.kind) {
    case 'api-key':
      return credential.id;
    case 'tls':
      return 'thumbprint' in credential ? credential.thumbprint : subjectName(credential);
    case 'oauth':
      return credential.clientId;
    case 'token':
      return tokenName(credential.issuer, credential.subject);
    default:
      return credential.username;
  }
}

/** The two names as `nameKey` writes them; as they stand where they are none, which the build of the system notes. */
function subjectName({ subject, issuer }: { readonly subject: string; readonly issuer?: string }): string {
  try {
    return certificateName(nameKey(readName(subject)), issuer === undefined ? null : nameKey(readName(issuer)));
  } catch {
    return certificateName(subject, issuer ?? null);
  }
}

/** What a certificate is looked up by: with its issuer, and without. */
export const certificateName = (subject: string, issuer: string | null): string =>
  issuer === null ? `subject ${subject}` : `subject ${subject} issuer ${issuer}`;

/** No issuer holds a blank. */
export const tokenName = (issuer: string, subject: string): string => `${issuer} ${subject}`;
