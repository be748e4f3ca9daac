import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { Agent } from 'undici';
import { stringify } from 'yaml';
import { http, type HttpAnswer } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, NOTICE_TYPE, SOAP11_HEADERS } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { ASSERTION, askForToken, signed, signingKey, startIssuer, type TokenIssuer } from '../support/tokens.js';
import {
  REST,
  SECRET,
  BOX,
  KEY,
  PEM_KEY,
  STRANGER,
  encoded,
  basic,
  GRANT,
  documents,
  type Token,
} from '../support/oauth-clients.js';

describe('OAuth 2.0, embedded', () => {
  let gateway: RunningGateway;
  let issuer: TokenIssuer;
  let away: TokenIssuer;
  let directories: readonly string[];

  beforeAll(async () => {
    [issuer, away] = await Promise.all([startIssuer(), startIssuer()]);
    const [registry, data] = (directories = [
      await writeRegistry({ pratola: BOX, regione: BOX }),
      await dataDirectory(),
    ]);
    await writeFile(
      join(registry as string, 'oauth.yaml'),
      documents([issuer, away])
        .map((one) => stringify(one))
        .join('---\n'),
    );
    gateway = await startGateway({ CROCEVIA_REGISTRY_DIR: registry as string, CROCEVIA_DATA_DIR: data as string });
  }, 60_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([issuer.stop(), away.stop()]);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
  }, 30_000);

  const tokenOf = (answer: HttpAnswer) => {
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    return answer.json<Token>();
  };
  const token = async () =>
    tokenOf(await askForToken(gateway.url, GRANT, basic('sulmona.tributi', SECRET))).access_token;
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const send = (text: string) => http(`${gateway.url}${REST}`, { headers: bearer(text), body: noticeJson() });
  /** Without a body, so that a refusal leaves the connection open. */
  const look = (text: string) => http(`${gateway.url}/directory`, { headers: bearer(text) });
  const assertion = (claims: object = {}, key = KEY) =>
    signed(key, { iss: 'sulmona.keys', sub: 'sulmona.keys', aud: `${gateway.url}/oauth/token`, ...claims });
  const byAssertion = (jwt: string, more: Record<string, string> = {}) =>
    askForToken(gateway.url, { ...GRANT, client_assertion_type: ASSERTION, client_assertion: jwt, ...more });

  it('1: says of itself where tokens are had (RFC 8414), and its keys verify them (RFC 9068)', async () => {
    const metadata = (await http(`${gateway.url}/.well-known/oauth-authorization-server`)).json<
      Record<string, string>
    >();
    expect(metadata).toMatchObject({
      issuer: gateway.url,
      token_endpoint: `${gateway.url}/oauth/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    });
    const keys = await http(metadata['jwks_uri'] as string);
    expect(keys.headers['content-type']).toMatch(/^application\/jwk-set\+json/);
    expect(keys.text).not.toMatch(/"d"/);
    const verified = await jwtVerify(await token(), createLocalJWKSet(keys.json()), {
      issuer: gateway.url,
      audience: gateway.url,
      typ: 'at+jwt',
    });
    expect(verified.payload).toMatchObject({ sub: 'sulmona.tributi', client_id: 'sulmona.tributi' });
    expect((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0)).toBe(900);
  });

  it('1: gives a token that nothing caches, by Basic and by the form', async () => {
    const answer = await askForToken(gateway.url, GRANT, basic('sulmona.tributi', SECRET));
    expect(tokenOf(answer)).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    tokenOf(await askForToken(gateway.url, { ...GRANT, client_id: 'sulmona.tributi', client_secret: SECRET }));
  });

  it('1: gives one for an assertion (RFC 7523) of a JWK and of a PEM key, to the issuer or the endpoint', async () => {
    tokenOf(await byAssertion(await assertion()));
    tokenOf(await byAssertion(await assertion({ aud: gateway.url }), { client_id: 'sulmona.keys' }));
    const pem = await signed(PEM_KEY, { iss: 'sulmona.pem', sub: 'sulmona.pem', aud: gateway.url });
    expect(await send(tokenOf(await byAssertion(pem)).access_token)).toMatchObject({ status: 202 });
  });

  it('1: lets the bearer in at every door of systems', async () => {
    const headers = bearer(await token());
    const at = (path: string, call: Parameters<typeof http>[1] = {}) =>
      http(`${gateway.url}${path}`, { ...call, headers: { ...headers, ...call.headers } });
    const rest = await at(REST, { body: noticeJson() });
    const id = rest.headers['x-gateway-id'] ?? '';
    const event = { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/c_i804', 'ce-type': NOTICE_TYPE };
    const answers = [
      rest,
      await at('/soap/c_h007/v1/VariazioneAnagrafica', { headers: SOAP11_HEADERS, body: envelope() }),
      await at('/messages', { headers: event, body: noticeJson() }),
      await at(`/messages/${id}`),
      await at(`/messages/${id}/timeline`),
      await at('/directory'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 200, 202, 200, 200, 200]);
    const inside = await at('/box/messages?max=1');
    expect([200, 204, 404]).toContain(inside.status);
    expect((await at('/questions?wait=0')).status).not.toBe(401);
  });

  it.each<[string, string, number, object | string, string | undefined]>([
    ['no grant', 'invalid_request', 400, {}, basic('sulmona.tributi', SECRET)],
    ['another grant', 'unsupported_grant_type', 400, { grant_type: 'password' }, basic('sulmona.tributi', SECRET)],
    ['a scope', 'invalid_scope', 400, { ...GRANT, scope: 'all' }, basic('sulmona.tributi', SECRET)],
    ['a parameter twice', 'invalid_request', 400, 'grant_type=a&grant_type=b', basic('sulmona.tributi', SECRET)],
    ['nobody', 'invalid_client', 401, GRANT, undefined],
    ['a wrong secret', 'invalid_client', 401, GRANT, basic('sulmona.tributi', 'x')],
    ['an unknown client', 'invalid_client', 401, GRANT, basic('unknown', SECRET)],
    ['a header that is none', 'invalid_client', 401, GRANT, 'Basic !'],
    ['a secret of a client that has a key', 'invalid_client', 401, GRANT, basic('sulmona.keys', SECRET)],
    ['two proofs', 'invalid_request', 400, { ...GRANT, client_id: 'a', client_secret: 'b' }, basic('a', 'b')],
    ['an assertion without its type', 'invalid_request', 400, { ...GRANT, client_assertion: 'a.b.c' }, undefined],
    ['too much', 'invalid_request', 413, `grant_type=client_credentials&x=${'x'.repeat(20_000)}`, undefined],
  ])(
    '1: refuses %s with %s, and says where and what is expected',
    async (_name, error, status, form, authorization) => {
      const answer = await askForToken(gateway.url, form as string, authorization);
      expect(answer).toMatchObject({ status, headers: { 'cache-control': 'no-store' } });
      const said = answer.json<Record<string, string>>();
      expect(said).toMatchObject({ error, error_description: expect.any(String), place: expect.any(String) });
      expect(said).toMatchObject({ blame: 'sender', expected: expect.any(String), code: expect.any(String) });
      if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      expect(answer.text).not.toContain(SECRET);
    },
  );

  it('1: refuses an assertion a second time, of another key, client, audience or time, or without end', async () => {
    const good = await assertion();
    tokenOf(await byAssertion(good));
    const now = Math.floor(Date.now() / 1_000);
    const wrong = [
      good,
      await assertion({}, STRANGER),
      await assertion({ iss: 'sulmona.tributi' }),
      await assertion({ sub: 'sulmona.pem', iss: 'sulmona.pem' }),
      await assertion({ aud: 'https://elsewhere.example/oauth/token' }),
      await assertion({ aud: ['https://elsewhere.example', `${gateway.url}/oauth/token`] }),
      await assertion({ exp: now - 120 }),
      await assertion({ exp: now + 7_200 }),
      await assertion({ exp: undefined }),
      await assertion({ jti: undefined }),
      await assertion({ jti: 7 }),
    ];
    const answers = await Promise.all([
      ...wrong.map((jwt) => byAssertion(jwt)),
      byAssertion(await assertion(), { client_id: 'sulmona.pem' }),
    ]);
    for (const answer of answers)
      expect([answer.status, answer.json()]).toMatchObject([
        401,
        { error: 'invalid_client', place: 'client_assertion' },
      ]);
  });

  it('1: a secret that is guessed is slowed down, and nobody else with it', async () => {
    const elsewhere = new Agent({ localAddress: '127.0.0.2' });
    const from = (id: string, secret: string) => askForToken(gateway.url, GRANT, basic(id, secret), elsewhere);
    const answers: HttpAnswer[] = [];
    // On a slow machine some come back meanwhile: one a second.
    while (answers.at(-1)?.status !== 429 && answers.length < 200)
      answers.push(await from('guessed', `x${answers.length}`));
    expect(answers.slice(0, 60).every(({ status }) => status === 401)).toBe(true);
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(last?.json()).toMatchObject({ code: 'too-many-attempts', error: 'temporarily_unavailable' });
    // One allowance for all doors, whatever is guessed; a registered name has its own.
    expect(await http(`${gateway.url}/directory`, { dispatcher: elsewhere })).toMatchObject({ status: 429 });
    tokenOf(await from('sulmona.tributi', SECRET));
    const byKey = { ...GRANT, client_assertion_type: ASSERTION, client_assertion: await assertion() };
    tokenOf(await askForToken(gateway.url, byKey, undefined, elsewhere));
    await elsewhere.close();
  });

  it('1: tells the bearer what is wrong with a token (RFC 6750)', async () => {
    const [head, body] = (await token()).split('.');
    const answer = await look(`${head}.${body}.${'A'.repeat(86)}`);
    expect(answer).toMatchObject({ status: 401 });
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer realm="crocevia", error="invalid_token", error_description="/,
    );
    expect(answer.json()).toMatchObject({ code: 'token-wrong', blame: 'sender', place: 'Authorization' });
    const missing = await http(`${gateway.url}/directory`);
    expect(missing.headers['www-authenticate']).toMatch(/^Bearer realm="crocevia", Basic /);
  });

  it('1: refuses tokens that somebody made of its own', async () => {
    const own = { iss: gateway.url, aud: gateway.url, sub: 'sulmona.tributi', client_id: 'sulmona.tributi' };
    const forged = await Promise.all([signed(KEY, own, { typ: 'at+jwt' }), assertion({ aud: gateway.url })]);
    for (const one of forged) expect(await look(one)).toMatchObject({ status: 401 });
  });

  describe('tokens of another issuer', () => {
    const first = signingKey('first');
    const second = signingKey('second');
    const good = (claims: object = {}, key = first, header: object = { typ: 'at+jwt' }) =>
      signed(key, { iss: issuer.url, sub: 'sulmona', aud: 'gateway', ...claims }, header);

    it('1: are taken; its keys are fetched once, and once more for a key that is new', async () => {
      issuer.serve([first.jwk]);
      expect(await look(await good())).toMatchObject({ status: 200 });
      expect(await look(await good({}, first, {}))).toMatchObject({ status: 200 });
      expect(issuer.fetches()).toBe(1);
      for (let at = 0; at < 20; at++) await look(await good({}, second));
      // The pause since the first fetch: a stranger cannot make the gateway ask again.
      expect(issuer.fetches()).toBe(1);
    });

    it('1: are refused where anything of them is not as registered', async () => {
      const now = Math.floor(Date.now() / 1_000);
      const wrong = await Promise.all([
        good({ sub: 'pratola' }),
        good({ aud: 'another' }),
        good({ aud: undefined }),
        good({ exp: undefined }),
        good({ exp: now - 120 }),
        good({ nbf: now + 120 }),
        good({ iss: 'https://elsewhere.example' }),
        good({}, second, { kid: 'first' }),
        good({}, first, { typ: 'secevent+jwt' }),
        good({}, second, { jwk: second.jwk, jku: `${issuer.url}/evil` }),
      ]);
      const codes: unknown[] = [];
      for (const one of wrong) {
        const answer = await look(one);
        expect(answer.status).toBe(401);
        codes.push(answer.json()['code']);
      }
      expect(codes.filter((code) => code === 'token-expired')).toHaveLength(1);
      expect(issuer.asked.filter((path) => path !== '/jwks')).toEqual([]);
    });

    it('1: wait where the keys of the issuer are away; a redirect and a flood are not followed', async () => {
      const lost = () => signed(first, { iss: away.url, sub: 'sulmona', aud: 'gateway' });
      away.serve(302);
      const answer = await look(await lost());
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
      expect(answer.json()).toMatchObject({ code: 'issuer-unavailable', blame: 'gateway' });
      expect(await look(await lost())).toMatchObject({ status: 503 });
      expect(away.asked).toEqual(['/jwks']);
    });
  });

  it('1: keeps no token and no secret in its log', async () => {
    const used = await token();
    await http(`${gateway.url}${REST}?access_token=${used}`, { key: KEYS.sulmona, body: noticeJson() });
    const signature = used.split('.')[2] ?? '';
    expect(gateway.logs()).toContain('token.refused');
    expect(gateway.logs()).not.toContain(signature);
    expect(gateway.logs()).not.toContain(encoded(SECRET));
  });
});
