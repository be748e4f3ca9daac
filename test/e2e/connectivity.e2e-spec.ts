import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createSecure, type Server } from 'node:https';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators } from '../support/operators.js';
import { freePort } from '../support/ports.js';
import { asOperator, codeOf } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

interface Found {
  readonly verdict: string;
  readonly addresses: readonly {
    readonly purpose: string;
    readonly target: string;
    readonly stages: readonly {
      readonly stage: string;
      readonly outcome: string;
      readonly code: string | null;
      readonly detail: string;
      readonly certificates: readonly {
        readonly thumbprint: string;
        readonly subject: string;
        readonly days: number;
      }[];
    }[];
  }[];
  readonly pickUp: { readonly channel: string; readonly waiting: number; readonly lastTakenAt: string | null } | null;
}

const outcomes = ({ addresses }: Found) =>
  addresses[0]!.stages.map(({ stage, outcome, code }) => `${stage} ${outcome}${code ? ` ${code}` : ''}`);

describe.each(SHAPES)('whether a system can be reached, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver;
  let authority: Authority;
  let comune: Certificate;
  let secure: Server;
  let mute: TcpServer;
  let revision = 0;
  const ports = { secure: 0, closed: 0, mute: 0 };

  beforeAll(async () => {
    [ground, receiver, ports.secure, ports.closed] = await Promise.all([
      lay(),
      startReceiver(),
      freePort(),
      freePort(),
    ]);
    authority = certificateAuthority();
    comune = authority.issue('comune');
    secure = createSecure({ cert: comune.cert, key: comune.key }, (_request, reply) => void reply.writeHead(405).end());
    mute = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => void secure.listen(ports.secure, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => void mute.listen(0, '127.0.0.1', resolve));
    ports.mute = (mute.address() as AddressInfo).port;
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      NODE_EXTRA_CA_CERTS: authority.caFile,
    });
    await write({ channel: 'push-rest', url: receiver.url }, { 'if-none-match': '*' });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    secure.closeAllConnections();
    secure.close();
    mute.close();
    authority.remove();
    await Promise.all([ground.stop(), receiver.stop()]);
  }, 60_000);

  const write = async (receives: object, headers: Record<string, string> = { 'if-match': `"${revision}"` }) => {
    const answer = await http(`${gateway.url}/admin/registry/documents/system/raiano.prova`, {
      method: 'PUT',
      headers: { ...asOperator.headers, ...headers },
      body: { kind: 'system', id: 'raiano.prova', participant: 'c_h166', receives },
    });
    expect([200, 201]).toContain(answer.status);
    revision = answer.json<{ revision: number }>().revision;
  };
  const test = async (id = 'raiano.prova') =>
    (await http(`${gateway.url}/admin/systems/${id}/connectivity`, { ...asOperator, method: 'POST' })).json<Found>();
  const push = (url: string, headers = {}) => write({ channel: 'push-rest', url, headers });

  it('9. says of each stage how it went, sends the registered headers and no message', async () => {
    await push(`${receiver.url}?codice=segreto`, { authorization: 'Bearer gateway' });
    const before = receiver.received.length;
    const found = await test();
    expect(found).toMatchObject({
      verdict: 'ok',
      addresses: [{ purpose: 'messages', target: receiver.url }],
      pickUp: null,
    });
    expect(outcomes(found)).toEqual(['address ok', 'connect ok', 'answer ok']);
    expect(receiver.received.slice(before)).toMatchObject([
      {
        method: 'HEAD',
        path: '/in?codice=segreto',
        headers: { authorization: 'Bearer gateway' },
        body: Buffer.alloc(0),
      },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/segreto|Bearer/);
  });

  it.each([
    [401, 'other credentials'],
    [404, 'nothing at this path'],
    [302, 'redirects are not followed'],
    [500, 'an error of its own'],
  ])('9. an answer of %i is doubtful, and it is told why: %s', async (status, why) => {
    receiver.answerWith((_, reply) => void reply.writeHead(status, { location: '/in' }).end());
    await push(receiver.url);
    const found = await test();
    expect([found.verdict, ...outcomes(found)]).toEqual(['doubtful', 'address ok', 'connect ok', 'answer doubtful']);
    expect(found.addresses[0]!.stages.at(-1)!.detail).toContain(why);
  });

  it('9. of TLS it tells version and end of the certificate, or what is wrong with it', async () => {
    const url = `https://127.0.0.1:${ports.secure}/`;
    await push(url);
    const found = await test();
    expect(outcomes(found)).toEqual(['address ok', 'connect ok', 'tls ok', 'answer ok']);
    expect(found.addresses[0]!.stages[2]!.detail).toMatch(/^TLSv1\.3, certificate of comune, valid until /);
    expect(found.addresses[0]!.stages.map(({ certificates }) => certificates.length)).toEqual([0, 0, 2, 0]);
    expect(found.addresses[0]!.stages[2]!.certificates).toMatchObject([
      { thumbprint: comune.thumbprint, subject: 'CN=comune', days: 1 },
      { subject: 'CN=ca' },
    ]);
    for (const [name, certificate, code, why] of [
      ['over', authority.issue('over', 'ended'), 'certificate-expired', 'not valid at this time'],
      ['alone', authority.selfSigned('alone'), 'receiver-unreachable', 'signed by nobody else'],
      [
        'other',
        authority.issue('other', undefined, { altName: 'DNS:altrove.example' }),
        'receiver-unreachable',
        'another name',
      ],
    ] as const) {
      secure.setSecureContext(certificate);
      const bad = await test();
      expect([name, bad.verdict, outcomes(bad).at(-1)]).toEqual([name, 'failed', `tls failed ${code}`]);
      const { detail, certificates } = bad.addresses[0]!.stages.at(-1)!;
      expect([detail, certificates[0]]).toMatchObject([
        expect.stringContaining(why),
        { thumbprint: certificate.thumbprint, subject: `CN=${name}` },
      ]);
    }
  }, 30_000);

  it('9. of an authority that is not known it shows the chain that was sent', async () => {
    const stranger = certificateAuthority();
    const strange = stranger.issue('strange');
    secure.setSecureContext({ ...strange, cert: Buffer.concat([strange.cert, readFileSync(stranger.caFile)]) });
    await push(`https://127.0.0.1:${ports.secure}/`);
    const found = await test();
    stranger.remove();
    expect(outcomes(found).at(-1)).toBe('tls failed receiver-unreachable');
    expect(found.addresses[0]!.stages.at(-1)!.certificates).toMatchObject([
      { thumbprint: strange.thumbprint },
      { subject: 'CN=ca' },
    ]);
  });

  it('9. is not brought down by a certificate that OpenSSL takes and nobody can read', async () => {
    const { cert, key } = authority.selfSigned('strano');
    const der = Buffer.from(new X509Certificate(cert).raw);
    const end = [...der.toString('latin1').matchAll(/\d{12}Z/g)].at(-1)!;
    der.write('999999', end.index, 'latin1');
    secure.setSecureContext({ cert: new X509Certificate(der).toString(), key });
    await push(`https://127.0.0.1:${ports.secure}/`);
    const found = await test();
    expect(outcomes(found).at(-1)).toMatch(/^tls failed/);
    expect(found.addresses[0]!.stages.at(-1)!.certificates).toEqual([]);
    expect((await http(`${gateway.url}/health/ready`)).status).toBe(200);
  });

  it('9. stops at the stage that fails: nobody listens, no such name, no answer in time', async () => {
    await push(`http://127.0.0.1:${ports.closed}/`);
    expect(outcomes(await test())).toEqual(['address ok', 'connect failed receiver-unreachable']);
    await push('http://nessuno.invalid/');
    expect(outcomes(await test())).toEqual(['address failed receiver-unreachable']);
    await push(`http://127.0.0.1:${ports.mute}/`);
    expect(outcomes(await test())).toEqual(['address ok', 'connect ok', 'answer failed receiver-timeout']);
  }, 30_000);

  it('9. goes behind the same walls as a delivery, and names no address there', async () => {
    await push('http://10.1.2.3/');
    const found = await test();
    expect([found.verdict, ...outcomes(found)]).toEqual(['failed', 'address failed destination-forbidden']);
    expect(JSON.stringify(found.addresses[0]!.stages)).not.toContain('10.1.2.3');
  });

  it('9. of a box it tells what waits and when something was last fetched', async () => {
    expect(await test('pratola.protocollo')).toMatchObject({
      verdict: 'untested',
      addresses: [],
      pickUp: { channel: 'box', waiting: 0, lastTakenAt: null },
    });
    const to = `${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const id = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'AVAILABLE');
    expect(await test('pratola.protocollo')).toMatchObject({ verdict: 'untested', pickUp: { waiting: 1 } });
    const since = Date.now();
    await http(`${gateway.url}/box/messages`, { key: KEYS.pratola });
    const { verdict, pickUp } = await test('pratola.protocollo');
    expect([verdict, pickUp!.waiting]).toEqual(['ok', 1]);
    expect(Math.abs(Date.parse(pickUp!.lastTakenAt!) - since)).toBeLessThan(5_000);
  });

  it('9. the test stands in the audit; a system out of scope does not exist', async () => {
    await test('raiano.anagrafe');
    const call = { method: 'POST', headers: bearer('centre') } as const;
    expect(codeOf(await http(`${gateway.url}/admin/systems/raiano.prova/connectivity`, call))).toEqual([
      404,
      'document-unknown',
    ]);
    const { items } = (
      await http(`${gateway.url}/admin/audit?event=system.tested&subject=raiano.anagrafe`, asOperator)
    ).json<{
      items: object[];
    }>();
    expect(items).toMatchObject([{ operator: 'platform', detail: { verdict: 'untested' } }]);
  });
});
