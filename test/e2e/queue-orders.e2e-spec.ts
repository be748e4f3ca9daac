import { http, idOf } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { eventually } from '../support/until.js';

interface DeliveryView {
  readonly deliveryId: string;
  readonly messageId: string;
  readonly state: string;
  readonly attempts: number;
}

interface Entry {
  readonly event: string;
  readonly by: string;
  readonly reason?: string;
  readonly priority?: number;
}

const PRATOLA = 'pratola.protocollo';
const REGIONE = 'regione.anagrafe';
const AGREEMENT = 'c_i804-r_abruzz-VariazioneAnagrafica';

describe.each(SHAPES)('orders to queues and flows, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let [pratola, regione]: Receiver[] = [];

  beforeAll(async () => {
    ground = await lay();
    pratola = await startReceiver();
    regione = await startReceiver();
    const push = { channel: 'push-rest', shape: 'json', timeoutMs: 2_000 } as const;
    // A day to the next try: only an order brings it earlier.
    const retry = { attempts: 5, firstDelayMs: 86_400_000, maxDelayMs: 86_400_000 };
    const directory = await writeRegistry({
      pratola: { ...push, url: pratola.url, retry },
      regione: { ...push, url: regione.url, concurrency: 1, retry: { attempts: 1 } },
    });
    await writeOperators(directory);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_LOG_LEVEL: 'error' });
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([pratola!.stop(), regione!.stop()]);
    await ground.stop();
  }, 60_000);

  const post = (to: string) =>
    http(`${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`, { key: KEYS.sulmona, body: noticeJson(to) });
  const send = async (to: string) => idOf(await post(to));
  const admin = (method: 'GET' | 'POST', path: string, name: OperatorName = 'platform', body?: object) =>
    http(`${gateway.url}/admin/${path}`, { method, headers: bearer(name), ...(body && { body }) });
  const order = async <T>(path: string, body?: object) => {
    const answer = await admin('POST', path, 'platform', body);
    expect([path, answer.status < 300, answer.text]).toEqual([path, true, answer.text]);
    return answer.json<T>();
  };
  const deliveries = async (query: string) =>
    (await admin('GET', `deliveries?limit=500&${query}`)).json<{ items: readonly DeliveryView[] }>().items;
  const timeline = async (id: string) =>
    (await admin('GET', `messages/${id}/timeline`)).json<{ entries: readonly Entry[] }>().entries;
  const answers = (receiver: Receiver, status: number) =>
    receiver.answerWith((_received, reply) => reply.writeHead(status).end());
  const audited = async (event: string) =>
    (await admin('GET', `audit?event=${event}`)).json<{ items: readonly object[] }>().items;

  it('5: releases what waits for its next try, now, and says who and why', async () => {
    answers(pratola!, 503);
    const ids = [await send('c_h007'), await send('c_h007')];
    const waiting = () => deliveries(`receiver=${PRATOLA}&state=WAITING_RETRY`);
    await eventually(waiting, (all) => all.length === 2);
    answers(pratola!, 200);
    for (const name of ['auditor', 'raiano'] as const)
      expect((await admin('POST', `queues/${PRATOLA}/release?reason=x`, name)).status).toBe(
        name === 'raiano' ? 404 : 403,
      );
    expect((await admin('POST', `queues/${PRATOLA}/release`)).status).toBe(400);
    expect(await order(`queues/${PRATOLA}/release?reason=mended`)).toEqual({ changed: 2 });
    await eventually(
      () => deliveries(`receiver=${PRATOLA}&state=DELIVERED`),
      (all) => all.length === 2 && all.every(({ attempts }) => attempts === 2),
    );
    for (const id of ids)
      expect(await timeline(id)).toContainEqual(
        expect.objectContaining({ event: 'delivery.requeued', by: 'operator:platform', reason: 'mended' }),
      );
    expect(await audited('queue.released')).toMatchObject([
      { operator: 'platform', subject: PRATOLA, participants: ['c_h007'], detail: { reason: 'mended', changed: '2' } },
    ]);
  });

  it('5: changes the priority of what waits, and changes it back', async () => {
    await order(`systems/${REGIONE}/pause?reason=x`);
    const ids = [await send('r_abruzz'), await send('r_abruzz')];
    await eventually(
      () => deliveries(`receiver=${REGIONE}&state=SUSPENDED`),
      (all) => all.length === 2,
    );
    const path = (priority: number, more = '') =>
      `queues/${REGIONE}/priority?priority=${priority}&reason=urgent${more}`;
    expect(await order(path(9, '&sender=c_h166'))).toEqual({ changed: 0 });
    expect(await order(path(9, '&sender=c_i804'))).toEqual({ changed: 2 });
    expect(await order(path(9))).toEqual({ changed: 0 });
    expect(await timeline(ids[0]!)).toContainEqual(
      expect.objectContaining({
        event: 'delivery.prioritised',
        by: 'operator:platform',
        reason: 'urgent',
        priority: 9,
      }),
    );
    expect(await order(path(4))).toEqual({ changed: 2 });
    expect((await admin('POST', path(10))).status).toBe(400);
    answers(regione!, 200);
    await order(`systems/${REGIONE}/resume`);
    await eventually(
      () => deliveries(`receiver=${REGIONE}&state=DELIVERED`),
      (all) => all.length === 2,
    );
  });

  it('5: drains a flow: nothing new is taken, what waits is delivered, and it opens again', async () => {
    await order(`systems/${REGIONE}/pause`);
    const id = await send('r_abruzz');
    await eventually(
      () => deliveries(`ids=${id}`),
      ([one]) => one?.state === 'SUSPENDED',
    );
    await order(`agreements/${AGREEMENT}/drain?reason=new+release`);
    const refused = await post('r_abruzz');
    expect([refused.status, refused.json()]).toEqual([503, expect.objectContaining({ code: 'intake-paused' })]);
    expect(refused.headers['retry-after'] === undefined || Number(refused.headers['retry-after']) > 0).toBe(true);
    const flows = async (state: string) =>
      (await admin('GET', `flows?state=${state}`)).json<{ items: readonly object[] }>().items;
    expect(await flows('paused')).toContainEqual(expect.objectContaining({ id: AGREEMENT, intake: 'paused' }));
    await order(`systems/${REGIONE}/resume`);
    await eventually(
      () => deliveries(`ids=${id}`),
      ([one]) => one?.state === 'DELIVERED',
    );
    expect(await flows('draining')).toMatchObject([{ id: AGREEMENT, intake: 'paused' }]);
    await order(`agreements/${AGREEMENT}/reopen`);
    expect((await post('r_abruzz')).status).toBe(202);
  });

  it('5: discards dead letters in two steps, and what was discarded can still be sent anew', async () => {
    const dead = async () =>
      (await admin('GET', `dead-letters?receiver=${REGIONE}`)).json<{ counted: number }>().counted;
    answers(regione!, 400);
    const ids = [await send('r_abruzz'), await send('r_abruzz'), await send('r_abruzz')];
    await eventually(
      () => deliveries(`ids=${ids.join(',')}&state=FAILED`),
      (all) => all.length === 3,
    );
    // What the tests before have left is discarded too.
    const total = await dead();
    expect(total).toBeGreaterThanOrEqual(3);
    const asked = { action: 'discard', reason: 'sent on paper', filter: { receiver: REGIONE } };
    const preview = await order<{ total: number; confirm: string; order: { filter: object } }>('jobs/preview', asked);
    expect(preview).toMatchObject({ total, confirm: `discard ${total}` });
    const unconfirmed = await admin('POST', 'jobs', 'platform', asked);
    expect([unconfirmed.status, unconfirmed.json()]).toEqual([
      428,
      expect.objectContaining({ code: 'confirmation-missing' }),
    ]);
    const { id } = await order<{ id: string }>('jobs', { ...asked, ...preview.order, confirm: preview.confirm });
    await eventually(
      async () => (await admin('GET', `jobs/${id}`)).json<{ state: string; done: number }>(),
      ({ state, done }) => state === 'DONE' && done === total,
    );
    expect(await dead()).toBe(0);
    expect(await timeline(ids[0]!)).toContainEqual(
      expect.objectContaining({ event: 'delivery.discarded', by: 'operator:platform', reason: 'sent on paper' }),
    );
    answers(regione!, 200);
    await order(`messages/${ids[0]!}/retry?reason=after+all`);
    await eventually(
      () => deliveries(`ids=${ids[0]!}`),
      ([one]) => one?.state === 'DELIVERED',
    );
  });
});
