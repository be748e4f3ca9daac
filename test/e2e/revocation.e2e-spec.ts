import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { freePort } from '../support/ports.js';
import { writeRegistry } from '../support/registry.js';

const BOX = { channel: 'box', shape: 'original' } as const;

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

/** Looks something up with a client certificate, on a connection of its own. */
function look(url: string, authority: Authority, client: Certificate | null): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: false, ca: readFileSync(authority.caFile) });
  const credential = client ? { cert: client.cert, key: client.key } : {};
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: '/directory', agent, ...credential }, (reply) => {
      let text = '';
      reply.on('data', (chunk) => (text += String(chunk)));
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, code: (JSON.parse(text) as { code?: string }).code }),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function until(wanted: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await wanted())) {
    if (Date.now() > end) throw new Error('it did not happen in 20 s');
    await pause(50);
  }
}

describe('client certificates that can be revoked', () => {
  let authority: Authority;
  let stranger: Authority;
  let own: string;
  let certificates: Record<'server' | 'pinned' | 'named' | 'other' | 'stranger', Certificate>;
  let port: number;
  let registry: string;
  const file = (name: string) => join(own, name);

  beforeAll(async () => {
    authority = certificateAuthority();
    stranger = certificateAuthority();
    own = await mkdtemp(join(tmpdir(), 'crocevia-tls-'));
    certificates = {
      server: authority.issue('server'),
      pinned: authority.issue('pinned'),
      named: authority.issue('anagrafe, città', undefined, { organisation: 'Comune di Sulmona' }),
      other: authority.issue('other', undefined, { organisation: 'Comune di Sulmona' }),
      stranger: authority.selfSigned('stranger'),
    };
    registry = await writeRegistry({ pratola: BOX, regione: BOX });
    await writeFile(
      join(registry, 'tls.yaml'),
      stringify({
        kind: 'system',
        id: 'sulmona.tributi',
        participant: 'c_i804',
        credentials: [
          { kind: 'tls', thumbprint: certificates.pinned.thumbprint },
          { kind: 'tls', subject: 'CN=anagrafe\\, città,O=Comune di Sulmona' },
          { kind: 'tls', subject: 'CN=other,O=Comune di Sulmona', issuer: 'CN=another authority' },
          { kind: 'tls', subject: 'CN=stranger' },
        ],
      }),
    );
    port = await freePort();
  }, 60_000);

  afterAll(async () => {
    for (const one of [authority, stranger]) one.remove();
    await Promise.all([own, registry].map((directory) => rm(directory, { recursive: true, force: true })));
  });

  const start = async (env: Record<string, string>) => {
    for (const [name, from] of [
      ['cert.pem', certificates.server.certFile],
      ['key.pem', certificates.server.keyFile],
      ['ca.pem', authority.caFile],
    ] as const)
      copyFileSync(from, file(name));
    const data = await dataDirectory();
    const gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_TLS_CERT_FILE: file('cert.pem'),
      CROCEVIA_TLS_KEY_FILE: file('key.pem'),
      CROCEVIA_TLS_CA_FILE: file('ca.pem'),
      ...env,
    });
    const stop = async () => {
      expect(await gateway.stop()).toBe(0);
      await rm(data, { recursive: true, force: true });
    };
    return { gateway, stop };
  };

  describe('by lists (CRL)', () => {
    let gateway: RunningGateway;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      writeFileSync(file('crl.pem'), authority.list(3_600));
      ({ gateway, stop } = await start({ CROCEVIA_TLS_REVOCATION: 'crl', CROCEVIA_TLS_CRL_FILE: file('crl.pem') }));
    }, 120_000);
    afterAll(() => stop(), 30_000);
    const ask = (client: Certificate | null) => look(gateway.url, authority, client);

    it('1: knows a system by the subject of its certificate, to the letter, and by issuer and subject', async () => {
      expect(await ask(certificates.named)).toMatchObject({ status: 200 });
      expect(await ask(certificates.pinned)).toMatchObject({ status: 200 });
      expect(await ask(certificates.other)).toMatchObject({ status: 401, code: 'credentials-wrong' });
      expect(await ask(certificates.stranger)).toMatchObject({ status: 401, code: 'credentials-wrong' });
    });

    it('1: refuses a certificate once the list that names it lies there, without a restart', async () => {
      const revoked = authority.issue('anagrafe, città', undefined, { organisation: 'Comune di Sulmona' });
      expect(await ask(revoked)).toMatchObject({ status: 200 });
      authority.revoke('anagrafe, città');
      writeFileSync(file('crl.pem'), authority.list(3_600));
      await until(async () => (await ask(revoked)).status === 401);
      expect(await ask(revoked)).toMatchObject({ code: 'certificate-revoked' });
      expect(await ask(certificates.named)).toMatchObject({ status: 200 });
    });

    it('1: a list that is over says nothing: the certificate is refused, and it is the gateway’s to mend', async () => {
      writeFileSync(file('crl.pem'), authority.list(1));
      await until(async () => (await ask(certificates.named)).status === 503);
      expect(await ask(certificates.named)).toMatchObject({ code: 'certificate-status-unknown' });
      writeFileSync(file('crl.pem'), authority.list(3_600));
      await until(async () => (await ask(certificates.named)).status === 200);
    });

    it('1: takes a new certificate and key without a restart; an open connection goes on', async () => {
      const { hostname, port: at } = new URL(gateway.url);
      const open = () =>
        new Promise<TLSSocket>((resolve) => {
          const ca = readFileSync(authority.caFile);
          const socket = connect({ host: hostname, port: Number(at), ca }, () => resolve(socket));
        });
      const served = async () => {
        const socket = await open();
        const { subject } = socket.getPeerCertificate();
        socket.destroy();
        return subject.CN;
      };
      const before = await open();
      expect(await served()).toBe('server');
      const renewed = authority.issue('renewed');
      copyFileSync(renewed.certFile, file('cert.pem'));
      copyFileSync(renewed.keyFile, file('key.pem'));
      await until(async () => (await served()) === 'renewed');
      before.write('GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let text = '';
      for await (const chunk of before) text += String(chunk);
      expect(text).toMatch(/^HTTP\/1\.1 200 /);

      writeFileSync(file('key.pem'), 'broken');
      await until(() => gateway.logs().includes('tls.refused'));
      expect(await served()).toBe('renewed');
      expect(await ask(certificates.pinned)).toMatchObject({ status: 200 });
      copyFileSync(renewed.keyFile, file('key.pem'));
    });
  });

  describe('by a responder (OCSP)', () => {
    let gateway: RunningGateway;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      ({ gateway, stop } = await start({
        CROCEVIA_TLS_REVOCATION: 'ocsp',
        CROCEVIA_TLS_OCSP_URL: `http://127.0.0.1:${port}/`,
      }));
    }, 60_000);
    afterAll(() => stop(), 30_000);
    const ask = (client: Certificate) => look(gateway.url, authority, client);

    it('1: refuses a revoked certificate, remembers the others, and refuses what nobody can say', async () => {
      const revoked = authority.issue('anagrafe, città', undefined, { organisation: 'Comune di Sulmona' });
      const unasked = authority.issue('anagrafe, città', undefined, { organisation: 'Comune di Sulmona' });
      writeFileSync(join(own, 'revoked.pem'), revoked.cert);
      authority.revoke(join(own, 'revoked'));
      const responder = await authority.responder(port);
      expect(await ask(certificates.named)).toMatchObject({ status: 200 });
      expect(await ask(revoked)).toMatchObject({ status: 401, code: 'certificate-revoked' });
      expect(await ask(certificates.other)).toMatchObject({ status: 401, code: 'credentials-wrong' });
      await responder.stop();
      expect(await ask(certificates.named)).toMatchObject({ status: 200 });
      expect(await ask(revoked)).toMatchObject({ status: 401, code: 'certificate-revoked' });
      expect(await ask(unasked)).toMatchObject({ status: 503, code: 'certificate-status-unknown' });
    });

    /** A client that has not been asked about, and what the gateway says of it while a responder signs so. */
    async function askedWith(signer: Certificate, isRevoked = false): Promise<Answer> {
      const client = authority.issue('anagrafe, città', undefined, { organisation: 'Comune di Sulmona' });
      if (isRevoked) {
        writeFileSync(join(own, 'client.pem'), client.cert);
        authority.revoke(join(own, 'client'));
      }
      const responder = await authority.responder(port, signer);
      const answer = await ask(client);
      await responder.stop();
      return answer;
    }

    it('1: believes one whom the authority has named for that (id-kp-OCSPSigning), of good and of revoked ones', async () => {
      const delegate = authority.issue('risponditore', undefined, { usage: 'OCSPSigning' });
      expect(await askedWith(delegate)).toMatchObject({ status: 200 });
      expect(await askedWith(delegate, true)).toMatchObject({ status: 401, code: 'certificate-revoked' });
      const among = authority.issue('risponditore-2', undefined, { usage: 'clientAuth,OCSPSigning' });
      expect(await askedWith(among)).toMatchObject({ status: 200 });
    });

    it.each<[string, () => Certificate]>([
      ['of the authority without a usage', () => authority.issue('senza')],
      [
        'of the authority for another usage',
        () => authority.issue('altro', undefined, { usage: 'serverAuth,clientAuth' }),
      ],
      ['of the authority for any usage', () => authority.issue('ogni', undefined, { usage: 'anyExtendedKeyUsage' })],
      ['of the authority whose time is over', () => authority.issue('finito', 'ended', { usage: 'OCSPSigning' })],
      [
        'of another authority of the same name',
        () => stranger.issue('risponditore', undefined, { usage: 'OCSPSigning' }),
      ],
      ['that nobody has signed', () => authority.selfSigned('nessuno')],
    ])('1: believes no responder with a certificate %s', async (_name, signer) => {
      expect(await askedWith(signer())).toMatchObject({ status: 503, code: 'certificate-status-unknown' });
      // The same reason is told once a minute, another one at once: the newest is the one of this answer.
      const told = () =>
        gateway
          .logs()
          .split('\n')
          .findLast((line) => line.includes('"what":"OCSP responder"'));
      await until(() => told()?.includes('the OCSP answer is not signed by the authority') === true);
    });
  });

  it('1: accepts what nobody can say where the settings say so', async () => {
    const { gateway, stop } = await start({
      CROCEVIA_TLS_REVOCATION: 'ocsp',
      CROCEVIA_TLS_OCSP_URL: `http://127.0.0.1:${port}/`,
      CROCEVIA_TLS_UNKNOWN_STATUS: 'accept',
    });
    expect(await look(gateway.url, authority, certificates.named)).toMatchObject({ status: 200 });
    await stop();
  }, 60_000);
});
