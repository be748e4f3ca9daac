import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import type { KnownCredential } from '../registry/registry.js';
import { fingerprintsOf } from './fingerprint.js';
import { createVerifyToken } from './verify-token.js';

const ISSUER = 'https://gateway.example';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const known = (hash: string) =>
  ({ system: { id: 's' }, credential: { kind: 'oauth', clientId: 'c', hash } }) as unknown as KnownCredential;

function subject() {
  const state = { now: 1_800_000_000_000, revision: '1', known: [known('old'), known('new')], looks: 0 };
  const verify = createVerifyToken({
    registry: () => ({
      revision: state.revision,
      credentials: (kind, name) => (kind === 'oauth' && name === 'c' ? state.known : []),
      issuer: () => undefined,
    }),
    keys: {
      publicKey: async (kid) => {
        state.looks++;
        return kid === 'k' ? publicKey : null;
      },
    },
    issuerKeys: { keysFor: async () => [] },
    issuer: ISSUER,
    now: () => state.now,
  });
  const token = (credential: string | undefined, claims: object = {}) =>
    new SignJWT({ iss: ISSUER, aud: ISSUER, sub: 'c', client_id: 'c', exp: 1_800_000_900, credential, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
      .sign(privateKey);
  return { state, verify, token };
}

const [OLD, NEW] = ['old', 'new'].map((hash) => fingerprintsOf(known(hash).credential)[0]);

describe('verify token', () => {
  it('1: checks a token once until the registry changes', async () => {
    const { state, verify, token } = subject();
    const text = await token(NEW);
    await Promise.all([verify(text), verify(text)]);
    await expect(verify(text)).resolves.toBe(state.known[1]);
    expect(state.looks).toBe(1);
    state.revision = '2';
    await verify(text);
    expect(state.looks).toBe(2);
  });

  it('1: ends it with its time, however often it was seen', async () => {
    const { state, verify, token } = subject();
    const text = await token(NEW);
    await verify(text);
    state.now += 900_000;
    await expect(verify(text)).rejects.toMatchObject({ code: 'token-expired' });
    await expect(verify(text)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('1: ends it with the credential that it was given for, and leaves the other one’s', async () => {
    const { state, verify, token } = subject();
    const [old, newer] = [await token(OLD), await token(NEW)];
    await verify(old);
    Object.assign(state, { revision: '2', known: state.known.slice(1) });
    await expect(verify(old)).rejects.toMatchObject({
      code: 'token-wrong',
      info: { detail: expect.stringMatching(/withdrawn/), place: 'Authorization' },
    });
    await expect(verify(newer)).resolves.toBe(state.known[0]);
  });

  it.each([
    ['another audience', { aud: 'https://elsewhere.example' }],
    ['another issuer', { iss: 'https://elsewhere.example' }],
    ['no end', { exp: undefined }],
    ['an end that is text', { exp: 'never' }],
    ['a time that has not come', { nbf: 1_900_000_000 }],
    ['no credential', { credential: undefined }],
    ['a client that nobody is', { client_id: 'd' }],
  ])('1: refuses one of %s', async (_name, claims) => {
    const { verify, token } = subject();
    await expect(verify(await token(NEW, claims))).rejects.toMatchObject({ code: 'token-wrong' });
  });

  it.each(['', 'x', 'a.b.', 'a.b.c', '....', `${'a'.repeat(9_000)}.b.c`, 'eyJhbGciOiJub25lIn0.e30.'])(
    '1: refuses %.20s, which is no token',
    async (text) => {
      await expect(subject().verify(text)).rejects.toMatchObject({ code: 'token-wrong' });
    },
  );
});
