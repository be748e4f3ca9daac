import { readFileSync } from 'node:fs';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';
import { eventually } from '../support/until.js';

interface Listed {
  readonly readAt: string | null;
  readonly problem: string | null;
  readonly items: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly thumbprint: string | null;
    readonly days: number | null;
    readonly participant: string | null;
    readonly system: string | null;
  }[];
}

interface Own {
  readonly inUse: { readonly thumbprint: string };
  readonly onDisk: { readonly thumbprint: string } | null;
  readonly isSame: boolean;
  readonly keyFits: boolean | null;
  readonly problem: string | null;
  readonly chain: readonly { readonly subject: string }[];
  readonly isChainComplete: boolean;
  readonly host: string;
  readonly coversHost: boolean;
}

const BOX = { channel: 'box', shape: 'original' } as const;
const DAY_MS = 86_400_000;

describe('2. certificates and credentials by their end', () => {
  let authority: Authority;
  let server: Certificate;
  let gateway: RunningGateway;
  let agent: Agent;
  let directories: readonly string[];

  beforeAll(async () => {
    authority = certificateAuthority();
    server = authority.issue('server');
    const directory = await writeRegistry({ pratola: BOX, regione: BOX });
    await writeOperators(directory);
    const data = await dataDirectory();
    directories = [directory, data];
    const expires = new Date(Date.now() + 5.5 * DAY_MS).toISOString();
    const credentials = [{ kind: 'tls', thumbprint: 'a'.repeat(64), expires }];
    const system = { kind: 'system', id: 'sulmona.tributi', participant: 'c_i804', credentials };
    await writeFile(join(directory, 'tls.yaml'), stringify(system));
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_TLS_CERT_FILE: server.certFile,
      CROCEVIA_TLS_KEY_FILE: server.keyFile,
      CROCEVIA_TLS_CA_FILE: authority.caFile,
    });
    // The gateway shows certificates of others too.
    agent = new Agent({ connect: { rejectUnauthorized: false } });
  }, 60_000);

  afterAll(async () => {
    await agent.close();
    expect(await gateway.stop()).toBe(0);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    authority.remove();
  });

  const get = async (path: string, as: OperatorName) => {
    const url = `${gateway.url.replace(/^http:/, 'https:')}${path}`;
    const answer = await request(url, { dispatcher: agent, headers: bearer(as) });
    expect(answer.statusCode).toBe(200);
    return answer.body.text();
  };
  const list = async (as: OperatorName = 'platform') => JSON.parse(await get('/admin/certificates', as)) as Listed;
  const own = async () => (JSON.parse(await get('/admin/certificates/own', 'auditor')) as { own: Own }).own;
  const replace = async ({ certFile, keyFile }: Pick<Certificate, 'certFile' | 'keyFile'>) => {
    await copyFile(certFile, server.certFile);
    await copyFile(keyFile, server.keyFile);
  };

  it('2. what ends first comes first, of the gateway and of systems, and no secret is there', async () => {
    const { items, readAt, problem } = await list();
    expect([typeof readAt, problem]).toEqual(['string', null]);
    const tls = items.find(({ kind }) => kind === 'tls');
    expect(tls).toMatchObject({ system: 'sulmona.tributi', participant: 'c_i804', days: 5 });
    expect(items.find(({ kind }) => kind === 'server')).toMatchObject({ thumbprint: server.thumbprint, system: null });
    expect(items.find(({ kind }) => kind === 'authority')?.days).toBeGreaterThan(0);
    const days = items.map((one) => one.days ?? Infinity);
    expect(days).toEqual(days.toSorted((a, b) => a - b));
    expect(JSON.stringify(items)).not.toMatch(/scrypt|hash/);
  });

  it('2. a scoped operator sees the credentials of its own systems only', async () => {
    const owners = new Set((await list('raiano')).items.map(({ participant }) => participant));
    expect([...owners].sort()).toEqual(['c_h166', null]);
  });

  it('2. says that broken files are not in use, and that whole ones are again', async () => {
    const whole = readFileSync(server.certFile);
    await writeFile(server.certFile, 'no certificate');
    const broken = await eventually(list, ({ problem }) => problem !== null);
    expect(broken.items.find(({ kind }) => kind === 'server')?.thumbprint).toBe(server.thumbprint);
    await writeFile(server.certFile, whole);
    await eventually(list, ({ problem }) => problem === null);
  }, 30_000);

  it('2. tests the certificate of the gateway: in use and on the disk, key, chain and names; no key is shown', async () => {
    expect(await own()).toMatchObject({
      inUse: { thumbprint: server.thumbprint, names: ['IP Address:127.0.0.1'], key: 'EC prime256v1' },
      onDisk: { thumbprint: server.thumbprint },
      isSame: true,
      keyFits: true,
      problem: null,
      chain: [{ subject: 'CN=server' }],
      isChainComplete: true,
      host: '127.0.0.1',
      coversHost: true,
    });
    expect(await get('/admin/certificates/own', 'platform')).not.toContain('PRIVATE KEY');
    const next = authority.issue('next', undefined, { altName: 'DNS:altrove.example' });
    await copyFile(next.certFile, server.certFile);
    expect(await eventually(own, ({ problem }) => problem !== null)).toMatchObject({
      inUse: { thumbprint: server.thumbprint },
      onDisk: { thumbprint: next.thumbprint },
      isSame: false,
      keyFits: false,
    });
    await copyFile(next.keyFile, server.keyFile);
    const renewed = await eventually(own, ({ inUse }) => inUse.thumbprint === next.thumbprint);
    expect(renewed).toMatchObject({ isSame: true, keyFits: true, problem: null, coversHost: false });
  }, 30_000);

  it('2. tells a chain that stops before its root, and files that cannot be read', async () => {
    const stranger = certificateAuthority();
    const strange = stranger.issue('strange');
    await replace(strange);
    const alone = await eventually(own, ({ inUse }) => inUse.thumbprint === strange.thumbprint);
    expect(alone).toMatchObject({ keyFits: true, isChainComplete: false, chain: [{ subject: 'CN=strange' }] });
    await writeFile(server.certFile, Buffer.concat([strange.cert, readFileSync(stranger.caFile)]));
    const whole = await eventually(own, ({ chain }) => chain.length === 2);
    expect(whole).toMatchObject({ isChainComplete: true, chain: [{ subject: 'CN=strange' }, { subject: 'CN=ca' }] });
    await rm(server.keyFile);
    expect(await own()).toMatchObject({ onDisk: null, keyFits: null, problem: expect.stringContaining('ENOENT') });
    stranger.remove();
  }, 30_000);
});
