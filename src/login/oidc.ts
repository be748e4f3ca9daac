import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as client from 'openid-client';
import { Fault } from '../message/fault.js';
import type { Operator } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';

/** What a browser keeps between being sent to the issuer and coming back. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Identified {
  readonly operator: Operator;
  readonly idToken: string | null;
}

/** Log-in at an issuer of OpenID Connect: authorization code with PKCE, state and nonce. */
export interface OidcLogIn {
  /** Where to send the browser. Throws issuer-away. */
  begin(): Promise<{ readonly address: string; readonly attempt: Attempt }>;
  /** Who came back, by the whole address. Throws log-in-refused, operator-not-allowed, issuer-away, overloaded. */
  finish(cameBackTo: URL, attempt: Attempt): Promise<Identified>;
  /** Where to send the browser to log out there too; null: the issuer has no such place, or is away. */
  endSession(idToken: string | null): Promise<string | null>;
}

/** What the settings say of the issuer. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** One of the two: a secret, or a PEM private key (private_key_jwt). */
  readonly secretFile: string | null;
  readonly keyFile: string | null;
  /** With blanks between. */
  readonly scopes: string;
  /** Claim that names an operator: what its document has as `identity`. */
  readonly claim: string;
}

interface OidcParts extends OidcConfig {
  /** Where the issuer sends browsers back to. */
  readonly redirectUri: string;
  readonly loggedOutUri: string;
  readonly registry: () => Pick<Registry, 'operatorByIdentity'>;
}

const TIMEOUT_S = 5;
const REMEMBERED_MS = 3_600_000;
const MAX_AT_ONCE = 16;

export function createOidcLogIn(parts: OidcParts): OidcLogIn {
  const { scopes, redirectUri, loggedOutUri } = parts;
  const configuration = remembered(() => discover(parts));
  let atOnce = 0;
  return {
    begin: async () => {
      const config = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const attempt = { state: client.randomState(), nonce: client.randomNonce(), verifier };
      const address = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, attempt };
    },
    finish: async (cameBackTo, attempt) => {
      if (atOnce >= MAX_AT_ONCE)
        throw new Fault('overloaded', { detail: 'Too many come back from the issuer at once.', retryAfterSeconds: 1 });
      atOnce++;
      try {
        return await identify(await configuration(), cameBackTo, attempt, parts);
      } finally {
        atOnce--;
      }
    },
    endSession: async (idToken) => {
      const config = await configuration().catch(() => null);
      if (config?.serverMetadata().end_session_endpoint === undefined) return null;
      const hint = idToken !== null && { id_token_hint: idToken };
      return client.buildEndSessionUrl(config, { ...hint, post_logout_redirect_uri: loggedOutUri }).href;
    },
  };
}

/** What the issuer says of itself, asked for anew once an hour, and at once after a failure. */
function remembered(discovered: () => Promise<client.Configuration>): () => Promise<client.Configuration> {
  let known: Promise<client.Configuration> | null = null;
  let until = 0;
  return () => {
    if (known !== null && Date.now() < until) return known;
    until = Date.now() + REMEMBERED_MS;
    known = discovered();
    known.catch(() => (known = null));
    return known;
  };
}

async function discover({ issuer, clientId, secretFile, keyFile }: OidcParts): Promise<client.Configuration> {
  const isPlain = issuer.startsWith('http:');
  try {
    const proof =
      keyFile === null
        ? client.ClientSecretPost((await readFile(secretFile ?? '', 'utf8')).trim())
        : client.PrivateKeyJwt(await privateKey(await readFile(keyFile, 'utf8')));
    return await client.discovery(new URL(issuer), clientId, undefined, proof, {
      timeout: TIMEOUT_S,
      // The ID token is verified by the issuer's keys although it comes from the issuer itself.
      execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
    });
  } catch (error) {
    throw away(issuer, error);
  }
}

function privateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem);
  const algorithm =
    key.asymmetricKeyType === 'ec'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

async function identify(
  config: client.Configuration,
  cameBackTo: URL,
  { state, nonce, verifier }: Attempt,
  { issuer, claim, registry }: OidcParts,
): Promise<Identified> {
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
  try {
    const tokens = await client.authorizationCodeGrant(config, cameBackTo, checks);
    const identity = await identityIn(config, tokens, claim);
    const operator = identity === null ? undefined : registry().operatorByIdentity(identity);
    if (operator === undefined) throw unregistered(claim, identity);
    return { operator, idToken: tokens.id_token ?? null };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw isAway(error) ? away(issuer, error) : refused(error);
  }
}

/** The claim of the ID token, else of the userinfo; an address of e-mail only where the issuer has verified it. */
async function identityIn(
  config: client.Configuration,
  tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>,
  claim: string,
): Promise<string | null> {
  const claims = tokens.claims();
  if (claims === undefined) return null;
  const isTold = claims[claim] !== undefined || config.serverMetadata().userinfo_endpoint === undefined;
  const told = isTold ? claims : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const value = told[claim];
  if (claim === 'email' && told['email_verified'] !== true) return null;
  return typeof value === 'string' ? value : null;
}

const AWAY_CODES = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_PARSE_ERROR'];

function isAway(error: unknown): boolean {
  if (error instanceof client.AuthorizationResponseError) return false;
  if (error instanceof client.ResponseBodyError) return error.status >= 500;
  const { code, name } = error as { readonly code?: string; readonly name?: string };
  return AWAY_CODES.includes(code ?? '') || name === 'TimeoutError' || !(error instanceof client.ClientError);
}

const away = (issuer: string, cause: unknown) =>
  new Fault('issuer-away', {
    detail: `${new URL(issuer).host} does not answer as an issuer of OpenID Connect should.`,
    retryAfterSeconds: 30,
    cause,
  });

/** What the issuer, or who came in its name, has said wrongly is in the log only. */
const refused = (cause: unknown) =>
  new Fault('log-in-refused', {
    detail: 'What came back from the issuer is no answer to a log-in that this browser has begun.',
    expected: 'a log-in that begins at GET /admin/session/oidc and ends within 10 minutes',
    cause,
  });

const unregistered = (claim: string, identity: string | null) =>
  new Fault('operator-not-allowed', {
    detail:
      identity === null
        ? `The issuer tells no usable ${claim} of you, by which you could be known here.`
        : `The issuer knows you as ${claim} ${identity.slice(0, 120)}, and no operator is registered with that.`,
    expected: `an operator in the registry whose identity is your ${claim}: ask those who run the platform`,
  });
