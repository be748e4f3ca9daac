import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from 'undici';
import { stringify } from 'yaml';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { codeOf } from '../support/query-stage.js';
import { writeRegistry } from '../support/registry.js';
import { eventually } from '../support/until.js';

const BOX = { channel: 'box', shape: 'original' } as const;
const SYSTEM = 'sulmona.tributi';
const AT = `/admin/systems/${SYSTEM}/certificates`;

interface View {
  readonly subject: string;
  readonly thumbprint: string;
  readonly until: string;
  readonly days: number;
  readonly key: string;
  readonly problems: readonly string[];
  readonly known: string | null;
}

describe('2. the certificate of a system is renewed over the API', () => {
  let authority: Authority;
  let gateway: RunningGateway;
  let directories: readonly string[];
  let [old, renewed, named] = [] as unknown as [Certificate, Certificate, Certificate];
  const agents: Agent[] = [];

  const agentOf = (certificate?: Certificate) => {
    const own = certificate && { cert: certificate.cert, key: certificate.key };
    const agent = new Agent({ connect: { ca: readFileSync(authority.caFile), ...own } });
    agents.push(agent);
    return agent;
  };

  beforeAll(async () => {
    authority = certificateAuthority();
    [old, renewed, named] = [authority.issue('old'), authority.issue('new'), authority.issue('named')];
    const directory = await writeRegistry({ pratola: BOX, regione: BOX });
    await writeOperators(directory);
    const data = await dataDirectory();
    directories = [directory, data];
    const credentials = [
      { kind: 'tls', thumbprint: old.thumbprint },
      { kind: 'tls', subject: 'CN=named' },
    ];
    const system = { kind: 'system', id: SYSTEM, participant: 'c_i804', receives: { channel: 'box' }, credentials };
    await writeFile(join(directory, 'tls.yaml'), stringify(system));
    const server = authority.issue('server');
    gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_TLS_CERT_FILE: server.certFile,
      CROCEVIA_TLS_KEY_FILE: server.keyFile,
      CROCEVIA_TLS_CA_FILE: authority.caFile,
    });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.destroy()));
    expect(await gateway.stop()).toBe(0);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    authority.remove();
  });

  const url = () => gateway.url.replace(/^http:/, 'https:');
  const order = (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    certificate?: string,
    as: OperatorName = 'platform',
  ) =>
    http(`${url()}${path}`, {
      method,
      headers: bearer(as),
      dispatcher: agentOf(),
      ...(certificate !== undefined && { body: { certificate } }),
    });
  const check = async (certificate: Certificate) =>
    (await order('POST', `${AT}/check`, certificate.cert.toString())).json<View>();
  const letsIn = async (certificate: Certificate) =>
    (await http(`${url()}/box/messages?max=1`, { dispatcher: agentOf(certificate) })).status;

  it('2: shows what a certificate says, what stands against it, and how it is known already', async () => {
    const shown = await check(renewed);
    expect(shown).toMatchObject({ thumbprint: renewed.thumbprint, key: 'EC prime256v1', problems: [], known: null });
    expect(shown.subject).toContain('CN=new');
    expect(shown.days).toBeGreaterThan(0);
    expect(await check(old)).toMatchObject({ known: 'thumbprint' });
    expect(await check(named)).toMatchObject({ known: 'name' });
    expect((await check(authority.issue('ended', 'ended'))).problems).toContain('ended');
    expect((await check(authority.selfSigned('stranger'))).problems).toContain('unknown-authority');
  });

  it('2: refuses a private key, an ended certificate and one that needs no entry, and keeps nothing of them', async () => {
    const withKey = `${renewed.cert.toString()}${readFileSync(renewed.keyFile, 'utf8')}`;
    const refused = [
      [withKey, 400, 'private-key-sent'],
      [authority.issue('over', 'ended').cert.toString(), 422, 'certificate-unfit'],
      [readFileSync(authority.caFile, 'utf8'), 422, 'certificate-unfit'],
      [named.cert.toString(), 422, 'certificate-unfit'],
      [old.cert.toString(), 422, 'certificate-unfit'],
      ['ciao', 400, 'parameter-wrong'],
    ] as const;
    for (const [text, status, code] of refused) {
      expect(codeOf(await order('POST', `${AT}?reason=rinnovo`, text))).toEqual([status, code]);
    }
    const looked = await order('POST', `${AT}/check`, withKey);
    expect(codeOf(looked)).toEqual([400, 'private-key-sent']);
    expect(looked.text).not.toContain(withKey.slice(-80, -40));
    expect(await letsIn(renewed)).toBe(401);
  });

  it('2: takes the new beside the old one, and only the new one once the old one is taken away', async () => {
    expect(await letsIn(old)).toBe(200);
    const added = await order('POST', `${AT}?reason=rinnovo`, renewed.cert.toString());
    expect([added.status, added.json<View>().thumbprint]).toEqual([201, renewed.thumbprint]);
    await eventually(
      () => letsIn(renewed),
      (status) => status === 200,
    );
    expect(await letsIn(old)).toBe(200);
    expect((await order('POST', `${AT}?reason=di+nuovo`, renewed.cert.toString())).status).toBe(422);
    expect((await order('DELETE', `${AT}/${old.thumbprint}?reason=sostituito`)).status).toBe(200);
    await eventually(
      () => letsIn(old),
      (status) => status === 401,
    );
    expect(await letsIn(renewed)).toBe(200);
    const listed = (await order('GET', '/admin/certificates')).json<{
      items: { thumbprint: string; days: number | null }[];
    }>();
    const item = listed.items.find(({ thumbprint }) => thumbprint === renewed.thumbprint);
    expect(item?.days).toBeGreaterThan(0);
    const history = (await order('GET', `/admin/registry/documents/system/${SYSTEM}/history`)).json<{
      items: { reason: string }[];
    }>();
    expect(history.items.map(({ reason }) => reason).slice(0, 2)).toEqual(['sostituito', 'rinnovo']);
  });

  it('2: is no way round the scope of an operator', async () => {
    for (const as of ['raiano', 'auditor'] as const) {
      const answers = [
        await order('POST', `${AT}/check`, renewed.cert.toString(), as),
        await order('POST', `${AT}?reason=x`, renewed.cert.toString(), as),
        await order('DELETE', `${AT}/${renewed.thumbprint}?reason=x`, undefined, as),
      ];
      for (const { status } of answers) expect([403, 404]).toContain(status);
    }
    expect(await letsIn(renewed)).toBe(200);
  });
});
