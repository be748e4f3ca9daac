import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators } from '../support/operators.js';
import { binaries } from '../support/postgres.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { ownServers } from '../support/shapes.js';
import { ANSWERED_JSON, askedJsonOf } from '../support/tax-query.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
/** What nothing may show: each is planted at one place. */
const CANARY = {
  content: 'Canarinocontenuto',
  invalid: 'canarino-non-valido',
  response: 'canarino-risposta',
  header: 'canarino-intestazione',
  address: 'canarino-indirizzo',
  database: 'canarino-database',
  apiKey: 'canarino-chiave',
  basic: 'canarino-password',
  bearer: 'canarino-gettone',
} as const;
/** Of a body that does not encrypt: it is found, or the search finds nothing. */
const PLAIN = 'Canarinoinchiaro';
const MASTER = randomBytes(32).toString('base64');
const SECRETS = [
  ...Object.values(CANARY),
  MASTER,
  ADMIN_TOKEN,
  ...Object.values(KEYS).map((key) => key.split('.')[1]!),
];

const notice = (surname: string, sender = 'c_i804') => {
  const value = noticeJson('r_abruzz', sender) as { generalita: object };
  return { ...value, generalita: { ...value.generalita, cognome: surname } };
};

const found = (text: string, secrets: readonly string[] = SECRETS) => secrets.filter((one) => text.includes(one));

async function plantedRegistry(url: string): Promise<string> {
  const push = {
    channel: 'push-rest' as const,
    url,
    shape: 'json' as const,
    headers: { authorization: `Bearer ${CANARY.header}` },
  };
  const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: push, another: {} });
  await writeOperators(directory);
  const file = join(directory, 'participants.yaml');
  const documents = parseAllDocuments(await readFile(file, 'utf8')).map((one) => one.toJS() as RegistryDocument);
  const planted = documents.map((one): RegistryDocument => {
    if (one.kind === 'participant' && one.id === 'c_i804') return { ...one, encryptPayloads: true };
    if (one.kind !== 'system' || one.id !== 'sulmona.anagrafe') return one;
    const provides = (one.provides ?? []).map((service) =>
      service.service === 'PosizioneTributaria'
        ? { ...service, endpoint: { protocol: 'rest' as const, url: `${url}/tributi` } }
        : service,
    );
    return { ...one, provides, receiptsTo: { url: `http://user:${CANARY.address}@127.0.0.1:9/` } };
  });
  await writeFile(file, planted.map((one) => stringify(one)).join('---\n'));
  return directory;
}

