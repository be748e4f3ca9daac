import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { asOperator, codeOf, timelineOf } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const OPERATOR = 'operator:platform';

describe.each(SHAPES)('orders of operators, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let receipts: Receiver;

  beforeAll(async () => {
    [ground, pratola, receipts] = await Promise.all([lay(), startReceiver(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json', retry: { firstDelayMs: 10, attempts: 2 } },
      regione: { channel: 'box' },
      sulmonaReceipts: receipts.url,
    });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop(), receipts.stop()]);
  }, 60_000);

  const send = async (to: 'c_h007' | 'r_abruzz') =>
    idOf(
      await http(`${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`, {
        key: KEYS.sulmona,
        body: noticeJson(to),
      }),
    );
  const order = (name: 'retry' | 'cancel', id: string, query: string) =>
    http(`${gateway.url}/admin/messages/${id}/${name}?${query}`, { ...asOperator, method: 'POST' });
  const pratolaAnswers = (status: number) => pratola.answerWith((_, reply) => void reply.writeHead(status).end());
  const fromBox = (call: HttpCall = {}) => http(`${gateway.url}/box/messages?max=10`, { key: KEYS.regione, ...call });
  const askedFor = (id: string) => pratola.received.filter(({ headers }) => headers['x-gateway-id'] === id);
  const ended = (id: string, state: string) => statusWhen(gateway.url, id, (status) => status.state === state);

  it('5: what has failed is sent anew with all its tries before it, under the same idempotency key', async () => {
    pratolaAnswers(503);
    const id = await send('c_h007');
    const failed = await ended(id, 'PARTIALLY_FAILED');
    expect(failed.deliveries).toMatchObject([{ state: 'FAILED', attempts: 2 }]);
    expect((await order('retry', id, 'reason=it+is+back')).json()).toEqual({
      items: [{ deliveryId: failed.deliveries[0]!.deliveryId, receiver: 'c_h007', state: 'FAILED', done: true }],
    });
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'FAILED' && one.attempts === 4);
    pratolaAnswers(200);
    await order('retry', id, 'reason=now+it+is');
    expect((await ended(id, 'COMPLETED')).deliveries).toMatchObject([{ state: 'DELIVERED', attempts: 5 }]);
    expect(new Set(askedFor(id).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const retried = (await timelineOf(gateway, id)).filter(({ event }) => event === 'delivery.retried');
    expect(retried).toMatchObject([
      { by: OPERATOR, reason: 'it is back', from: 'FAILED', to: 'QUEUED' },
      { by: OPERATOR, reason: 'now it is' },
    ]);
  });

  it('5: what was delivered is sent again only where the operator says so twice', async () => {
    pratolaAnswers(200);
    const id = await send('c_h007');
    await ended(id, 'COMPLETED');
    const refused = await order('retry', id, 'reason=lost+there');
    expect([...codeOf(refused), refused.text.includes('c_h007: DELIVERED')]).toEqual([
      409,
      'delivery-state-wrong',
      true,
    ]);
    expect((await order('retry', id, 'reason=lost+there&again=true')).status).toBe(200);
    await pratola.next(() => askedFor(id).length === 2);
    await ended(id, 'COMPLETED');
  });

  it('5: what waits is withdrawn: it leaves the box, and the sender has a receipt of it', async () => {
    const id = await send('r_abruzz');
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'AVAILABLE');
    expect((await order('cancel', id, 'reason=sent+by+mistake')).status).toBe(200);
    expect((await ended(id, 'PARTIALLY_FAILED')).deliveries).toMatchObject([
      { state: 'CANCELLED', fault: { code: 'delivery-cancelled' } },
    ]);
    expect((await fromBox()).text).not.toContain(id);
    const receipt = await receipts.next(({ body }) => body.includes(id));
    expect(JSON.parse(receipt.body.toString())).toMatchObject({
      kind: 'refused',
      fault: { code: 'delivery-cancelled' },
    });
    expect(codeOf(await order('cancel', id, 'reason=twice'))).toEqual([409, 'delivery-state-wrong']);
    expect((await order('retry', id, 'reason=after+all')).status).toBe(200);
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'AVAILABLE');
    expect((await fromBox()).text).toContain(id);
  });

  it('1: what is for a paused system waits and burns no attempt, until it goes on', async () => {
    pratolaAnswers(200);
    const turn = (name: string, id = 'pratola.protocollo') =>
      http(`${gateway.url}/admin/systems/${id}/${name}?reason=works`, { ...asOperator, method: 'POST' });
    expect((await turn('pause')).json()).toMatchObject({ document: { paused: true } });
    const id = await send('c_h007');
    const held = await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'SUSPENDED');
    expect(held.deliveries).toMatchObject([{ attempts: 0, fault: { code: 'receiver-paused' } }]);
    expect(askedFor(id)).toEqual([]);
    expect((await turn('resume')).json()).toMatchObject({ document: expect.not.objectContaining({ paused: true }) });
    expect((await ended(id, 'COMPLETED')).deliveries).toMatchObject([{ state: 'DELIVERED', attempts: 1 }]);
    expect(codeOf(await turn('pause', 'nobody'))).toEqual([404, 'document-unknown']);
  });

  it('5: an order without a reason, for nothing that there is, or by a system is refused', async () => {
    const id = await send('r_abruzz');
    expect(codeOf(await order('cancel', id, 'reason=+'))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await order('cancel', id, `reason=x&delivery=${id}`))).toEqual([404, 'message-unknown']);
    expect(codeOf(await order('retry', id.replace(/^..../, '0000'), 'reason=x'))).toEqual([404, 'message-unknown']);
    const bySystem = await http(`${gateway.url}/admin/messages/${id}/cancel?reason=x`, {
      method: 'POST',
      key: KEYS.regione,
    });
    expect(bySystem.status).toBe(401);
  });

  it('5: crocevia retry and cancel say what was done', async () => {
    const run = async (...args: string[]) => {
      const all = ['dist/cli/crocevia.js', '--url', gateway.url, '--token', ADMIN_TOKEN, ...args];
      return promisify(execFile)(process.execPath, all).then(
        ({ stdout }) => stdout,
        ({ stderr }: { stderr: string }) => stderr,
      );
    };
    const id = await send('r_abruzz');
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'AVAILABLE');
    expect(await run('cancel', id, '--reason', 'a mistake')).toBe('r_abruzz: cancelled\n');
    expect(await run('cancel', id, '--reason', 'a mistake')).toContain('r_abruzz: CANCELLED');
    expect(await run('retry', id, '--reason', 'after all')).toBe('r_abruzz: sent anew\n');
    expect(await run('status', id)).toContain('after all');
    expect(await run('pause', 'pratola.protocollo')).toBe('pratola.protocollo: paused\n');
    expect(await run('resume', 'pratola.protocollo')).toBe('pratola.protocollo: in use\n');
  });
});
