import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http, type HttpAnswer } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';
const SYSTEM = { perMinute: 20 };
const QUOTA = { messagesPerDay: 3 };

const limitsOf = ({ headers }: HttpAnswer) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(headers[`x-ratelimit-${name}`]));

/** Sulmona's system has a rate, Pratola a quota. */
async function limitedRegistry(): Promise<string> {
  const directory = await writeRegistry({
    pratola: { channel: 'box' },
    regione: { channel: 'box' },
    another: { maxPriority: 4 },
  });
  const file = join(directory, 'participants.yaml');
  const documents = parseAllDocuments(await readFile(file, 'utf8')).map((one) => one.toJS() as RegistryDocument);
  const limited = documents.map((one) => {
    if (one.kind === 'system' && one.id === 'sulmona.anagrafe') return { ...one, limits: SYSTEM };
    return one.kind === 'participant' && one.id === 'c_h007' ? { ...one, limits: QUOTA } : one;
  });
  await writeFile(file, limited.map((one) => stringify(one)).join('---\n'));
  return directory;
}

describe('limits, over two nodes', () => {
  let ground: Ground;
  let nodes: RunningGateway[];
  let env: Record<string, string>;

  beforeAll(async () => {
    ground = await standard();
    env = { ...ground.env, CROCEVIA_REGISTRY_DIR: await limitedRegistry() };
    nodes = await Promise.all([startGateway(env), startGateway(env)]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await ground.stop();
  }, 60_000);

  const send = (at: number, key: string, path = REST, body: string | object = noticeJson('r_abruzz')) =>
    http(`${nodes[at]!.url}${path}`, {
      key,
      body,
      ...(path === SOAP && { headers: { 'content-type': 'text/xml' } }),
    });
  const admin = (path: string) =>
    http(`${nodes[0]!.url}/admin/${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });

  it('7: every answer tells a limit, before the caller is known and after, also a refusal', async () => {
    const { url } = nodes[0]!;
    const answers = [
      await http(`${url}/status`),
      await http(`${url}${SOAP}?wsdl`),
      await http(`${url}/box/messages`),
      await http(`${url}/rest/nobody/v1/Nothing/x`, { key: KEYS.raiano, body: {} }),
      await http(`${url}/box/messages`, { key: KEYS.raiano }),
      await http(`${url}/messages/none`, { key: KEYS.raiano }),
      await http(`${url}${SOAP}`, { key: KEYS.raiano, body: 'no xml', headers: { 'content-type': 'text/xml' } }),
      await http(`${url}/fanout/r_abruzz/v1/PosizioneTributaria/posizioni`, { key: KEYS.raiano }),
      await http(`${url}/nothing`),
    ];
    expect(answers.slice(0, 8).map(limitsOf).flat().filter(Number.isNaN)).toEqual([]);
    expect(answers.slice(0, 3).map((one) => limitsOf(one)[0])).toEqual([60, 60, 60]);
    // Raiano's system has no limit of its own: the gateway's.
    expect(answers.slice(3, 8).map((one) => limitsOf(one)[0])).toEqual([60_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('7: two nodes hold a system to one limit, and its flood costs the others nothing', async () => {
    const flood = Array.from({ length: 60 }, (_, n) => send(n % 2, KEYS.sulmona));
    const others = Array.from({ length: 10 }, (_, n) =>
      http(`${nodes[n % 2]!.url}/box/messages`, { key: KEYS.raiano }),
    );
    const answers = await Promise.all(flood);
    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    expect(taken.length + refused.length).toBe(60);
    expect(taken.length).toBeLessThanOrEqual(SYSTEM.perMinute);
    expect(taken.length).toBeGreaterThanOrEqual(SYSTEM.perMinute - 1);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 200));
    for (const one of refused) {
      expect(one.json()).toMatchObject({
        code: 'rate-limited',
        retryable: true,
        place: 'limit of system sulmona.anagrafe',
        detail: expect.stringMatching(
          /sulmona.anagrafe is used up: 20 requests a minute. It is free again at 20.*Z\.$/,
        ),
      });
      expect(limitsOf(one).slice(0, 2)).toEqual([20, 0]);
      expect(Number(one.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(Number(one.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    const soap = await send(1, KEYS.sulmona, SOAP, envelope());
    expect([soap.status, limitsOf(soap)[1], soap.headers['retry-after']]).toEqual([500, 0, expect.any(String)]);
    expect(soap.text).toContain('rate-limited');
  });

  it('7: a flood of refusals writes no rows, and the metrics tell whose limit it was', async () => {
    const { items } = (await admin('messages?state=REJECTED&sender=c_i804')).json<{ items: unknown[] }>();
    expect(items).toEqual([]);
    const metrics = (await admin('metrics')).text;
    expect(Number(/crocevia_rate_limited_total\{limit="system"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(10);
    expect(nodes[0]!.logs().match(/"limit.reached"/g)).toHaveLength(1);
  });

  it('7: a quota of messages is held over the nodes, and survives a restart', async () => {
    const statuses = [0, 1, 0, 1].map(async (at) => (await send(at, KEYS.pratola)).status);
    expect((await Promise.all(statuses)).filter((status) => status === 429)).toHaveLength(1);
    await nodes[0]!.stop();
    nodes[0] = await startGateway(env);
    const after = await send(0, KEYS.pratola);
    expect([after.status, after.json()]).toMatchObject([
      429,
      { place: 'limit of participant c_h007', expected: 'at most 3 messages a day' },
    ]);
    expect(Number(after.headers['retry-after'])).toBeGreaterThan(0);
    // What it receives is not counted.
    expect((await http(`${nodes[0]!.url}/box/messages`, { key: KEYS.pratola })).status).toBe(200);
  }, 60_000);

  it('7: guessing from one address is refused, and a good caller beside it goes on', async () => {
    const { url } = nodes[1]!;
    const guess = (n: number) => http(`${url}/box/messages`, n % 8 === 0 ? { key: `nobody.${n}` } : {});
    const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => guess(n)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    const refused = answers.filter(({ status }) => status === 429);
    for (const one of refused) {
      expect(one.json()).toMatchObject({ code: 'too-many-attempts', place: 'limit of the address' });
      expect(Number(one.headers['retry-after'])).toBeGreaterThan(0);
    }
    for (const key of [KEYS.raiano, KEYS.regione])
      expect((await http(`${url}/box/messages`, { key })).status).toBe(200);
  }, 60_000);
});