describe('secrets, on PostgreSQL and RabbitMQ', () => {
  let ground: Awaited<ReturnType<typeof ownServers>>;
  let gateway: RunningGateway;
  let receiver: Receiver;
  let keys: string;
  let encrypted: string;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([ownServers(), startReceiver()]);
    keys = join(await mkdtemp(join(tmpdir(), 'crocevia-keys-')), 'master.keys');
    await writeFile(keys, MASTER, { mode: 0o600 });
    const database = new URL(ground.postgres.url);
    database.password = CANARY.database;
    gateway = await startGateway({
      ...ground.env,
      DATABASE_URL: database.href,
      CROCEVIA_REGISTRY_DIR: await plantedRegistry(receiver.url),
      CROCEVIA_MASTER_KEY_FILE: keys,
      CROCEVIA_LOG_LEVEL: 'debug',
    });
    receiver.answerWith(({ path, body }, reply) => {
      if (path.includes('tributi'))
        reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWERED_JSON));
      else reply.writeHead(200).end(body.includes(CANARY.content) ? CANARY.response : '');
    });
  }, 180_000);

  afterAll(async () => {
    await gateway.stop();
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  it('5: what is encrypted is delivered, shown to who may see it, and asked as ever', async () => {
    const { url } = gateway;
    const sent = await http(`${url}${REST}`, { key: KEYS.sulmona, body: notice(CANARY.content) });
    encrypted = idOf(sent);
    const plain = idOf(await http(`${url}${REST}`, { key: KEYS.pratola, body: notice(PLAIN, 'c_h007') }));
    for (const id of [encrypted, plain]) await statusWhen(url, id, ({ state }) => state === 'COMPLETED', 30_000);
    const bodies = receiver.received.map(({ body }) => body.toString());
    expect(bodies.filter((body) => body.includes(CANARY.content))).toHaveLength(1);
    expect(receiver.received[0]!.headers['authorization']).toBe(`Bearer ${CANARY.header}`);
    const view = await http(`${url}/admin/messages/${encrypted}/content`, { headers: bearer('platform') });
    expect([view.status, view.text]).toEqual([200, expect.stringContaining(CANARY.content)]);
    const asked = await http(`${url}/rest/c_i804/v1/PosizioneTributaria/posizioni/consulta`, {
      key: KEYS.regione,
      body: askedJsonOf('c_i804'),
    });
    expect([asked.status, asked.json()]).toEqual([200, ANSWERED_JSON]);
  }, 60_000);

  it('5: no answer shows a secret, right or wrong', async () => {
    const { url } = gateway;
    const basic = `Basic ${Buffer.from(`sulmona-user:${CANARY.basic}`).toString('base64')}`;
    const answers = [
      await http(`${url}${REST}`, { key: `sulmona.${CANARY.apiKey}`, body: notice('Rossi') }),
      await http(`${url}/box/messages`, { headers: { authorization: basic } }),
      await http(`${url}/admin/node`, { headers: { authorization: `Bearer ${CANARY.bearer}` } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    const invalid = await http(`${url}${REST}`, {
      key: KEYS.sulmona,
      body: { ...notice('Rossi'), dataDecorrenza: CANARY.invalid },
    });
    expect(invalid.status).toBe(400);
    const paths = [
      `messages/${encrypted}`,
      `messages/${encrypted}/timeline`,
      'messages?state=REJECTED',
      `messages/${String(invalid.headers['x-gateway-id'])}`,
      'deliveries',
      'dead-letters',
      'registry/documents',
      'registry/documents/system/regione.anagrafe',
      'registry/history',
      'node',
      'metrics',
      'jobs',
    ];
    for (const path of paths) {
      const answer = await http(`${url}/admin/${path}`, { headers: bearer('auditor') });
      expect([path, answer.status, found(answer.text)]).toEqual([path, 200, []]);
    }
    expect(answers.flatMap(({ text }) => found(text))).toEqual([]);
  }, 60_000);

  it('5: no log line has a secret, at debug level', () => {
    expect(gateway.logs()).toContain('message.refused');
    expect(found(gateway.logs())).toEqual([]);
  });

  it('5: a dump of the database has no secret, and no content of who encrypts', () => {
    const dump = execFileSync(join(binaries(), 'pg_dump'), ['--inserts', '-d', ground.postgres.url], {
      maxBuffer: 1024 * 1024 * 1024,
    }).toString();
    const hex = (text: string) => Buffer.from(text).toString('hex');
    expect(found(dump, [hex(PLAIN)])).toEqual([hex(PLAIN)]);
    expect(found(dump, [...SECRETS, ...SECRETS.map(hex)])).toEqual([]);
    expect(dump).toContain('sealed$1$');
  });

  it('5: RabbitMQ has written no content of who encrypts, and that of others', () => {
    const grep = (text: string) => spawnSync('grep', ['-raqF', text, ground.rabbit.directory]).status === 0;
    expect([grep(PLAIN), grep(CANARY.content)]).toEqual([true, false]);
  });

  it('5: the check of the settings shows no secret', () => {
    const { stdout } = spawnSync(process.execPath, ['dist/cli/crocevia.js', 'check'], {
      env: { PATH: process.env['PATH'], CROCEVIA_MASTER_KEY: MASTER, CROCEVIA_API_KEY: `x.${CANARY.apiKey}` },
      encoding: 'utf8',
    });
    expect(stdout).toContain('CROCEVIA_MASTER_KEY');
    expect(found(stdout)).toEqual([]);
  });

  it('5: a node with another master key says which system it cannot read, and does not start', async () => {
    const env = { ...ground.env, CROCEVIA_MASTER_KEY: `other:${randomBytes(32).toString('base64')}` };
    await expect(startGateway(env)).rejects.toThrow(
      /master key that this node does not have; set CROCEVIA_MASTER_KEY_FILE/,
    );
  }, 60_000);

  it('5: keys are rotated from the command line while messages go on', async () => {
    const next = randomBytes(32).toString('base64');
    await writeFile(keys, `${next}\n${MASTER}\n`);
    await gateway.stop();
    const start = (registry: Record<string, string> = {}) =>
      startGateway({ ...ground.env, CROCEVIA_MASTER_KEY_FILE: keys, ...registry });
    gateway = await start();
    const rotate = spawnSync(
      process.execPath,
      ['dist/cli/crocevia.js', '--url', gateway.url, '--token', ADMIN_TOKEN, 'keys', 'rotate'],
      { env: { PATH: process.env['PATH'] }, encoding: 'utf8' },
    );
    expect([rotate.status, rotate.stdout]).toEqual([
      0,
      expect.stringMatching(/^[1-9]\d* sealed anew, nothing left\n$/),
    ]);
    await gateway.stop();
    await writeFile(keys, next);
    gateway = await start();
    const view = await http(`${gateway.url}/admin/messages/${encrypted}/content`, { headers: bearer('platform') });
    expect(view.text).toContain(CANARY.content);
    const again = await http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: notice(CANARY.content) });
    await statusWhen(gateway.url, idOf(again), ({ state }) => state === 'COMPLETED', 30_000);
  }, 120_000);
});

describe('secrets, embedded', () => {
  it('5: a start without a key makes one, of which only the owner knows, and says so', async () => {
    // No copy of one that was started before.
    const data = await mkdtemp(join(tmpdir(), 'crocevia-new-'));
    const gateway = await startGateway({
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } }),
    });
    const file = join(data, 'master.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(gateway.logs()).toContain('secrets.master-key-made');
    expect(found(gateway.logs(), [(await readFile(file, 'utf8')).trim()])).toEqual([]);
    await gateway.stop();
    await rm(data, { recursive: true, force: true });
  }, 180_000);
});
