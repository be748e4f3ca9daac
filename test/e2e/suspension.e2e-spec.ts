import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { asOperator, codeOf } from '../support/query-stage.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const NOTICES = 'v1/VariazioneAnagrafica/notifiche';

describe.each(SHAPES)('a body that is suspended, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let env: Record<string, string>;

  beforeAll(async () => {
    [ground, pratola] = await Promise.all([lay(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: {
        channel: 'push-rest',
        url: pratola.url,
        shape: 'json',
        retry: { firstDelayMs: 100, maxDelayMs: 300, attempts: 100 },
      },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory };
    gateway = await startGateway(env);
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), pratola.stop()]);
  }, 60_000);

  const send = (to: 'c_h007' | 'r_abruzz' = 'c_h007') =>
    http(`${gateway.url}/rest/${to}/${NOTICES}`, { key: KEYS.sulmona, body: noticeJson(to) });
  const turn = (
    name: 'suspend' | 'resume',
    id: string,
    by: OperatorName = 'platform',
    reason = '?reason=chiave+persa',
  ) => http(`${gateway.url}/admin/participants/${id}/${name}${reason}`, { method: 'POST', headers: bearer(by) });
  const pause = (name: 'pause' | 'resume', id: string) =>
    http(`${gateway.url}/admin/systems/${id}/${name}?reason=x`, { ...asOperator, method: 'POST' });
  const pratolaAnswers = (status: number) => pratola.answerWith((_, reply) => void reply.writeHead(status).end());
  const askedFor = (id: string) => pratola.received.filter(({ headers }) => headers['x-gateway-id'] === id);
  const heldWith = (id: string, code: string) =>
    statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.state === 'SUSPENDED' && one.fault?.code === code);

  it('5. nothing is delivered to it: what others send waits, burns no attempt, and is delivered once it is resumed', async () => {
    pratolaAnswers(200);
    expect((await turn('suspend', 'c_h007')).json()).toMatchObject({ document: { id: 'c_h007', suspended: true } });
    const id = idOf(await send());
    expect((await heldWith(id, 'receiver-paused')).deliveries).toMatchObject([{ attempts: 0 }]);
    expect(askedFor(id)).toEqual([]);
    const resumed = (await turn('resume', 'c_h007')).json<{ document: object }>();
    expect(resumed.document).not.toHaveProperty('suspended');
    await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
    expect(askedFor(id)).toHaveLength(1);
  }, 60_000);

  it('2: what the platform holds back, nobody below it lets go; what a centre holds back, the platform does', async () => {
    const as = (by: OperatorName, path: string, call: object = {}) =>
      http(`${gateway.url}/admin/${path}`, { method: 'POST', headers: bearer(by), ...call });
    const AGREEMENT = 'agreements/c_i804-c_h007-VariazioneAnagrafica';
    const document = 'registry/documents/system/pratola.protocollo';
    for (const [hold, release] of [
      ['participants/c_h007/suspend?reason=x', 'participants/c_h007/resume?reason=x'],
      ['systems/pratola.protocollo/pause', 'systems/pratola.protocollo/resume'],
      [`${AGREEMENT}/suspend`, `${AGREEMENT}/resume`],
    ] as const) {
      expect((await as('platform', hold)).status).toBe(200);
      const refused = await as('centre', release);
      expect([release, ...codeOf(refused)]).toEqual([release, 403, 'operator-not-allowed']);
      expect((await as('platform', release)).status).toBe(200);
      expect((await as('centre', hold)).status).toBe(200);
      expect((await as('region', release)).status).toBe(200);
    }
    expect((await as('platform', 'systems/pratola.protocollo/pause')).status).toBe(200);
    const { etag = '' } = (await as('centre', document, { method: 'GET' })).headers;
    const { paused: _paused, ...rest } = (await as('centre', document, { method: 'GET' })).json<{
      document: Record<string, unknown>;
    }>().document;
    const headers = { ...bearer('centre'), 'if-match': etag };
    expect(codeOf(await as('centre', document, { method: 'PUT', headers, body: rest }))).toEqual([
      403,
      'operator-not-allowed',
    ]);
    expect((await as('platform', 'systems/pratola.protocollo/resume')).status).toBe(200);
  }, 60_000);

  it('5. nothing is taken from it, at any door, and it is told why; an answer says who to ask', async () => {
    await turn('suspend', 'c_i804');
    expect(codeOf(await send())).toEqual([403, 'participant-suspended']);
    for (const path of ['/box/messages?max=1', '/questions?wait=0', '/directory', '/messages?messageId=x'])
      expect([path, ...codeOf(await http(`${gateway.url}${path}`, { key: KEYS.sulmona }))]).toEqual([
        path,
        403,
        'participant-suspended',
      ]);
    const { items } = (
      await http(`${gateway.url}/admin/messages?sender=c_i804&fault=participant-suspended`, asOperator)
    ).json<{ items: readonly { state: string }[] }>();
    expect(items).toMatchObject([{ state: 'REJECTED' }]);
    await turn('resume', 'c_i804');
    expect((await send('r_abruzz')).status).toBe(202);
  });

  it('5. what it had sent waits too, with the tries it had, and goes on after them', async () => {
    pratolaAnswers(503);
    const id = idOf(await send());
    await statusWhen(gateway.url, id, ({ deliveries: [one] }) => one?.attempts === 1);
    await turn('suspend', 'c_i804');
    const [held] = (await heldWith(id, 'participant-suspended')).deliveries;
    const tries = askedFor(id).length;
    expect(held!.attempts).toBe(tries);
    pratolaAnswers(200);
    await turn('resume', 'c_i804');
    const { deliveries } = await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
    expect([deliveries[0]!.attempts, askedFor(id).length]).toEqual([tries + 1, tries + 1]);
  }, 60_000);

  it('5. resuming undoes exactly that: a system that was paused by itself stays paused', async () => {
    pratolaAnswers(200);
    await pause('pause', 'pratola.protocollo');
    await turn('suspend', 'c_h007');
    const id = idOf(await send());
    await turn('resume', 'c_h007');
    expect((await heldWith(id, 'receiver-paused')).deliveries).toMatchObject([{ attempts: 0 }]);
    expect(askedFor(id)).toEqual([]);
    await pause('resume', 'pratola.protocollo');
    await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
  }, 60_000);

  it('5. it stays so over a restart; who did it and why stands in the audit', async () => {
    await turn('suspend', 'c_h166', 'region', '?reason=chiave+del+fornitore+persa');
    expect(await gateway.stop()).toBe(0);
    gateway = await startGateway(env);
    const call = { key: KEYS.raiano, body: noticeJson('c_h007', 'c_h166') };
    expect(codeOf(await http(`${gateway.url}/rest/c_h007/${NOTICES}`, call))).toEqual([403, 'participant-suspended']);
    await turn('resume', 'c_h166', 'region');
    expect(codeOf(await http(`${gateway.url}/rest/c_h007/${NOTICES}`, call))).toEqual([403, 'not-authorised']);
    const { items } = (await http(`${gateway.url}/admin/audit?subject=c_h166`, asOperator)).json<{ items: object[] }>();
    expect(items).toMatchObject([
      { event: 'participant.resumed', operator: 'region' },
      { event: 'participant.suspended', detail: { reason: 'chiave del fornitore persa' } },
    ]);
  }, 60_000);

  it('5. only with a reason, and only what is in the scope', async () => {
    expect(codeOf(await turn('suspend', 'c_i804', 'platform', ''))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await turn('suspend', 'c_i804', 'centre'))).toEqual([404, 'document-unknown']);
    expect(codeOf(await turn('suspend', 'c_i804', 'sulmona'))).toEqual([403, 'operator-not-allowed']);
    expect(codeOf(await turn('suspend', 'c_nobody'))).toEqual([404, 'document-unknown']);
  });
});
