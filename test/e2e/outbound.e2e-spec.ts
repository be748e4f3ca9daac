import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen } from '../support/client.js';
import { writeExchangeRegistry } from '../support/exchange-registry.js';
import { ISTANZE, PUBLIC_URL } from '../support/exchange-stage.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { KEYS } from '../support/registry.js';
import { embedded, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

const SEND = `${ISTANZE}/calcolo`;
const ASK = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
const question = () =>
  readFileSync('schemas/tributi/1.0/examples/richiestaPosizioneTributaria.json', 'utf8')
    .replaceAll('c_i804', 'c_h007')
    .replaceAll('r_abruzz', 'c_i804');

describe('6: a gateway that may call no private address', () => {
  const hits: string[] = [];
  let ground: Ground;
  let gateway: RunningGateway;
  let registry: string;
  let canary: Server;

  beforeAll(async () => {
    canary = createServer((asked, reply) => {
      hits.push(asked.url ?? '');
      reply.end();
    });
    await new Promise<void>((resolve) => void canary.listen(0, '127.0.0.1', resolve));
    const here = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
    ground = await embedded();
    registry = await writeExchangeRegistry({ pratola: here, sulmona: here });
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_ALLOWED_NETWORKS: 'none',
      PUBLIC_URL,
    });
    callback = `${here}/risposte`;
  }, 120_000);
  let callback: string;

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    canary.close();
    await Promise.all([rm(registry, { recursive: true, force: true }), ground.stop()]);
  }, 30_000);

  const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };

  it('6: holds messages and answers for it without burning an attempt, and tells which setting is missing', async () => {
    const headers = { 'content-type': 'application/json', 'x-replyto': callback };
    const sent = await http(`${gateway.url}${SEND}`, { key: KEYS.sulmona, headers, body: { valore: 1 } });
    expect(sent.status).toBe(202);
    const rests = await statusWhen(gateway.url, idOf(sent), ({ deliveries: [one] }) => one?.state === 'SUSPENDED');
    expect(rests.deliveries[0]).toMatchObject({ attempts: 0, fault: { code: 'destination-forbidden' } });
    const answer = await http(`${gateway.url}/messages/${idOf(sent)}/answer`, {
      key: KEYS.pratola,
      body: { esito: 'ok' },
    });
    expect(answer.status).toBe(200);
    const listed = `${gateway.url}/admin/deliveries?state=SUSPENDED`;
    await until(async () => (await http(listed, { headers: admin })).text.split('destination-forbidden').length > 2);
    const seen = await http(`${gateway.url}/admin/messages/${idOf(sent)}`, { headers: admin });
    expect(seen.text).toContain('CROCEVIA_ALLOWED_NETWORKS');
  });

  it('6: refuses a question at once, with the setting and without the address', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await http(`${gateway.url}${ASK}`, { key: KEYS.sulmona, headers, body: question() });
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({ type: expect.stringContaining('destination-forbidden') });
    expect(answer.text).toContain('CROCEVIA_ALLOWED_NETWORKS');
    expect(answer.text).not.toContain('127.0.0.1');
  });

  it('6: never connected, and named host and address in the log', () => {
    expect(hits).toEqual([]);
    expect(gateway.logs()).toMatch(/"what":"outbound","reason":"127\.0\.0\.1 is at 127\.0\.0\.1 \(loopback\)/);
  });
});
