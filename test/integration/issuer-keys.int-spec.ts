import { createIssuerKeys } from '../../src/oauth/issuer-keys.js';
import { forbiddenBut } from '../../src/outbound/networks.js';
import { createSmallAnswers } from '../../src/outbound/small-answers.js';
import { signingKey, startIssuer, type TokenIssuer } from '../support/tokens.js';

const [FIRST, SECOND] = [signingKey('first'), signingKey('second')];
const header = (kid: string | null, alg = 'ES256') => ({ alg, kid, typ: null });

describe('keys of an issuer of tokens', () => {
  let issuer: TokenIssuer;
  let now = 0;
  const problems: unknown[] = [];
  const answers = createSmallAnswers({ forbidden: forbiddenBut(['127.0.0.0/8', '::1']), refused: () => undefined });
  const keys = createIssuerKeys({ answers, now: () => now, problem: (error) => void problems.push(error) });
  const of = ({ url, jwksUri }: TokenIssuer) => ({
    id: 'issuer',
    issuer: url,
    jwksUri,
    audience: 'gateway',
    algorithms: ['ES256'],
  });
  const count = async (kid: string | null, alg?: string) => (await keys.keysFor(of(issuer), header(kid, alg))).length;

  beforeEach(async () => {
    issuer = await startIssuer();
    now = 0;
    problems.length = 0;
  });
  afterEach(() => issuer.stop());
  afterAll(() => answers.close());

  it('1: are fetched once for many, and once more for a kid that is not known', async () => {
    issuer.serve([FIRST.jwk]);
    expect(await Promise.all([count('first'), count('first'), count(null)])).toEqual([1, 1, 1]);
    expect(issuer.fetches()).toBe(1);
    issuer.serve([FIRST.jwk, SECOND.jwk]);
    now += 31_000;
    expect(await Promise.all([count('second'), count('second')])).toEqual([1, 1]);
    expect(issuer.fetches()).toBe(2);
  });

  it('1: are not fetched again within half a minute, whatever strangers name', async () => {
    issuer.serve([FIRST.jwk]);
    await count('first');
    now += 29_000;
    for (let at = 0; at < 50; at++) expect(await count(`stranger-${at}`)).toBe(0);
    expect(issuer.fetches()).toBe(1);
    now += 2_000;
    for (let at = 0; at < 50; at++) expect(await count(`stranger-${at}`)).toBe(0);
    expect(issuer.fetches()).toBe(2);
  });

  it('1: serve on for a day while the issuer is away, and then no more', async () => {
    issuer.serve([FIRST.jwk]);
    await count('first');
    issuer.serve(500);
    now += 3_600_000;
    expect(await count('first')).toBe(1);
    expect(problems).toHaveLength(1);
    now += 86_400_000;
    await expect(count('first')).rejects.toMatchObject({ code: 'issuer-unavailable' });
  });

  it('1: leave out what signs nothing: secrets, keys for encryption, of another algorithm, and weak ones', async () => {
    const weak = { kty: 'RSA', n: Buffer.alloc(64, 0xff).toString('base64url'), e: 'AQAB', kid: 'first' };
    const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'first' };
    issuer.serve([weak, secret, { ...FIRST.jwk, use: 'enc' }, { ...SECOND.jwk, alg: 'ES256' }]);
    expect([await count('first'), await count('second'), await count('second', 'RS256')]).toEqual([0, 1, 0]);
  });

  it.each([
    ['a redirect', 302],
    ['no JSON', '<html>'],
    ['no key set', '{"a":1}'],
    ['more than 256 KiB', `{"keys":[],"x":"${'x'.repeat(300_000)}"}`],
  ])('1: cannot be had of %s', async (_name, served) => {
    issuer.serve(served);
    await expect(count('first')).rejects.toMatchObject({ code: 'issuer-unavailable' });
    expect(problems).toHaveLength(1);
    expect(issuer.asked).toEqual(['/jwks']);
  });
});
