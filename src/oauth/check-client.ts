import { Fault } from '../message/fault.js';
import type { CheckSecret } from '../policy/check-secret.js';
import { fitting } from '../policy/identify.js';
import { requireInForce } from '../policy/in-force.js';
import { SIGNATURES } from '../registry/documents/credential-schema.js';
import { publicKeysOf } from '../registry/public-keys.js';
import type { KnownCredential, Registry } from '../registry/registry.js';
import { checkSignature, CLOCK_TOLERANCE_S, readUnproven, TokenProblem } from './check-signature.js';
import { fingerprintOfKey, fingerprintOfSecret } from './fingerprint.js';
import type { UsedAssertions } from './ports.js';
import type { ClientProof } from './token-request.js';

/** Seconds for which an assertion may be good: its `jti` is kept as long. */
const MAX_ASSERTION_S = 600;

interface CheckClientParts {
  readonly registry: () => Pick<Registry, 'credentials'>;
  readonly checkSecret: CheckSecret;
  readonly used: UsedAssertions;
  /** Names of this token endpoint that an assertion may have as its audience. */
  readonly audience: readonly string[];
  readonly now: () => number;
}

export interface ProvenClient {
  readonly clientId: string;
  /** Of the secret or key that it proved itself by. */
  readonly fingerprint: string;
}

/** Throws client-wrong, credentials-expired, overloaded, store-unavailable. */
export type CheckClient = (proof: ClientProof) => Promise<ProvenClient>;

export function createCheckClient(parts: CheckClientParts): CheckClient {
  return async (proof) => {
    const { known, ...client } =
      'secret' in proof ? await bySecret(proof, parts) : await byAssertion(proof.clientId, proof.assertion, parts);
    requireInForce(known.credential, new Date(parts.now()));
    return client;
  };
}

type Proven = ProvenClient & { readonly known: KnownCredential };

async function bySecret(
  { clientId, secret, place }: Extract<ClientProof, { secret: string }>,
  { registry, checkSecret }: CheckClientParts,
): Promise<Proven> {
  const known = await fitting(secret, registry().credentials('oauth', clientId), checkSecret);
  if (!known || !('hash' in known.credential))
    throw new Fault('client-wrong', {
      detail: 'Client id or secret is not right.',
      place,
      expected: 'client id and secret as they were registered',
    });
  return { clientId, known, fingerprint: fingerprintOfSecret(known.credential.hash) };
}

/** RFC 7523 §3. */
async function byAssertion(named: string | null, assertion: string, parts: CheckClientParts): Promise<Proven> {
  try {
    const { header, claims: unproven } = readUnproven(assertion);
    const clientId = typeof unproven.sub === 'string' ? unproven.sub : '';
    if (named !== null && named !== clientId) throw new TokenProblem('It is of another client than client_id.');
    const known = parts.registry().credentials('oauth', clientId);
    const keys = known.flatMap((one) => keysOf(one, header.kid));
    const { claims, key } = await checkSignature(
      assertion,
      keys.map(({ key }) => key),
      expectations(clientId, parts),
    );
    const holder = keys.find((one) => one.key === key)?.known;
    if (!holder) throw new TokenProblem('Its signature is not of a registered key.');
    await useOnce(clientId, claims, parts);
    return { clientId, known: holder, fingerprint: fingerprintOfKey(key) };
  } catch (error) {
    if (error instanceof TokenProblem) throw assertionWrong(error);
    throw error;
  }
}

const keysOf = (known: KnownCredential, kid: string | null) =>
  known.credential.kind !== 'oauth'
    ? []
    : publicKeysOf(known.credential)
        .filter((one) => kid === null || one.kid === null || one.kid === kid)
        .map(({ key }) => ({ key, known }));

const expectations = (clientId: string, { audience, now }: CheckClientParts) => ({
  algorithms: [...SIGNATURES],
  issuer: clientId,
  subject: clientId,
  audience: [...audience],
  requiredClaims: ['exp', 'jti'],
  currentDate: new Date(now()),
});

async function useOnce(
  clientId: string,
  { jti, aud, exp = 0 }: { readonly jti?: string; readonly aud?: string | readonly string[]; readonly exp?: number },
  { used, now }: CheckClientParts,
): Promise<void> {
  // RFC 7523bis §3: several audiences would let one of them use it at another.
  if (typeof aud !== 'string') throw new TokenProblem('Its aud is not one text.');
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) throw new TokenProblem('Its jti is no short text.');
  if (exp * 1_000 > now() + (MAX_ASSERTION_S + CLOCK_TOLERANCE_S) * 1_000)
    throw new TokenProblem(`It is good for longer than ${MAX_ASSERTION_S} seconds.`);
  const until = new Date((exp + CLOCK_TOLERANCE_S) * 1_000);
  if (!(await used.use(clientId, jti, until))) throw new TokenProblem('It was used before.');
}

const assertionWrong = ({ said }: TokenProblem) =>
  new Fault('client-wrong', {
    detail: `The assertion is not accepted. ${said}`,
    place: 'client_assertion',
    expected: 'a new JWT with iss, sub, aud, exp and jti, signed by a registered key',
  });
