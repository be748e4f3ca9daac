import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
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
    agent = new Agent({ connect: { ca: readFileSync(authority.caFile) } });
  }, 60_000);

  afterAll(async () => {
    await agent.close();
    expect(await gateway.stop()).toBe(0);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    authority.remove();
  });

  const list = async (as: OperatorName = 'platform') => {
    const url = `${gateway.url.replace(/^http:/, 'https:')}/admin/certificates`;
    const answer = await request(url, { dispatcher: agent, headers: bearer(as) });
    expect(answer.statusCode).toBe(200);
    return (await answer.body.json()) as Listed;
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
});
