import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { stringify } from 'yaml';
import type { Credential } from '../../src/registry/model.js';
import { hashSecret } from '../../src/registry/secret.js';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { writeRegistry } from '../support/registry.js';
import { ASSERTION, signed, signingKey, startIssuer, type TokenIssuer } from '../support/tokens.js';

const BOX = { channel: 'box', shape: 'original' } as const;
const AGES = ['old', 'new'] as const;
type Age = (typeof AGES)[number];
const KINDS = ['api-key', 'basic', 'secret', 'key', 'token', 'thumbprint', 'subject'] as const;
type Kind = (typeof KINDS)[number];

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('credentials that are replaced, embedded', () => {
  let authority: Authority;
  let issuer: TokenIssuer;
  let gateway: RunningGateway;
  let url: string;
  let directories: readonly string[];
  let anonymous: Agent;
  const signer = signingKey('issuer');
  const keys = { old: signingKey('old'), new: signingKey('new') };
  const hashes = { old: hashSecret('old'), new: hashSecret('new') };
  const pinned = {} as Record<Age, Certificate>;
  const agents = {} as Record<`${'pinned' | 'named'} ${Age}`, Agent>;

  const credentials = (age: Age): readonly Credential[] => [
    { kind: 'api-key', id: 'rotated', hash: hashes[age] },
    { kind: 'basic', username: 'rotated', hash: hashes[age] },
    { kind: 'oauth', clientId: 'rotated.secret', hash: hashes[age] },
    { kind: 'oauth', clientId: 'rotated.key', jwks: { keys: [keys[age].jwk] } },
    { kind: 'token', issuer: issuer.url, subject: age },
    { kind: 'tls', thumbprint: pinned[age].thumbprint },
    { kind: 'tls', subject: `CN=named-${age}` },
  ];
  const ended: Credential = { kind: 'api-key', id: 'ended', hash: hashes.old, expires: '2021-01-01T00:00:00Z' };
  const write = (ages: readonly Age[]) =>
    writeFile(
      join(directories[0] as string, 'rotation.yaml'),
      [
        { kind: 'issuer', id: 'issuer', issuer: issuer.url, jwksUri: issuer.jwksUri, audience: 'gateway' },
        {
          kind: 'system',
          id: 'sulmona.tributi',
          participant: 'c_i804',
          credentials: [ended, ...ages.flatMap(credentials)],
        },
      ]
        .map((one) => stringify(one))
        .join('---\n'),
    );

  beforeAll(async () => {
    authority = certificateAuthority();
    issuer = await startIssuer();
    issuer.serve([signer.jwk]);
    const ca = readFileSync(authority.caFile);
    anonymous = new Agent({ connect: { ca } });
    for (const age of AGES) {
      pinned[age] = authority.issue(`pinned-${age}`);
      agents[`pinned ${age}`] = new Agent({ connect: { ca, cert: pinned[age].cert, key: pinned[age].key } });
      const { cert, key } = authority.issue(`named-${age}`);
      agents[`named ${age}`] = new Agent({ connect: { ca, cert, key } });
    }
    const server = authority.issue('server');
    directories = [await writeRegistry({ pratola: BOX, regione: BOX }), await dataDirectory()];
    await write(['old']);
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: directories[0] as string,
      CROCEVIA_DATA_DIR: directories[1] as string,
      CROCEVIA_TLS_CERT_FILE: server.certFile,
      CROCEVIA_TLS_KEY_FILE: server.keyFile,
      CROCEVIA_TLS_CA_FILE: authority.caFile,
    });
    url = gateway.url.replace('http:', 'https:');
  }, 60_000);

  afterAll(async () => {
    await Promise.all([anonymous, ...Object.values(agents)].map((agent) => agent.destroy()));
    expect(await gateway.stop()).toBe(0);
    await issuer.stop();
    authority.remove();
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
  }, 30_000);

  const look = async (headers: Record<string, string>, dispatcher: Dispatcher = anonymous) =>
    http(`${url}/directory`, { headers, dispatcher });
  const byToken = async (form: Record<string, string>, more: Record<string, string> = {}) => {
    const asked = await http(`${url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...more },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
      dispatcher: anonymous,
    });
    if (asked.status !== 200) return asked;
    return look({ authorization: `Bearer ${asked.json<{ access_token: string }>().access_token}` });
  };
  const ask: Record<Kind, (age: Age) => ReturnType<typeof look>> = {
    'api-key': (age) => look({ 'x-api-key': `rotated.${age}` }),
    basic: (age) => look(basic(`rotated:${age}`)),
    secret: (age) => byToken({}, basic(`rotated.secret:${age}`)),
    key: async (age) =>
      byToken({
        client_assertion_type: ASSERTION,
        client_assertion: await signed(keys[age], { iss: 'rotated.key', sub: 'rotated.key', aud: url }),
      }),
    token: async (age) =>
      look({ authorization: `Bearer ${await signed(signer, { iss: issuer.url, sub: age, aud: 'gateway' })}` }),
    thumbprint: (age) => look({}, agents[`pinned ${age}`]),
    subject: (age) => look({}, agents[`named ${age}`]),
  };
  const statuses = async (age: Age) =>
    Object.fromEntries(await Promise.all(KINDS.map(async (kind) => [kind, (await ask[kind](age)).status] as const)));
  const all = (status: number) => Object.fromEntries(KINDS.map((kind) => [kind, status]));
  const until = async (age: Age, status: number) => {
    const end = Date.now() + 20_000;
    while ((await ask['api-key'](age)).status !== status) {
      if (Date.now() > end) throw new Error(`${age} does not come to ${status}`);
      await pause(50);
    }
  };

  it('1: old and new serve together, and the old one ends at once, under traffic that never fails', async () => {
    expect(await statuses('old')).toEqual(all(200));
    expect(await statuses('new')).toEqual(all(401));
    const issued = await http(`${url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic('rotated.secret:old') },
      body: 'grant_type=client_credentials',
      dispatcher: anonymous,
    });
    const bearer = { authorization: `Bearer ${issued.json<{ access_token: string }>().access_token}` };
    expect(await look(bearer)).toMatchObject({ status: 200 });

    let using: Age = 'old';
    let over = false;
    const seen: Record<string, number> = {};
    const traffic = KINDS.map(async (kind) => {
      while (!over) {
        const age = using;
        const { status } = await ask[kind](age);
        const key = `${kind} ${age} ${status}`;
        seen[key] = (seen[key] ?? 0) + 1;
        await pause(5);
      }
    });
    await write(['old', 'new']);
    await until('new', 200);
    expect(await statuses('old')).toEqual(all(200));
    expect(await statuses('new')).toEqual(all(200));
    using = 'new';
    // Who has begun with the old one ends with it.
    await pause(500);
    await write(['new']);
    await until('old', 401);
    expect(await statuses('old')).toEqual(all(401));
    expect(await look(bearer)).toMatchObject({ status: 401 });
    expect(await statuses('new')).toEqual(all(200));
    over = true;
    await Promise.all(traffic);
    console.log(`rotation under traffic: ${JSON.stringify(seen)}`);
    expect(Object.keys(seen).sort()).toEqual(KINDS.flatMap((kind) => AGES.map((age) => `${kind} ${age} 200`)).sort());
  }, 90_000);

  it('1: a credential whose time is over is refused, and told so', async () => {
    const answer = await look({ 'x-api-key': 'ended.old' });
    expect(answer).toMatchObject({ status: 401 });
    expect(answer.json()).toMatchObject({ code: 'credentials-expired', blame: 'sender', place: 'credential' });
  });

  it.each([
    ['nothing', {}],
    ['API key', { 'x-api-key': 'rotated.wrong' }],
    ['HTTP Basic', basic('rotated:wrong')],
    ['access token', { authorization: 'Bearer a.b.c' }],
    ['client certificate', null],
  ])('1: refuses a wrong %s before a byte of the body was asked for or sent', async (_name, headers) => {
    const stranger = authority.issue('stranger');
    const { hostname, port } = new URL(url);
    const given = headers === null ? { cert: stranger.cert, key: stranger.key } : {};
    const lines = Object.entries({
      host: 'x',
      'content-type': 'application/json',
      'content-length': '1000000',
      expect: '100-continue',
      ...headers,
    });
    const text = await new Promise<string>((resolve, reject) => {
      const ca = readFileSync(authority.caFile);
      const socket = connect({ host: hostname, port: Number(port), ca, ...given }, () =>
        socket.write(
          `POST /rest/c_h007/v1/VariazioneAnagrafica/notifiche HTTP/1.1\r\n${lines.map((one) => one.join(': ')).join('\r\n')}\r\n\r\n`,
        ),
      );
      socket.on('error', reject).once('data', (chunk) => (resolve(String(chunk)), socket.destroy()));
    });
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('1: tells a right caller to go on with its body', async () => {
    const { hostname, port } = new URL(url);
    const text = await new Promise<string>((resolve, reject) => {
      const ca = readFileSync(authority.caFile);
      const socket = connect({ host: hostname, port: Number(port), ca }, () =>
        socket.write(
          'POST /rest/c_h007/v1/VariazioneAnagrafica/notifiche HTTP/1.1\r\nhost: x\r\nx-api-key: rotated.new\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n',
        ),
      );
      let got = '';
      socket.on('error', reject).on('data', (chunk) => {
        got += String(chunk);
        if (got === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('{}');
        if (!got.includes('HTTP/1.1 4')) return;
        resolve(got);
        socket.destroy();
      });
    });
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /);
  });
});
