import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { startGateway } from '../support/gateway.js';
import { writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

const BOX = { channel: 'box' } as const;
const OUT = '8.8.8.8';

describe('crocevia check', () => {
  let directory: string;
  let registry: string;
  let authority: Authority;
  let server: Certificate;
  const file = (name: string) => join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crocevia-check-'));
    registry = await writeRegistry({ pratola: BOX, regione: BOX });
    authority = certificateAuthority();
    server = authority.issue('server');
  }, 60_000);
  afterAll(async () => {
    authority.remove();
    await Promise.all([directory, registry].map((one) => rm(one, { recursive: true, force: true })));
  });

  /** What it says, line by line, and how it ends. */
  function check(
    env: Record<string, string>,
    at = registry,
  ): { readonly lines: readonly string[]; readonly code: number | null } {
    const { stdout, status } = spawnSync(process.execPath, ['dist/cli/crocevia.js', 'check', '--registry', at], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], CROCEVIA_DATA_DIR: file('data'), ...env },
    });
    return { lines: stdout.split('\n'), code: status };
  }
  const found = (lines: readonly string[]) => lines.flatMap((line) => /\[([a-z-]+)\]$/.exec(line)?.[1] ?? []).sort();
  const lineOf = (lines: readonly string[], code: string) => lines.find((line) => line.endsWith(`[${code}]`));

  const tls = (cert: string, key: string) => ({ CROCEVIA_TLS_CERT_FILE: cert, CROCEVIA_TLS_KEY_FILE: key });
  function keyFile(name: string, mode = 0o600): string {
    copyFileSync(server.keyFile, file(name));
    chmodSync(file(name), mode);
    return file(name);
  }
  function masterFile(name: string, key: Buffer, mode = 0o600): string {
    writeFileSync(file(name), `${key.toString('base64')}\n`);
    chmodSync(file(name), mode);
    return file(name);
  }
  async function endpoints(name: string, urls: readonly string[]): Promise<string> {
    const place = await writeRegistry({ pratola: BOX, regione: BOX });
    const [receives, receipts, ...callbacks] = urls;
    const system = {
      kind: 'system',
      id: name,
      participant: 'c_i804',
      receives: { channel: 'push-rest', url: receives, shape: 'json' },
      receiptsTo: { url: receipts },
      callbacks: callbacks.map((url) => ({ url })),
    };
    await writeFile(join(place, 'endpoints.yaml'), stringify(system));
    return place;
  }

  it('4: finds nothing where all is as it should be', async () => {
    const fine = await endpoints('bene', [
      `https://${OUT}/in`,
      'http://127.0.0.1:9/ricevute',
      'http://[::1]:9/risposte',
    ]);
    const env = {
      ...tls(authority.issue('lunga', undefined, { days: 90 }).certFile, ''),
      CROCEVIA_MASTER_KEY_FILE: masterFile('buona', randomBytes(32), 0o640),
    };
    const long = authority.issue('lunga-2', undefined, { days: 90 });
    chmodSync(long.keyFile, 0o600);
    const { lines, code } = check({ ...env, ...tls(long.certFile, long.keyFile) }, fine);
    expect([found(lines), code]).toEqual([[], 0]);
    expect(lines.join('\n')).toMatch(/ok +CROCEVIA_TLS_CERT_FILE: .* is good until \d{4}-\d\d-\d\d/);
  });

  it('5: goes on after wrong variables, with what can be looked at', async () => {
    const broken = await writeRegistry({ pratola: BOX, regione: BOX });
    await writeFile(join(broken, 'broken.yaml'), 'kind: nothing\n');
    const { lines, code } = check(
      {
        CROCEVIA_PORT: 'x',
        CROCEVIA_PROT: '1',
        DATABASE_URL: 'http://a',
        AMQP_URL: 'http://b',
        CROCEVIA_ALLOWED_NETWORKS: 'all',
        CROCEVIA_MASTER_KEY: Buffer.alloc(32).toString('base64'),
        ...tls(server.certFile, file('nobody.key')),
        CROCEVIA_TLS_CA_FILE: file('nothing.pem'),
      },
      broken,
    );
    expect(code).toBe(1);
    expect(found(lines)).toEqual(expect.arrayContaining(['master-key-weak', 'tls-file-absent']));
    for (const name of ['CROCEVIA_PORT', 'CROCEVIA_PROT', 'DATABASE_URL', 'AMQP_URL', 'CROCEVIA_TLS_CA_FILE'])
      expect(lines.filter((line) => line.startsWith(`WRONG ${name}: `))).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/WRONG .*broken\.yaml:1: /);
    await rm(broken, { recursive: true, force: true });
  });

  it('5: gateway-untrusted: it runs under an authority that this command does not know', async () => {
    const data = file('untrusted');
    const gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      ...tls(server.certFile, server.keyFile),
    });
    const url = gateway.url.replace('http:', 'https:');
    const { lines } = check({ PUBLIC_URL: url });
    expect(lineOf(lines, 'gateway-untrusted')).toMatch(
      /^WARN +gateway: https:.* runs, .*; expected: NODE_EXTRA_CA_CERTS/,
    );
    const trusting = check({ PUBLIC_URL: url, NODE_EXTRA_CA_CERTS: authority.caFile });
    expect(trusting.lines.find((line) => line.startsWith('ok    gateway: '))).toMatch(/answers 200$/);
    await gateway.stop();
  }, 180_000);

  it('5: master-key-absent: where a database would hold secrets in clear, not where the gateway makes a key itself', () => {
    expect(found(check({}).lines)).toEqual([]);
    const { lines } = check({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' });
    expect(lineOf(lines, 'master-key-absent')).toMatch(
      /^WARN +master key: none is set; in clear .*; expected: CROCEVIA_MASTER_KEY_FILE/,
    );
  });

  it.each([
    ['zeroes', Buffer.alloc(32)],
    ['a pattern', Buffer.from('abcdefgh'.repeat(4))],
    ['a passphrase', Buffer.from('correct horse battery staple, ok')],
    ['a row of numbers', Buffer.from(Array.from({ length: 32 }, (_, at) => at + 128))],
  ])('5: master-key-weak: %s', (name, key) => {
    expect(key).toHaveLength(32);
    const { lines, code } = check({ CROCEVIA_MASTER_KEY_FILE: masterFile(name.replaceAll(' ', '-'), key) });
    expect([found(lines), code]).toEqual([['master-key-weak'], 1]);
    expect(lines.join('\n')).not.toContain(key.toString('base64'));
  });

  it('5: no random key is called weak', () => {
    const keys = Array.from({ length: 500 }, (_, at) => `k${at}:${randomBytes(32).toString('base64')}`);
    expect(found(check({ CROCEVIA_MASTER_KEY: keys.join(',') }).lines)).toEqual([]);
  });

  it.each([
    [0o644, 'read'],
    [0o604, 'read'],
    [0o660, 'written'],
  ])('5: master-key-readable: mode %o', (mode, what) => {
    const { lines } = check({ CROCEVIA_MASTER_KEY_FILE: masterFile(`m${mode}`, randomBytes(32), mode) });
    expect(found(lines)).toEqual(['master-key-readable']);
    expect(lineOf(lines, 'master-key-readable')).toMatch(new RegExp(`can be ${what} by others .*; expected: mode 600`));
  });

  it('5: tls-file-absent and tls-file-broken name the setting and the file', () => {
    const absent = check(tls(file('mai.pem'), file('mai.key')));
    expect([found(absent.lines), absent.code]).toEqual([['tls-file-absent', 'tls-file-absent'], 1]);
    expect(lineOf(absent.lines, 'tls-file-absent')).toContain(
      `CROCEVIA_TLS_CERT_FILE: ${file('mai.pem')} does not exist`,
    );
    writeFileSync(file('rotto.pem'), 'rotto');
    const broken = check(tls(file('rotto.pem'), file('rotto.pem')));
    expect(found(broken.lines)).toEqual(expect.arrayContaining(['tls-file-broken', 'tls-file-broken']));
    expect(broken.code).toBe(1);
  });

  it('5: tls-file-unreadable: of a file that this user may not read', () => {
    for (const one of [directory, registry]) chmodSync(one, 0o755);
    copyFileSync(server.certFile, file('cert.pem'));
    const args = ['dist/cli/crocevia.js', 'check', '--registry', registry];
    // Root reads whatever the mode says: the command is run as nobody then.
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const [command = '', ...rest] = [...asNobody, process.execPath, ...args];
    const { stdout, status } = spawnSync(command, rest, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...tls(file('cert.pem'), keyFile('chiusa.key', 0o000)) },
    });
    expect([found(stdout.split('\n')), status]).toEqual([['tls-file-unreadable'], 1]);
  });

  it('5: tls-key-readable: of a key that others can read', () => {
    const { lines } = check(tls(server.certFile, keyFile('aperta.key', 0o644)));
    expect(found(lines)).toEqual(['certificate-ends-soon', 'tls-key-readable']);
  });

  it('5: certificate-expired, certificate-ends-soon and certificate-key-mismatch', () => {
    const ended = authority.issue('finito', 'ended');
    chmodSync(ended.keyFile, 0o600);
    const over = check(tls(ended.certFile, ended.keyFile));
    expect([found(over.lines), over.code]).toEqual([['certificate-expired'], 1]);
    expect(lineOf(over.lines, 'certificate-expired')).toContain('was good until 2021-01-01');
    const soon = check(tls(server.certFile, keyFile('propria.key')));
    expect([found(soon.lines), soon.code]).toEqual([['certificate-ends-soon'], 0]);
    expect(lineOf(soon.lines, 'certificate-ends-soon')).toMatch(
      /for 1 more day; expected: a certificate that is good for more than 30 days/,
    );
    const other = check(tls(ended.certFile, keyFile('altrui.key')));
    expect(found(other.lines)).toEqual(['certificate-expired', 'certificate-key-mismatch']);
  });

  it('6: endpoint-forbidden: what the gateway will not connect to, by number and by name', async () => {
    const place = await endpoints('privato', [
      'https://10.1.2.3/in',
      'https://169.254.169.254/ricevute',
      'https://localhost:9/risposte',
      'https://[fe80::1]/b',
      'https://user:canary-password@192.168.0.9/c',
      `https://${OUT}/d`,
    ]);
    const { lines, code } = check({ CROCEVIA_ALLOWED_NETWORKS: 'none' }, place);
    const told = lines.filter((line) => line.endsWith('[endpoint-forbidden]'));
    expect([told.length, code]).toEqual([5, 1]);
    expect(told[0]).toMatch(
      /^WRONG system privato, receives: https:\/\/10\.1\.2\.3\/in is in no allowed network \(10\.1\.2\.3, private\).*; expected: .*CROCEVIA_ALLOWED_NETWORKS/,
    );
    expect(told.join('\n')).toMatch(/linkLocal[^]*loopback/);
    expect(lines.join('\n')).not.toContain('canary-password');
    const allowed = check(
      { CROCEVIA_ALLOWED_NETWORKS: '10.1.0.0/16,169.254.0.0/16,127.0.0.0/8,::1,fe80::/10,192.168.0.9' },
      place,
    );
    expect([found(allowed.lines), allowed.code]).toEqual([[], 0]);
  });

  it('6: endpoint-plain-http: what would go in clear, but for this machine', async () => {
    const place = await endpoints('chiaro', [
      `http://${OUT}/in`,
      'http://127.0.0.1:9/x',
      'http://localhost:9/y',
      'http://10.1.2.3/z',
    ]);
    const { lines, code } = check({ CROCEVIA_ALLOWED_NETWORKS: '10.0.0.0/8,127.0.0.0/8,::1' }, place);
    expect([found(lines), code]).toEqual([['endpoint-plain-http', 'endpoint-plain-http'], 0]);
    expect(lineOf(lines, 'endpoint-plain-http')).toMatch(
      /^WARN +system chiaro, receives: http:\/\/8\.8\.8\.8\/in is called without TLS/,
    );
  });

  describe('with the registry in the database', () => {
    let ground: Ground;
    beforeAll(async () => {
      ground = await standard();
    }, 120_000);
    afterAll(() => ground.stop(), 30_000);

    it('6: looks at the addresses that are registered there', async () => {
      const place = await endpoints('salvato', [
        'https://10.1.2.3/in',
        `http://u:canary-password@${OUT}/r`,
        `https://${OUT}/x`,
      ]);
      const gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: place });
      expect(await gateway.stop()).toBe(0);
      const { stdout, status } = spawnSync(process.execPath, ['dist/cli/crocevia.js', 'check'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], ...ground.env },
      });
      expect(stdout).toMatch(/ok +registry: in the database: 5 systems/);
      expect(stdout).toMatch(/WRONG system salvato, receives: .*\[endpoint-forbidden\]/);
      expect(stdout).toMatch(
        /WARN +system salvato, receiptsTo: http:\/\/u:\*\*\*@8\.8\.8\.8\/r .*\[endpoint-plain-http\]/,
      );
      expect([stdout.includes('canary-password'), status]).toEqual([false, 1]);
    }, 60_000);
  });
});
