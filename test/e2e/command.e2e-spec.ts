import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { http, statusWhen } from '../support/client.js';
import { envelope, noticeJson, NOTICE_ACTION } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeParticipants, writeRegistry, type TestDestinations } from '../support/registry.js';

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts the command as a user does. */
function command(args: readonly string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, ['dist/cli/crocevia.js', ...args], { env: { PATH: process.env['PATH'], ...env } });
}

async function run(args: readonly string[], env: Record<string, string> = {}, input = ''): Promise<Ran> {
  const child = command(args, env);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

describe('10: the crocevia command', () => {
  let directory: string;
  let data: string;
  let gateway: RunningGateway;
  let receiver: Receiver;
  let destinations: TestDestinations;
  const operator = () => ['--url', gateway.url, '--token', ADMIN_TOKEN];
  const sulmona = () => ['--url', gateway.url, '--api-key', KEYS.sulmona];
  const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';

  beforeAll(async () => {
    receiver = await startReceiver();
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'json' as const };
    destinations = { pratola: push, regione: push };
    directory = await writeRegistry(destinations);
    data = await mkdtemp(join(tmpdir(), 'crocevia-command-'));
    gateway = await startGateway({ CROCEVIA_DATA_DIR: join(data, 'db'), CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await receiver.stop();
    await rm(data, { recursive: true, force: true });
  });

  it('10: check names every wrong setting at once, and is content with right ones', async () => {
    const wrong = await run(['check'], { CROCEVIA_PORT: 'x', CROCEVIA_PROT: '1', AMQP_URL: 'http://a' });
    expect(wrong.code).toBe(1);
    for (const name of ['CROCEVIA_PORT', 'CROCEVIA_PROT', 'AMQP_URL'])
      expect(wrong.out).toMatch(new RegExp(`WRONG ${name}`));
    const right = await run(['check', '--registry', directory], { PUBLIC_URL: gateway.url });
    expect(right.out).toMatch(/ok +registry: .*4 systems, 4 services/);
    expect(right.out).toMatch(/NOT power loss/);
    expect(right.code).toBe(0);
  });

  it('10: check names what is wrong in the registry with file and line, and a server that does not answer', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'crocevia-broken-'));
    await writeFile(join(broken, 'a.yaml'), 'kind: participant\nid: c_i804\nname: Sulmona\ntype: village\n');
    const found = await run(['check', '--registry', broken], {
      DATABASE_URL: 'postgres://u:canary-password@127.0.0.1:1/x',
    });
    expect(found.code).toBe(1);
    expect(found.out).toMatch(/WRONG a\.yaml:4: /);
    expect(found.out).toMatch(/WRONG postgres:\/\/u:\*\*\*@127\.0\.0\.1:1\/x: .*ECONNREFUSED/);
    expect(found.out + found.err).not.toContain('canary-password');
    await rm(broken, { recursive: true });
  });

  it('10: sends the example envelope of the README', async () => {
    const sent = await run([
      ...sulmona(),
      'send',
      'examples/messages/notifica.soap.xml',
      '--to',
      '/soap/c_h007/v1/VariazioneAnagrafica',
    ]);
    expect([sent.code, sent.out]).toEqual([0, expect.stringContaining('presaInCarico')]);
  });

  it('7: explains a refused message by its id', async () => {
    const refused = await http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: {} });
    const told = await run([...operator(), 'explain', refused.headers['x-gateway-id'] ?? '']);
    expect([told.code, told.err]).toEqual([0, '']);
    expect(told.out).toMatch(
      /^it was refused\n {2}operation {2}notificaVariazione\n {2}agreement {2}c_i804-r_abruzz-VariazioneAnagrafica \(active\)\n {2}schema-violation: /,
    );
  });

  it('10: sends files over REST and SOAP and shows a refusal', async () => {
    const json = join(data, 'notice.json');
    const xml = join(data, 'notice.xml');
    await writeFile(json, JSON.stringify(noticeJson('r_abruzz')));
    await writeFile(xml, envelope());
    const rest = await run([...sulmona(), 'send', json, '--to', REST, '--id', 'command-1']);
    expect([rest.code, rest.err]).toEqual([0, '']);
    expect(rest.out).toMatch(/accepted \(HTTP 202\)\n {2}id {6}[0-9a-f-]{36}/);
    const soap = await run([
      ...sulmona(),
      'send',
      xml,
      '--to',
      '/soap/c_h007/v1/VariazioneAnagrafica',
      '--action',
      NOTICE_ACTION,
    ]);
    expect(soap.out).toMatch(/accepted \(HTTP 200\)[^]*presaInCarico/);
    await writeFile(json, JSON.stringify({ ...noticeJson(), tipoVariazione: 'TRASLOCO' }));
    const refused = await run([...sulmona(), 'send', json, '--to', REST]);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/tipoVariazione/);
    await writeFile(xml, envelope().replace('CAMBIO_RESIDENZA', 'TRASLOCO'));
    const fault = await run([...sulmona(), 'send', xml, '--to', '/soap/c_h007/v1/VariazioneAnagrafica']);
    expect(fault.err).toMatch(
      /refused\n {2}schema-violation\n {2}[^<]+\n {2}[^<\n]+tipoVariazione[^<\n]*, line \d+: [^<]+\n</,
    );
  });

  it('10: shows a message by the gateway’s id, the sender’s id and the correlation id', async () => {
    const headers = { 'idempotency-key': 'command-2', 'x-correlation-id': 'correlated-2' };
    const sent = await http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson(), headers });
    const { id } = sent.json<{ id: string }>();
    await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
    for (const name of [id, 'command-2', 'correlated-2']) {
      const shown = await run([...operator(), 'status', name]);
      expect(shown.out).toContain(`"id": "${id}"`);
      expect(shown.out).toMatch(
        /message\.accepted[^]*delivery\.delivered +r_abruzz \(DELIVERING -> DELIVERED\)[^]*-> 200 in/,
      );
    }
    for (const name of [id, 'command-2'])
      expect((await run([...sulmona(), 'status', name], { CROCEVIA_ADMIN_TOKEN: ADMIN_TOKEN })).code).toBe(0);
    const unknown = await run([...operator(), 'status', 'nothing-like-it']);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(/404/)]);
  });

  it('10: tail prints events as they come', async () => {
    const child = command([...operator(), 'tail']);
    let out = '';
    const line = new Promise<void>((resolve) =>
      child.stdout.on(
        'data',
        (chunk) => ((out += String(chunk)), /message\.accepted[^]*message\.completed/.test(out) && resolve()),
      ),
    );
    const sending = setInterval(
      () => void http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson() }),
      200,
    );
    await line;
    clearInterval(sending);
    child.kill();
    expect(out).toMatch(/message\.accepted +[0-9a-f-]{36}/);
  });

  it('says how things stand, in plain lines, and tries now what waits', async () => {
    const situation = await run([...operator(), 'situation']);
    expect([situation.code, situation.err]).toEqual([0, '']);
    expect(situation.out).toMatch(/warning {3}c_i804 {2}\d+ refused for their content: schema-violation {2}since /);
    expect((await run([...operator(), 'queues', 'pratola'])).out).toBe('pratola.protocollo  0 wait  open\n');
    expect((await run([...operator(), 'queues'])).out.split('\n').length).toBeGreaterThan(2);
    const released = await run([...operator(), 'release', 'pratola.protocollo', '--reason', 'it is back']);
    expect([released.code, released.out]).toEqual([0, 'pratola.protocollo: 0 are tried now\n']);
    const letters = await run([...operator(), 'dead-letters']);
    expect(letters.out).toMatch(/^0 failed or expired[^]*crocevia queues/);
  });

  it('10: says what to do when nobody answers', async () => {
    const { code, err } = await run(['--url', 'http://127.0.0.1:1', 'status', 'x']);
    expect(code).toBe(1);
    expect(err).toMatch(/Is the gateway running/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('5: hashes a secret so that it can be registered', async () => {
    const { out } = await run(['hash'], {}, 'a-secret\n');
    expect(out.trim()).toMatch(/^scrypt\$16384\$8\$1\$/);
    expect(out).not.toContain('a-secret');
  });

  it('2: a changed document is in force without a restart; a broken one keeps the last good registry and is told', async () => {
    const expired = { ...destinations, sulmonaReceipts: receiver.url };
    const revision = async () =>
      (await http(`${gateway.url}/admin/registry`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).json<{
        revision: string;
        problems: { file: string; line: number }[];
      }>();
    const before = await revision();
    await writeParticipants(directory, expired);
    const reloaded = await run([...operator(), 'reload']);
    expect(reloaded.code).toBe(0);
    expect((await revision()).revision).not.toBe(before.revision);
    const good = await readFile(join(directory, 'participants.yaml'), 'utf8');
    await writeFile(join(directory, 'participants.yaml'), good.replace('type: region', 'type: kingdom'));
    const broken = await run([...operator(), 'reload']);
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/participants\.yaml/);
    expect((await http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson() })).status).toBe(202);
    await writeFile(join(directory, 'participants.yaml'), good);
    expect((await run([...operator(), 'reload'])).code).toBe(0);
  });

  it('10: logs JSON lines without a secret in them', () => {
    const lines = gateway.logs().trim().split('\n');
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: expect.any(String),
        event: expect.any(String),
      });
    for (const secret of [...Object.values(KEYS), 'secret-sulmona', ADMIN_TOKEN])
      expect(gateway.logs()).not.toContain(secret);
  });

  it('10: start --registry runs a gateway, and a second one on the same data directory is refused in plain words', async () => {
    const second = await run(['start', '--registry', directory], {
      CROCEVIA_DATA_DIR: join(data, 'db'),
      CROCEVIA_PORT: '0',
    });
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/cannot start/);
    expect(second.err).toContain(join(data, 'db'));
    expect(second.err).not.toMatch(/\n\s+at /);
  });
});
