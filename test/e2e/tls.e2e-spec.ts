import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const PATH = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';

interface TlsAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly resumed: boolean;
}

describe.each([
  ['thumbprints alone', false],
  ['thumbprints and an authority', true],
] as const)('TLS client certificates by %s', (_name, withAuthority) => {
  let authority: Authority;
  let certificates: Record<'server' | 'known' | 'unknown' | 'ended' | 'lone', Certificate>;
  let gateway: RunningGateway;
  let directories: readonly string[];

  beforeAll(async () => {
    authority = certificateAuthority();
    const issue = (name: string) => authority.issue(name);
    certificates = {
      server: issue('server'),
      known: issue('known'),
      unknown: issue('unknown'),
      ended: authority.issue('ended', 'ended'),
      lone: authority.selfSigned('lone'),
    };
    const registry = await writeRegistry({ pratola: BOX, regione: BOX });
    const data = await dataDirectory();
    directories = [registry, data];
    await writeFile(join(registry, 'tls.yaml'), systemOf(certificates));
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_TLS_CERT_FILE: certificates.server.certFile,
      CROCEVIA_TLS_KEY_FILE: certificates.server.keyFile,
      ...(withAuthority && { CROCEVIA_TLS_CA_FILE: authority.caFile }),
    });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    authority.remove();
  }, 30_000);

  const agentFor = (certificate: Certificate | null) =>
    new Agent({ keepAlive: false, ca: readFileSync(authority.caFile), ...credential(certificate) });
  const send = (agent: Agent, key?: string) => post(gateway.url, agent, key);

  it('5: knows a system by the thumbprint of its certificate', async () => {
    expect(await send(agentFor(certificates.known))).toMatchObject({ status: 202 });
  });

  it('5: knows it when the TLS session is resumed too', async () => {
    const agent = agentFor(certificates.known);
    await send(agent);
    expect(await send(agent)).toMatchObject({ status: 202, resumed: true });
  });

  it('5: refuses a certificate that nobody has registered', async () => {
    expect(await send(agentFor(certificates.unknown))).toMatchObject({ status: 401, code: 'credentials-wrong' });
  });

  it('5: refuses a registered certificate whose time is over', async () => {
    expect(await send(agentFor(certificates.ended))).toMatchObject({
      status: 401,
      code: 'credentials-wrong',
      detail: `The client certificate was not accepted: ${withAuthority ? 'CERT_HAS_EXPIRED' : 'it is not valid now'}.`,
    });
  });

  it('5: takes a self-signed certificate only where no authority is configured', async () => {
    const answer = await send(agentFor(certificates.lone));
    if (withAuthority)
      expect(answer).toMatchObject({
        status: 401,
        code: 'credentials-wrong',
        detail: 'The client certificate was not accepted: DEPTH_ZERO_SELF_SIGNED_CERT.',
      });
    else expect(answer).toMatchObject({ status: 202 });
  });

  it('5: takes an API key without a client certificate, and beside one', async () => {
    expect(await send(agentFor(null), KEYS.sulmona)).toMatchObject({ status: 202 });
    expect(await send(agentFor(certificates.unknown), KEYS.sulmona)).toMatchObject({ status: 202 });
    expect(await send(agentFor(null))).toMatchObject({ status: 401, code: 'credentials-missing' });
  });
});

const BOX = { channel: 'box', shape: 'original' } as const;

const systemOf = ({ known, ended, lone }: Record<'known' | 'ended' | 'lone', Certificate>) =>
  stringify({
    kind: 'system',
    id: 'sulmona.tributi',
    participant: 'c_i804',
    credentials: [known, ended, lone].map(({ thumbprint }) => ({ kind: 'tls', thumbprint })),
  });

const credential = (certificate: Certificate | null) =>
  certificate ? { cert: certificate.cert, key: certificate.key } : {};

function answered(text: string): Pick<TlsAnswer, 'code' | 'detail'> {
  const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
  return { code, detail };
}

function post(url: string, agent: Agent, key?: string): Promise<TlsAnswer> {
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json', ...(key && { 'x-api-key': key }) };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: PATH, method: 'POST', agent, headers }, (reply) => {
      const resumed = (reply.socket as TLSSocket).isSessionReused();
      let text = '';
      reply.on('data', (chunk) => (text += String(chunk)));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, ...answered(text), resumed }));
    });
    sent.on('error', reject).end(JSON.stringify(noticeJson()));
  });
}
