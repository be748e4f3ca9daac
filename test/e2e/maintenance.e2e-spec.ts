import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { amqpSystem, grant } from '../support/amqp-system.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, SOAP11_HEADERS, SOAP12_HEADERS } from '../support/messages.js';
import { scrape } from '../support/metrics.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { askedJsonOf, askedOf, envelope as asking, SOAP_HEADERS } from '../support/tax-query.js';
import { eventually, until } from '../support/until.js';

interface View {
  readonly maintenance: {
    readonly operator: string;
    readonly reason: string;
    readonly since: string;
    readonly until: string | null;
  } | null;
}

const NOTICES = '/v1/VariazioneAnagrafica/notifiche';
const ASK = '/v1/PosizioneTributaria';
const REASON = 'PostgreSQL 18';
const query = (values: Record<string, string>) => new URLSearchParams(values).toString();

type Form = readonly [string, string, Record<string, string>, () => object | string];
const FORMS: readonly Form[] = [
  ['REST', `/rest/r_abruzz${NOTICES}`, {}, () => noticeJson('r_abruzz')],
  ['SOAP 1.1', '/soap/r_abruzz/v1/VariazioneAnagrafica', SOAP11_HEADERS, () => envelope()],
  ['SOAP 1.2', '/soap/r_abruzz/v1/VariazioneAnagrafica', SOAP12_HEADERS, () => envelope({ version: '1.2' })],
  ['CloudEvents', '/messages', { 'content-type': 'application/cloudevents+json' }, () => '{}'],
  ['a question over REST', `/rest/c_h007${ASK}/consultazioni`, {}, () => askedJsonOf('c_h007')],
  ['a question over SOAP', `/soap/c_h007${ASK}`, SOAP_HEADERS, () => asking(askedOf('c_h007'))],
  ['a fan-out', `/fanout/r_abruzz${ASK}/consultazioni`, {}, () => askedJsonOf('r_abruzz')],
];

