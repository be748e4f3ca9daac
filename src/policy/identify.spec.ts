import type { Arrival } from '../message/stages.js';
import type { KnownCredential } from '../registry/registry.js';
import { Fault } from '../message/fault.js';
import { createCheckSecret } from './check-secret.js';
import { createIdentify, type Presented } from './identify.js';

const system = {
  id: 'sulmona.anagrafe',
  participant: 'c_i804',
  credentials: [],
  provides: [],
  answers: { concurrency: 1, waiting: 1 },
  receives: null,
  receiptsTo: null,
  callbacks: [],
  paused: false,
};
const known: Readonly<Record<string, readonly KnownCredential[]>> = {
  'api-key:k1': [{ system, credential: { kind: 'api-key', id: 'k1', hash: 'hash-of-right' } }],
  'basic:sulmona': [
    { system, credential: { kind: 'basic', username: 'sulmona', hash: 'hash-of-right' } },
    {
      system,
      credential: { kind: 'basic', username: 'sulmona', hash: 'hash-of-newer', notBefore: '2020-01-01T00:00:00Z' },
    },
    {
      system,
      credential: { kind: 'basic', username: 'sulmona', hash: 'hash-of-over', expires: '2020-01-01T00:00:00Z' },
    },
    {
      system,
      credential: { kind: 'basic', username: 'sulmona', hash: 'hash-of-early', notBefore: '2999-01-01T00:00:00Z' },
    },
  ],
  'tls:ab12': [{ system, credential: { kind: 'tls', thumbprint: 'ab12' } }],
  'amqp:sulmona': [{ system, credential: { kind: 'amqp', username: 'sulmona' } }],
};
const nothing: Presented = { authorization: [], apiKey: [], thumbprint: null, certificate: null, amqpUser: null };
const arrival = { clock: { mark: () => undefined, marks: [] } } as unknown as Arrival;
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

function subject() {
  const checked: string[] = [];
  const identify = createIdentify({
    registry: () => ({ credentials: (kind, name) => known[`${kind}:${name}`] ?? [], participant: () => undefined }),
    checkCertificate: async () => undefined,
    verifyToken: async (token) => {
      if (token !== 'a.b.c') throw new Fault('token-wrong', { detail: 'no' });
      return { system, credential: { kind: 'token', issuer: 'https://issuer.example', subject: 's' } };
    },
    checkSecret: createCheckSecret(async (secret, hash) => {
      checked.push(secret);
      return hash === `hash-of-${secret}`;
    }),
  });
  return { checked, call: (presented: Partial<Presented>) => identify(arrival, { ...nothing, ...presented }) };
}

describe('identify', () => {
  it.each([
    ['API key', { apiKey: ['k1.right'] }],
    ['HTTP Basic', { authorization: [basic('sulmona:right')] }],
    ['newer HTTP Basic password, while both serve', { authorization: [basic('sulmona:newer')] }],
    ['access token', { authorization: ['Bearer a.b.c'] }],
    ['access token, the scheme in other case', { authorization: ['bearer  a.b.c'] }],
    ['TLS client certificate', { thumbprint: 'ab12' }],
    ['RabbitMQ user', { amqpUser: 'sulmona' }],
    ['API key over a connection with another certificate', { apiKey: ['k1.right'], thumbprint: 'ffff' }],
  ])('5: knows a system by its %s', async (_name, presented) => {
    await expect(subject().call(presented)).resolves.toMatchObject({
      caller: { participant: 'c_i804', system: 'sulmona.anagrafe' },
    });
  });

  it.each([
    ['is over', 'over', /until 2020/],
    ['has not begun', 'early', /from 2999/],
  ])('1: refuses a right password whose time %s, and says so', async (_name, password, detail) => {
    const refused = subject().call({ authorization: [basic(`sulmona:${password}`)] });
    await expect(refused).rejects.toMatchObject({
      code: 'credentials-expired',
      info: { detail: expect.stringMatching(detail), place: 'credential' },
    });
  });

  it('1: takes no access token beside another credential', async () => {
    const refused = subject().call({ authorization: ['Bearer a.b.c'], apiKey: ['k1.right'] });
    await expect(refused).rejects.toMatchObject({ code: 'credentials-repeated' });
  });

  it('5: pays the slow hash once for a credential, right or wrong', async () => {
    const { call, checked } = subject();
    for (const secret of ['right', 'right', 'wrong', 'wrong'])
      await call({ apiKey: [`k1.${secret}`] }).catch(() => undefined);
    expect(checked).toEqual(['right', 'wrong']);
  });

  it('5: checks a credential once for callers that come at the same time', async () => {
    const { call, checked } = subject();
    await Promise.all(Array.from({ length: 64 }, () => call({ apiKey: ['k1.right'] })));
    expect(checked).toEqual(['right']);
  });

  it('refuses more different credentials at once than it can check, and recovers', async () => {
    const { call } = subject();
    const guesses = await Promise.allSettled(
      Array.from({ length: 40 }, (_, at) => call({ apiKey: [`k1.guess-${at}`] })),
    );
    const codes = guesses.map((guess) =>
      guess.status === 'rejected' ? (guess.reason as { code: string }).code : 'in',
    );
    expect(new Set(codes)).toEqual(new Set(['credentials-wrong', 'overloaded']));
    await expect(call({ apiKey: ['k1.right'] })).resolves.toMatchObject({ caller: { participant: 'c_i804' } });
  });

  it('checks a hash for an unknown name too, so that the time tells nothing', async () => {
    const { call, checked } = subject();
    await expect(call({ apiKey: ['nobody.right'] })).rejects.toMatchObject({ code: 'credentials-wrong' });
    expect(checked).toEqual(['right']);
  });

  it.each([
    ['credentials-missing', {}],
    ['credentials-wrong', { apiKey: ['k1.wrong'] }],
    ['credentials-wrong', { apiKey: ['no-dot'] }],
    ['credentials-wrong', { authorization: ['Digest x'] }],
    ['credentials-wrong', { authorization: [basic('no-colon')] }],
    ['credentials-wrong', { thumbprint: 'ffff' }],
    ['token-wrong', { authorization: ['Bearer x'] }],
    ['token-wrong', { authorization: ['Bearer'] }],
    ['credentials-repeated', { apiKey: ['k1.right', 'k1.right'] }],
    ['credentials-repeated', { apiKey: ['k1.right, k1.right'] }],
    ['credentials-repeated', { apiKey: ['k1.right'], authorization: [basic('sulmona:right')] }],
    ['credentials-repeated', { authorization: [basic('sulmona:right'), basic('sulmona:right')] }],
  ])('refuses with %s', async (code, presented) => {
    await expect(subject().call(presented)).rejects.toMatchObject({ code });
  });
});
