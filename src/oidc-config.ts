import type { OidcConfig } from './login/oidc.js';

/** Name -> what it is for. */
export const OIDC_VARIABLES = {
  CROCEVIA_OIDC_ISSUER: 'issuer of OpenID Connect by which operators log in, https://...; unset: local accounts only',
  CROCEVIA_OIDC_CLIENT_ID: 'client id of this gateway at that issuer',
  CROCEVIA_OIDC_SECRET_FILE: 'file with the client secret; or CROCEVIA_OIDC_KEY_FILE',
  CROCEVIA_OIDC_KEY_FILE: 'PEM private key (RSA, or EC P-256) of the client: private_key_jwt',
  CROCEVIA_OIDC_SCOPES: 'scopes to ask for, with blanks between; default openid',
  CROCEVIA_OIDC_CLAIM: 'claim that is the `identity` of an operator, such as email or fiscal_code; default sub',
} as const;

type Variable = keyof typeof OIDC_VARIABLES;

interface OidcReading {
  text(name: Variable): string | null;
  url(name: Variable, protocols: readonly string[]): string | null;
  refuse(name: Variable, message: string): void;
}

/** Tells what is missing or wrong; null where no issuer is set. */
export function readOidc(reading: OidcReading): OidcConfig | null {
  const issuer = reading.url('CROCEVIA_OIDC_ISSUER', ['http', 'https']);
  if (issuer === null) return null;
  if (/^http:/.test(issuer) && !/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(issuer))
    reading.refuse('CROCEVIA_OIDC_ISSUER', 'must be https: only an issuer on this host may go without');
  const clientId = reading.text('CROCEVIA_OIDC_CLIENT_ID');
  if (clientId === null) reading.refuse('CROCEVIA_OIDC_CLIENT_ID', 'is missing beside CROCEVIA_OIDC_ISSUER');
  const secretFile = reading.text('CROCEVIA_OIDC_SECRET_FILE');
  const keyFile = reading.text('CROCEVIA_OIDC_KEY_FILE');
  if ((secretFile === null) === (keyFile === null))
    reading.refuse('CROCEVIA_OIDC_SECRET_FILE', 'one of it and CROCEVIA_OIDC_KEY_FILE belongs to CROCEVIA_OIDC_ISSUER');
  const scopes = reading.text('CROCEVIA_OIDC_SCOPES') ?? 'openid';
  if (!scopes.split(/\s+/).includes('openid')) reading.refuse('CROCEVIA_OIDC_SCOPES', `"${scopes}" lacks openid`);
  const claim = reading.text('CROCEVIA_OIDC_CLAIM') ?? 'sub';
  return { issuer, clientId: clientId ?? '', secretFile, keyFile, scopes, claim };
}