describe.each(SHAPES)('maintenance, %s', (shape, lay) => {
  let ground: Ground;
  let env: Record<string, string>;
  let nodes: RunningGateway[] = [];
  let pratola: Receiver;
  /** Accepted before: one lies in a box, one waits for its next try. */
  let [boxed, waiting] = ['', ''];

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([lay(), startReceiver()]);
    pratola.answerWith((_received, reply) => reply.writeHead(503, { 'retry-after': '2' }).end());
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
      ...(shape === 'standard' && { amqp: { sulmona: 'sulmona-mq' } }),
    });
    await writeOperators(directory);
    env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory };
    nodes = [await startGateway(env), ...(shape === 'standard' ? [await startGateway(env)] : [])];
    boxed = idOf(await send('r_abruzz'));
    waiting = idOf(await send('c_h007'));
    await statusWhen(url(), waiting, ({ deliveries }) => deliveries[0]?.state === 'WAITING_RETRY');
  }, 150_000);
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await Promise.all([pratola.stop(), ground.stop()]);
  }, 60_000);

  const url = (node = 0) => nodes[node]!.url;
  const send = (receiver = 'r_abruzz', node = 0) =>
    http(`${url(node)}/rest/${receiver}${NOTICES}`, { key: KEYS.sulmona, body: noticeJson(receiver) });
  const order = (method: 'PUT' | 'DELETE', values: Record<string, string>, name: OperatorName = 'platform') =>
    http(`${url()}/admin/maintenance?${query(values)}`, { method, headers: bearer(name) });
  const seen = async (name: OperatorName, node = 0) =>
    (await http(`${url(node)}/admin/maintenance`, { headers: bearer(name) })).json<View>().maintenance;
  const audited = async (event: string) =>
    (await http(`${url()}/admin/audit?event=${event}`, { headers: bearer('platform') })).json<{
      items: readonly { readonly operator: string; readonly detail: Readonly<Record<string, string>> }[];
    }>().items;
  const onEveryNode = (isOn: boolean) =>
    until(async () => {
      const all = await Promise.all(nodes.map((_node, at) => seen('platform', at)));
      return all.every((one) => (one !== null) === isOn);
    }, 5_000);

  it('7.16: needs a reason, a time to come, and the platform', async () => {
    const past = new Date(Date.now() - 1_000).toISOString();
    const statuses = [
      await order('PUT', { reason: ' ' }),
      await order('PUT', { reason: REASON, until: past }),
      await order('PUT', { reason: REASON, until: 'tomorrow' }),
      await order('PUT', { reason: REASON }, 'region'),
    ].map(({ status }) => status);
    expect([statuses, await seen('sulmona')]).toEqual([[400, 400, 400, 403], null]);
  });

  it('7.16: is seen by every operator on every node, with who, why and since when', async () => {
    const begun = await order('PUT', { reason: REASON });
    expect(begun.json()).toMatchObject({ maintenance: { operator: 'platform', reason: REASON, until: null } });
    await onEveryNode(true);
    for (const name of ['sulmona', 'auditor'] as const)
      expect(await seen(name, nodes.length - 1)).toMatchObject({ operator: 'platform', reason: REASON });
  });

  it.each(FORMS)('7.16: %s is refused in its own protocol, to be repeated', async (binding, path, headers, body) => {
    for (const node of nodes.keys()) {
      const answer = await http(`${url(node)}${path}`, { key: KEYS.sulmona, headers, body: body() });
      const isSoap = path.startsWith('/soap/');
      expect([binding, answer.status, answer.headers['retry-after']]).toEqual([binding, 503, '60']);
      expect(answer.headers['content-type']).toMatch(isSoap ? /xml/ : /^application\/problem\+json/);
      expect(answer.text).toMatch(/maintenance/);
      if (isSoap) expect(answer.text).toMatch(/Fault/);
      expect(answer.text).not.toContain(REASON);
    }
  });

  it('7.16: is ready all the same, and says so to whoever looks', async () => {
    for (const node of nodes) {
      const ready = await http(`${node.url}/health/ready`);
      expect([ready.status, ready.json()]).toEqual([200, { status: 'up', maintenance: true }]);
      const { sum } = await scrape(node);
      expect([sum('crocevia_maintenance'), sum('crocevia_ready')]).toEqual([1, 1]);
      expect(node.logs()).toContain('maintenance.in-force');
    }
  });

  it('7.16: what was accepted goes on: box, status, and deliveries that wait', async () => {
    const { messages } = (await http(`${url()}/box/messages`, { key: KEYS.regione })).json<{
      messages: readonly { readonly deliveryId: string; readonly lease: string }[];
    }>();
    const { deliveryId, lease } = messages[0]!;
    const ack = await http(`${url()}/box/messages/${deliveryId}/ack`, { key: KEYS.regione, body: { lease } });
    expect(ack.status).toBe(200);
    await statusWhen(url(), boxed, ({ state }) => state === 'COMPLETED');
    expect((await http(`${url()}/messages/${boxed}`, { key: KEYS.sulmona })).status).toBe(200);
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
    await statusWhen(url(), waiting, ({ state }) => state === 'COMPLETED', 30_000);
  }, 60_000);

  it('7.16: operators work, and may try the way before they open it', async () => {
    const messages = await http(`${url()}/admin/messages`, { headers: bearer('sulmona') });
    expect(messages.status).toBe(200);
    const test = await http(
      `${url()}/admin/systems/sulmona.anagrafe/test-messages?${query({
        service: 'VariazioneAnagrafica',
        version: '1',
        provider: 'r_abruzz',
        live: 'true',
      })}`,
      { headers: bearer('platform'), body: noticeJson('r_abruzz') },
    );
    expect(test.json()).toMatchObject({ status: 202, faults: [] });
  });

  it('7.16: survives the kill of every node', async () => {
    await Promise.all(nodes.map((node) => node.kill9()));
    nodes = [];
    for (let left = shape === 'standard' ? 2 : 1; left > 0; left--) nodes.push(await startGateway(env));
    for (const node of nodes.keys()) expect((await send('r_abruzz', node)).status).toBe(503);
    expect(await seen('platform')).toMatchObject({ reason: REASON });
  }, 90_000);

  it('7.16: what comes over AMQP waits in its queue, and is taken when it is over', async () => {
    if (shape === 'embedded') return;
    const system = await amqpSystem(ground.env['AMQP_URL']!, await grant(url(), 'sulmona.anagrafe'));
    const asked = system.ask(JSON.stringify(noticeJson('r_abruzz')), {
      contentType: 'application/json',
      headers: { 'x-address': `/rest/r_abruzz${NOTICES}` },
      messageId: randomUUID(),
    });
    await until(() => nodes.some((node) => /"code":"maintenance","door":"amqp"/.test(node.logs())));
    await order('DELETE', { reason: 'done' });
    expect(String((await asked).properties.headers?.['x-status'])).toBe('202');
    await system.stop();
    await order('PUT', { reason: REASON });
    await onEveryNode(true);
  }, 60_000);

  it('7.16: an operator ends it, and who began and ended it stands in the audit', async () => {
    expect((await order('DELETE', { reason: 'done' })).json()).toEqual({ maintenance: null });
    await onEveryNode(false);
    for (const node of nodes.keys()) expect((await send('r_abruzz', node)).status).toBe(202);
    expect((await order('DELETE', { reason: 'done' })).json()).toEqual({ maintenance: null });
    expect((await audited('maintenance.begun'))[0]).toMatchObject({ operator: 'platform', detail: { reason: REASON } });
    expect(await audited('maintenance.ended')).toHaveLength(shape === 'standard' ? 2 : 1);
  }, 30_000);

  it('7.16: ends by itself at its time, which it tells in Retry-After', async () => {
    const end = new Date(Date.now() + 4_000).toISOString();
    await order('PUT', { reason: REASON, until: end });
    await onEveryNode(true);
    const refused = await send();
    expect([refused.status, Number(refused.headers['retry-after']) <= 4]).toEqual([503, true]);
    expect(refused.text).toMatch(/until 20/);
    await eventually(
      () => send('r_abruzz', nodes.length - 1),
      ({ status }) => status === 202,
    );
    await onEveryNode(false);
    expect((await http(`${url()}/health/ready`)).json()).toEqual({ status: 'up' });
    const byTime = async () => (await audited('maintenance.ended')).filter(({ operator }) => operator === 'gateway');
    await eventually(byTime, ({ length }) => length > 0);
    await pause(1_500);
    expect((await byTime()).map(({ detail }) => detail)).toMatchObject([{ reason: REASON, until: end }]);
  }, 30_000);
});
