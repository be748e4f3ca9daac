import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http, idOf, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { startMailSink, type MailSink } from '../support/mail-sink.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

interface Incident {
  readonly id: string;
  readonly cause: string;
  readonly state: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly participants: readonly string[] | null;
}

const DEPTH = { kind: 'queue-depth', enabled: true, severity: 'warning', threshold: 0 };
const DISK = { kind: 'disk', enabled: true, severity: 'critical', threshold: 100 };

describe('6. alerts, two nodes', () => {
  let ground: Ground;
  let mail: MailSink;
  let webhook: Receiver;
  let nodes: readonly RunningGateway[];

  beforeAll(async () => {
    [ground, mail, webhook] = await Promise.all([standard(), startMailSink(), startReceiver()]);
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    const env = {
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_PAYLOADS: `directory:${await mkdtemp(join(tmpdir(), 'crocevia-payloads-'))}`,
      CROCEVIA_SMTP_URL: mail.url,
      CROCEVIA_ALERT_FROM: 'porta@crocevia.example',
      CROCEVIA_ALERT_TO: 'turno@crocevia.example, capo@crocevia.example',
      CROCEVIA_ALERT_WEBHOOK: webhook.url,
      CROCEVIA_ALERT_SECONDS: '1',
    };
    nodes = await Promise.all([startGateway(env), startGateway(env)]);
  }, 150_000);

  afterAll(async () => {
    expect(await Promise.all(nodes.map((node) => node.stop()))).toEqual([0, 0]);
    await Promise.all([ground.stop(), mail.stop(), webhook.stop()]);
  }, 60_000);

  const admin = (path: string, as: OperatorName = 'platform', call: HttpCall = {}) =>
    http(`${nodes[0]!.url}/admin/alerts${path}`, { ...call, headers: bearer(as) });
  const put = (id: string, body: object) => admin(`/rules/${id}`, 'platform', { method: 'PUT', body });
  const incidents = async (query = '', as: OperatorName = 'platform') =>
    (await admin(query, as)).json<{ items: readonly Incident[] }>().items;
  const incidentOf = async (cause: string, state: string) => {
    const found = async () => (await incidents(`?state=${state}`)).find((one) => one.cause === cause);
    await until(async () => (await found()) !== undefined);
    return (await found())!;
  };
  const codeOf = ({ status, text }: { status: number; text: string }) => [
    status,
    (JSON.parse(text) as { code?: string }).code,
  ];

  it('6. has sensible rules, which the platform alone changes, and refuses what is none', async () => {
    const { items } = (await admin('/rules', 'sulmona')).json<{ items: { id: string; isDefault: boolean }[] }>();
    expect(items.length).toBeGreaterThan(7);
    expect(items.every(({ isDefault }) => isDefault)).toBe(true);
    expect((await admin('/rules/x', 'region', { method: 'PUT', body: DEPTH })).status).toBe(403);
    expect(codeOf(await put('x', { ...DEPTH, kind: 'weather' }))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await put('x', { ...DEPTH, threshold: -1 }))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await put('X Y', DEPTH))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await put('x', { kind: 'disk' }))).toEqual([400, 'parameter-wrong']);
    expect(codeOf(await admin('/rules/disk', 'platform', { method: 'DELETE' }))).toEqual([404, 'alert-unknown']);
  });

  it('6. tries its channels, and says what is wrong with one', async () => {
    const tested = await admin('/channels/test', 'platform', { method: 'POST' });
    expect(tested.json()).toEqual({
      channels: [
        { channel: 'mail', error: null },
        { channel: 'webhook', error: null },
      ],
    });
    expect(await mail.next(({ subject }) => subject === '[Crocevia] test')).toMatchObject({
      from: 'porta@crocevia.example',
      to: ['turno@crocevia.example', 'capo@crocevia.example'],
    });
    webhook.answerWith((_received, reply) => void reply.writeHead(500).end());
    const again = await admin('/channels/test', 'platform', { method: 'POST' });
    expect(again.json<{ channels: object[] }>().channels[1]).toEqual({
      channel: 'webhook',
      error: 'The webhook answered 500.',
    });
    webhook.answerWith((_received, reply) => void reply.writeHead(204).end());
  });

  it('6. opens one incident a cause and tells all that is new in one mail and one call, once', async () => {
    for (const receiver of ['r_abruzz', 'c_h007'])
      for (let n = 0; n < 3; n++)
        await http(`${nodes[1]!.url}/rest/${receiver}/v1/VariazioneAnagrafica/notifiche`, {
          key: KEYS.sulmona,
          body: noticeJson(receiver),
        });
    expect((await put('queue-depth', DEPTH)).status).toBe(200);
    const [region, pratola] = await Promise.all([
      incidentOf('queue-depth regione.anagrafe', 'open'),
      incidentOf('queue-depth pratola.protocollo', 'open'),
    ]);
    expect([region.participants, pratola.participants]).toEqual([['r_abruzz'], ['c_h007']]);
    const told = await mail.next(({ text }) => text.includes('regione.anagrafe'));
    expect(told.text).toContain('WARNING queue-depth of regione.anagrafe: 3 deliveries, threshold 0 deliveries');
    const called = await webhook.next(({ body }) => body.includes('regione.anagrafe'));
    expect(JSON.parse(called.body.toString())).toMatchObject({
      incidents: expect.arrayContaining([expect.objectContaining({ id: region.id, state: 'open', value: 3 })]),
    });
    // Several rounds of both nodes later: the same incidents, and nobody was told again.
    const { seenAt } = (await admin('?state=open')).json<{ items: { seenAt: string }[] }>().items[0]!;
    const rounds = async () => (await admin('?state=open')).json<{ items: { seenAt: string }[] }>().items[0]!.seenAt;
    await until(async () => Date.parse(await rounds()) - Date.parse(seenAt) > 4_000);
    expect((await incidents()).filter(({ cause }) => cause.startsWith('queue-depth'))).toHaveLength(2);
    expect(mail.mails.filter(({ text }) => text.includes('regione.anagrafe'))).toHaveLength(1);
    expect(webhook.received.filter(({ body }) => body.includes('regione.anagrafe'))).toHaveLength(1);
  }, 60_000);

  it('6. an operator sees the incidents of its bodies, and those of the platform are the platform’s', async () => {
    await put('disk', DISK);
    const causes = async (as: OperatorName) =>
      [...new Set((await incidents('', as)).map(({ cause }) => cause.replace(/^disk .*/, 'disk')))].sort();
    await until(async () => (await causes('platform')).includes('disk'));
    expect(await causes('platform')).toEqual([
      'disk',
      'queue-depth pratola.protocollo',
      'queue-depth regione.anagrafe',
    ]);
    expect(await causes('auditor')).toEqual(await causes('platform'));
    expect(await causes('region')).toEqual(['queue-depth pratola.protocollo', 'queue-depth regione.anagrafe']);
    expect(await causes('sulmona')).toEqual([]);
    const pratola = await incidentOf('queue-depth pratola.protocollo', 'open');
    const refused = await admin(`/${pratola.id}/acknowledge`, 'sulmona', { method: 'POST' });
    expect(codeOf(refused)).toEqual([404, 'alert-unknown']);
    expect(codeOf(await admin(`/${pratola.id}/acknowledge`, 'auditor', { method: 'POST' }))[0]).toBe(403);
    const page = (await admin('?limit=1')).json<{ items: Incident[]; next: string }>();
    const next = (await admin(`?limit=1&before=${page.next}`)).json<{ items: Incident[] }>();
    expect(next.items[0]!.id < page.items[0]!.id).toBe(true);
    expect((await incidents('?severity=critical')).every(({ cause }) => cause.startsWith('disk'))).toBe(true);
  }, 60_000);

  it('6. is acknowledged and silenced with who and why, also in the audit; resolved it is told once and is over', async () => {
    const region = await incidentOf('queue-depth regione.anagrafe', 'open');
    const pratola = await incidentOf('queue-depth pratola.protocollo', 'open');
    const taken = await admin(`/${region.id}/acknowledge?reason=ci+penso+io`, 'region', { method: 'POST' });
    expect(taken.json()).toMatchObject({ state: 'acknowledged', reason: 'ci penso io' });
    const silenced = await admin(`/${pratola.id}/silence?minutes=60`, 'centre', { method: 'POST' });
    expect(silenced.json()).toMatchObject({ state: 'silenced' });
    expect(codeOf(await admin(`/${pratola.id}/silence?minutes=0`, 'centre', { method: 'POST' }))).toEqual([
      400,
      'parameter-wrong',
    ]);
    const audit = await http(`${nodes[0]!.url}/admin/audit?subject=${region.id}`, { headers: bearer('platform') });
    expect(audit.json<{ items: object[] }>().items).toEqual([
      expect.objectContaining({ event: 'alert.acknowledged', participants: ['r_abruzz'] }),
    ]);
    for (const key of [KEYS.regione, KEYS.pratola]) {
      const { messages } = (await http(`${nodes[0]!.url}/box/messages`, { key })).json<{
        messages: { deliveryId: string; lease: string }[];
      }>();
      for (const { deliveryId, lease } of messages)
        await http(`${nodes[0]!.url}/box/messages/${deliveryId}/ack`, { key, body: { lease } });
    }
    await Promise.all([region, pratola].map(({ cause }) => incidentOf(cause, 'resolved')));
    const told = await mail.next(({ text }) => text.includes('RESOLVED queue-depth of regione.anagrafe'));
    // Of what was silenced nobody is told, not even that it is over.
    expect(told.text).not.toContain('pratola');
    expect(codeOf(await admin(`/${region.id}/acknowledge`, 'region', { method: 'POST' }))).toEqual([
      409,
      'alert-state-wrong',
    ]);
  }, 60_000);

  it('6. a rule that is taken away is as it was delivered, and its incidents resolve', async () => {
    const removed = await admin('/rules/disk', 'platform', { method: 'DELETE' });
    const { items } = removed.json<{ items: { id: string; isDefault: boolean }[] }>();
    expect(items.find(({ id }) => id === 'disk')).toMatchObject({ isDefault: true });
    await until(async () => (await incidents('?state=open')).every(({ cause }) => !cause.startsWith('disk')));
  }, 60_000);

  it('6. tells of failed deliveries and of a body that has fallen silent', async () => {
    await put('silence', { kind: 'silence', enabled: true, severity: 'warning', threshold: 0 });
    const silent = await incidentOf('silence c_i804', 'open');
    expect(silent.participants).toEqual(['c_i804']);
    const sent = await http(`${nodes[0]!.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: noticeJson('r_abruzz'),
    });
    expect(idOf(sent)).not.toBe('');
    for (let n = 0; n < 10; n++) {
      const { headers } = await http(`${nodes[0]!.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
        key: KEYS.sulmona,
        body: noticeJson('c_h007'),
      });
      const cancel = `${nodes[0]!.url}/box/messages`;
      const { messages } = (await http(`${cancel}?wait=20`, { key: KEYS.pratola })).json<{
        messages: { deliveryId: string; lease: string; id: string }[];
      }>();
      const { deliveryId, lease } = messages.find(({ id }) => id === headers['x-gateway-id'])!;
      await http(`${cancel}/${deliveryId}/nack`, { key: KEYS.pratola, body: { lease, refuse: 'non mio' } });
    }
    const failing = await incidentOf('error-rate pratola.protocollo', 'open');
    expect(failing.participants).toEqual(['c_h007']);
  }, 60_000);
});
