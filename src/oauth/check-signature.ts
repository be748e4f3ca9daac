import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';

/** Why a JWT proves nothing; `isExpired` where that is all. */
export class TokenProblem extends Error {
  constructor(
    readonly said: string,
    readonly isExpired = false,
  ) {
    super(said);
    this.name = 'TokenProblem';
  }
}

/** Three parts in base64url, none of them empty: no JWE, no JSON serialisation, no signature left out. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_LENGTH = 8_192;
/** Keys that are tried for a token that names none. */
const MAX_TRIES = 8;
/** Seconds by which clocks may differ. */
export const CLOCK_TOLERANCE_S = 30;

export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | null;
  readonly typ: string | null;
}

/** What a JWT says before anything of it is believed. Throws TokenProblem. */
export function readUnproven(token: string): { readonly header: TokenHeader; readonly claims: JWTPayload } {
  if (token.length > MAX_LENGTH) throw new TokenProblem(`It is longer than ${MAX_LENGTH} characters.`);
  if (!COMPACT.test(token)) throw new TokenProblem('It is no signed JWT in compact form.');
  const [header, claims] = token.split('.', 2).map(readPart);
  const { alg, kid = null, typ = null } = header ?? {};
  if (typeof alg !== 'string' || !isText(kid) || !isText(typ)) throw new TokenProblem('Its header is malformed.');
  return { header: { alg, kid, typ }, claims: claims ?? {} };
}

const isText = (value: unknown): value is string | null => value === null || typeof value === 'string';

function readPart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new TokenProblem('A part of it is no JSON object.');
}

/**
 * The claims of a JWT that one of the keys has signed, and that key; keys, URLs and certificates in its header are not looked
 * at. Throws TokenProblem.
 */
export async function checkSignature(
  token: string,
  keys: readonly KeyObject[],
  options: JWTVerifyOptions,
): Promise<{ readonly claims: JWTPayload; readonly key: KeyObject }> {
  for (const key of keys.slice(0, MAX_TRIES)) {
    try {
      const { payload } = await jwtVerify(token, key, { clockTolerance: CLOCK_TOLERANCE_S, ...options });
      return { claims: payload, key };
    } catch (error) {
      const problem = problemOf(error);
      if (problem) throw problem;
    }
  }
  throw new TokenProblem('Its signature is not of a registered key.');
}

/** Null where another key may fit. */
function problemOf(error: unknown): TokenProblem | null {
  if (error instanceof errors.JWTExpired) return new TokenProblem('Its time is over.', true);
  if (error instanceof errors.JWTClaimValidationFailed) return new TokenProblem(claimProblem(error));
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenProblem('Its algorithm is not allowed.');
  if (error instanceof errors.JWSSignatureVerificationFailed) return null;
  if (error instanceof errors.JOSEError)
    return new TokenProblem('It cannot be read, or asks for what is not supported.');
  // A key of another type than the algorithm wants.
  return null;
}

const claimProblem = ({ claim, reason }: { readonly claim: string; readonly reason: string }) =>
  reason === 'missing' ? `Its claim ${claim} is missing.` : `Its claim ${claim} is not as expected.`;
